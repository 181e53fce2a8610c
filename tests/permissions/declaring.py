"""What the construct puts into a template: a certificate, and what the function's role may."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from aws_cdk import App, Duration, Stack, Tags
from aws_cdk import aws_kms as kms
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk.assertions import Template

from cdk_iam_server_certificate import (
    CertificateMaterial,
    CertificateSource,
    PrivateKeySource,
    ServerCertificate,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from dev.certificates.authority import Issued

Statement = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Key:
    """Where a private key lies."""

    secret_arn: str
    encryption_key_arn: str | None = None


@dataclass(frozen=True, kw_only=True)
class Declaration:
    """One state of a template, as CloudFormation resolves it."""

    logical_id: str
    properties: dict[str, Any]
    statements: tuple[Statement, ...]
    """Of the policy of the function's role."""

    @property
    def adopting(self) -> Declaration:
        """The same, for a certificate that is there already."""
        return replace(self, properties=self.properties | {"Adopt": "true"})


@dataclass(frozen=True, kw_only=True)
class Permission:
    """A statement, or one action or resource of it."""

    statement: str
    action: str | None = None
    resource: int | None = None
    """Its place in the statement: what it is called differs between the states of a template."""

    actions: tuple[str, ...]
    """What cannot be done without it."""

    def taken_from(self, statements: Iterable[Statement]) -> list[Statement]:
        """Return what is left of a policy without it."""
        left = []
        for statement in statements:
            if key_of(statement) != self.statement:
                left.append(statement)
            elif self.action is not None:
                kept = [each for each in actions_of(statement) if each != self.action]
                left += [statement | {"Action": kept}] if kept else []
            elif self.resource is not None:
                resources = statement["Resource"]
                others = [*resources[: self.resource], *resources[self.resource + 1 :]]
                left.append(statement | {"Resource": others})
        return left


@dataclass(frozen=True)
class Synthesizer:
    """
    Synthesizes the states of a stack.

    Args:
        pseudo_parameters: What CloudFormation says of the stack, by the names of the references.
    """

    pseudo_parameters: Mapping[str, str]
    _construct_ids: tuple[str, str] = field(default=("web", "Certificate"), init=False)

    def declare(
        self,
        issued: Issued,
        key: Key,
        *,
        name: str | None = None,
        path: str = "/",
        tags: Mapping[str, str] | None = None,
    ) -> Declaration:
        """Declare a certificate; the function's code is of no interest and isn't staged."""
        stack_name, construct_id = self._construct_ids
        stack = Stack(App(context={"aws:cdk:bundling-stacks": []}), stack_name)
        secret = secretsmanager.Secret.from_secret_attributes(
            stack,
            "Key",
            secret_complete_arn=key.secret_arn,
            encryption_key=kms.Key.from_key_arn(stack, "EncryptionKey", key.encryption_key_arn)
            if key.encryption_key_arn
            else None,
        )
        certificate = ServerCertificate(
            stack,
            construct_id,
            material=CertificateMaterial.from_parts(
                certificate=CertificateSource.from_text(issued.pem),
                chain=CertificateSource.from_text(issued.chain_pem()),
                private_key=PrivateKeySource.from_secret(secret),
            ),
            server_certificate_name=name,
            path=path,
            propagation_time=Duration.seconds(0),
        )
        for tag, value in (tags or {}).items():
            Tags.of(certificate).add(tag, value)
        return self._read(Template.from_stack(stack))

    def _read(self, template: Template) -> Declaration:
        ((logical_id, resource),) = template.find_resources("Custom::IamServerCertificate").items()
        policies = template.find_resources("AWS::IAM::Policy").values()
        return Declaration(
            logical_id=logical_id,
            properties=self._resolved(resource["Properties"]),
            statements=tuple(
                self._resolved(statement)
                for policy in policies
                for statement in policy["Properties"]["PolicyDocument"]["Statement"]
            ),
        )

    def _resolved(self, value: Any) -> Any:  # noqa: ANN401 - JSON
        match value:
            case {"Ref": name, **rest} if not rest:
                return self.pseudo_parameters[name]
            case {"Fn::Join": [separator, parts], **rest} if not rest:
                return separator.join(self._resolved(part) for part in parts)
            case {"Fn::GetAtt": [logical_id, attribute], **rest} if not rest and attribute == "Arn":
                # Of the log and the function, on which no call is made here.
                return f"arn:aws:any:eu-central-1:111122223333:{logical_id}"
            case dict():
                return {key: self._resolved(each) for key, each in value.items()}
            case list():
                return [self._resolved(each) for each in value]
        return value


def key_of(statement: Statement) -> str:
    """Tell a statement in all states of a template: by its id, or by what it is about."""
    return str(statement.get("Sid") or " ".join(actions_of(statement)))


def actions_of(statement: Statement) -> list[str]:
    """Return the actions of a statement."""
    actions = statement["Action"]
    return [actions] if isinstance(actions, str) else list(actions)


def permissions_of(declarations: Iterable[Declaration]) -> Iterator[Permission]:
    """Yield every statement that any state of a template has, and every action and resource of it."""
    yield from dict.fromkeys(
        permission
        for declaration in declarations
        for statement in declaration.statements
        for permission in _parts_of(statement)
    )


def _parts_of(statement: Statement) -> Iterator[Permission]:
    key, actions = key_of(statement), tuple(actions_of(statement))
    yield Permission(statement=key, actions=actions)
    for action in actions:
        yield Permission(statement=key, action=action, actions=(action,))
    if isinstance(statement["Resource"], list):
        for resource in range(len(statement["Resource"])):
            yield Permission(statement=key, resource=resource, actions=actions)
