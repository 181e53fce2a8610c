"""A stack whose function has the rights of its role, and no others."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from dev.simulator.shown import Shown
from dev.simulator.stack import Stack

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from dev.simulator.events import Event
    from local_cloud import LocalCloud
    from permissions.declaring import Declaration, Permission, Statement

_ROLE_NAME = "tested"
_OWN_TAGS = "cdk-iam-server-certificate:"
_FIRST_ERROR_STATUS = 300


class StepFailedError(Exception):
    """A step of a life cycle failed, or left something else behind than it should."""


class Role:
    """
    A role: the function's, or that of a person.

    Args:
        cloud: The local cloud.
        account_id: The account; default: the cloud's.
    """

    def __init__(self, cloud: LocalCloud, *, account_id: str | None = None) -> None:
        self._cloud = cloud
        self._iam = cloud.client("iam", account_id=account_id)
        trust = {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{account_id or cloud.account_id}:root"},
            "Action": "sts:AssumeRole",
        }
        role = self._iam.create_role(
            RoleName=_ROLE_NAME,
            AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
        )
        session = cloud.client("sts", account_id=account_id).assume_role(
            RoleArn=role["Role"]["Arn"], RoleSessionName="invocation"
        )
        self.credentials: Mapping[str, Any] = session["Credentials"]

    def may(self, statements: Iterable[Statement]) -> None:
        """Replace the policy."""
        document = {"Version": "2012-10-17", "Statement": list(statements)}
        self._iam.put_role_policy(
            RoleName=_ROLE_NAME, PolicyName="policy", PolicyDocument=json.dumps(document)
        )

    def client(self, service: str) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
        """Return a client that acts as the role."""
        return self._cloud.client(service, credentials=self.credentials)


@dataclass(kw_only=True)
class GuardedAccount(Shown):
    """
    The local cloud as the function sees it.

    Everything is really called, and allowed or denied. Only what CloudFormation says of the stack
    comes from the test once it was allowed: the stack that is there is at rest.
    """

    role: Role
    denied: list[str] = field(default_factory=list)
    """The messages about denied calls."""

    afterwards: dict[str, Callable[[], None]] = field(default_factory=dict)
    """What happens right after the next call of an action."""

    _clients: dict[str, Any] = field(default_factory=dict)

    def client(self, service: str) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
        """Return the client of a service that acts as the role."""
        if service not in self._clients:
            client = self.role.client(service)
            client.meta.events.register("after-call", self._after_call)
            self._clients[service] = client
        return self._clients[service]

    def _after_call(
        self,
        http_response: Any,  # noqa: ANN401 - botocore is untyped
        parsed: dict[str, Any],
        model: Any,  # noqa: ANN401 - botocore is untyped
        **_: object,
    ) -> None:
        if http_response.status_code >= _FIRST_ERROR_STATUS:
            if parsed["Error"]["Code"].startswith("AccessDenied"):
                self.denied.append(parsed["Error"]["Message"])
            return
        if model.name == "DescribeStacks":
            (stack,) = parsed["Stacks"]
            stack["StackStatus"] = self.stack_statuses[stack["StackId"]]
        elif model.name == "ListStackResources":
            parsed["StackResourceSummaries"] = [
                {
                    "LogicalResourceId": logical_id,
                    "PhysicalResourceId": physical_id,
                    "ResourceStatus": status,
                }
                for (_, logical_id), (physical_id, status) in self.resources.items()
            ]
        if model.name in self.afterwards:
            self.afterwards.pop(model.name)()


class GuardedStack(Stack):
    """
    A stack in the local cloud that brings in the policy of a template before its certificate.

    Args:
        cloud: The local cloud.
        role: The function's role.
        stack_id: The stack.
        missing: A permission to remove from the policies.
    """

    def __init__(
        self, cloud: LocalCloud, role: Role, stack_id: str, *, missing: Permission | None = None
    ) -> None:
        self.guarded = GuardedAccount(role=role)
        super().__init__(self.guarded, now=datetime.now(UTC))  # type: ignore[arg-type] # it has what is asked of it
        self.stack_id = stack_id
        self.step = "before the first step"
        self.log: list[str] = []
        self._admin = cloud.client("iam")
        self._secrets = cloud.client("secretsmanager")
        self._missing = missing
        self._declarations: list[Declaration] = []
        self._cleans_up = True

    @property
    def complaints(self) -> str:
        """What the function logged as wrong, and answered."""
        return "\n".join([*self.log, *(answer["Reason"] for answer in self.answers)])

    def launch(self, declaration: Declaration, *, step: str, alone: bool = True) -> None:
        """
        Create the stack.

        Args:
            declaration: Its new properties.
            step: What to call the step.
            alone: Whether its certificate is the only one of the account.
        """
        self._begin(step, declaration)
        self.logical_id = declaration.logical_id
        self._grant(declaration.properties)
        self.create(declaration.properties)
        if alone:
            self._check_holds(declaration)

    def deploy(self, declaration: Declaration, *, step: str, cleans_up: bool = True) -> None:
        """
        Update the stack.

        Args:
            declaration: Its new properties.
            step: What to call the step.
            cleans_up: Whether CloudFormation gets round to removing what was replaced.
        """
        self._begin(step, declaration)
        self._cleans_up = cleans_up
        self.update(declaration.properties)
        self._cleans_up = True
        if cleans_up:
            self._check_holds(declaration)

    def deploy_in_vain(self, declaration: Declaration, *, step: str) -> None:
        """Update the stack, and roll back because another resource fails."""
        before = self.certificates()
        self._begin(step, declaration)
        self.update(declaration.properties, neighbor_fails=True)
        self._check(before)

    def give_up(self, declaration: Declaration, *, after: str, step: str) -> None:
        """
        Update the stack, and begin to roll back while the function is still at work.

        Args:
            declaration: What it should have become.
            after: The action after which the policy is the one from before.
            step: What to call the step.
        """
        before, properties = self.certificates(), self.properties
        self._begin(step, declaration)

        def roll_back() -> None:
            self.status = "UPDATE_ROLLBACK_IN_PROGRESS"
            self._grant(properties)

        self.guarded.afterwards[after] = roll_back
        self.status = "UPDATE_IN_PROGRESS"
        try:
            self.send_update(declaration.properties)
        except StepFailedError:
            if "were rolled back" not in self.answers[-1]["Reason"]:
                raise
        else:
            raise StepFailedError(f"{step}: the function did not notice")
        self._check(before)
        self.status = "UPDATE_ROLLBACK_IN_PROGRESS"
        self.send(
            "Update",
            PhysicalResourceId=self.physical_id,
            ResourceProperties=properties,
            OldResourceProperties=declaration.properties,
        )
        self._check(before)

    def remove(self, *, step: str) -> None:
        """Delete the stack."""
        self.step = step
        self.delete()
        self._check({})

    def store_by_hand(self, declaration: Declaration, *, path: str, tags: Mapping[str, str]) -> str:
        """Store what a template declares, as a person could, and return its id."""
        properties = declaration.properties
        secret = self._secrets.get_secret_value(SecretId=properties["PrivateKey"]["SecretArn"])
        stored = self._admin.upload_server_certificate(
            ServerCertificateName=properties["ServerCertificateName"],
            Path=path,
            CertificateBody=properties["Certificate"]["Text"],
            CertificateChain=properties["CertificateChain"]["Text"],
            PrivateKey=secret["SecretString"],
            Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
        )
        return str(stored["ServerCertificateMetadata"]["ServerCertificateId"])

    def untag_by_hand(self) -> None:
        """Remove the tags by which the stack knows its certificate, as a person could."""
        for name, _, _, _ in self.certificates().values():
            tags = self._admin.list_server_certificate_tags(ServerCertificateName=name)["Tags"]
            keys = [tag["Key"] for tag in tags if tag["Key"].startswith(_OWN_TAGS)]
            self._admin.untag_server_certificate(ServerCertificateName=name, TagKeys=keys)

    def certificates(self) -> dict[str, tuple[str, str, str, dict[str, str]]]:
        """Return name, path, content and the user's tags of all certificates, by their ids."""
        found = {}
        for listed in self._admin.list_server_certificates()["ServerCertificateMetadataList"]:
            stored = self._admin.get_server_certificate(
                ServerCertificateName=listed["ServerCertificateName"]
            )["ServerCertificate"]
            found[listed["ServerCertificateId"]] = (
                listed["ServerCertificateName"],
                listed["Path"],
                stored["CertificateBody"].strip(),
                {
                    tag["Key"]: tag["Value"]
                    for tag in stored.get("Tags", [])
                    if not tag["Key"].startswith(_OWN_TAGS)
                },
            )
        return found

    def _run(self, event: Event) -> None:
        """Run the function with an event, under the policy of its template; it must succeed."""
        if event["RequestType"] == "Delete" and not self._cleans_up:
            return
        if event["RequestType"] == "Update":
            self._grant(event["ResourceProperties"])
        heard = _Listener(self.log)
        logger = logging.getLogger("server_certificate_handler")
        logger.addHandler(heard)
        try:
            super()._run(event)
        finally:
            logger.removeHandler(heard)
        answer = self.answers[-1]
        if answer["Status"] != "SUCCESS":
            raise StepFailedError(f"{self.step}: {event['RequestType']}: {answer['Reason']}")

    def _begin(self, step: str, declaration: Declaration) -> None:
        self.step = step
        self._declarations.append(declaration)

    def _grant(self, properties: Mapping[str, Any]) -> None:
        """Give the role the policy from the template with these properties."""
        declared = next(each for each in self._declarations if each.properties == properties)
        statements = declared.statements
        missing = self._missing
        self.guarded.role.may(missing.taken_from(statements) if missing else statements)

    def _check_holds(self, declaration: Declaration) -> None:
        properties = declaration.properties
        found = self.certificates()
        name = properties.get("ServerCertificateName")
        generated = (
            each for each, *_ in found.values() if each.startswith(properties["NamePrefix"])
        )
        tags = {tag["Key"]: tag["Value"] for tag in properties.get("Tags", [])}
        self._check(
            {
                self.physical_id: (
                    name or next(generated, "a generated name"),
                    properties["Path"],
                    properties["Certificate"]["Text"].strip(),
                    tags,
                )
            }
        )

    def _check(self, expected: object) -> None:
        found = self.certificates()
        if found != expected:
            raise StepFailedError(f"{self.step}: there is {found} instead of {expected}")


class _Listener(logging.Handler):
    """Notes warnings and errors."""

    def __init__(self, notes: list[str]) -> None:
        super().__init__(logging.WARNING)
        self._notes = notes

    def emit(self, record: logging.LogRecord) -> None:
        self._notes.append(str(record.msg))


def delete_all(cloud: LocalCloud) -> None:
    """Leave no certificate in the account."""
    iam = cloud.client("iam")
    for listed in iam.list_server_certificates()["ServerCertificateMetadataList"]:
        iam.delete_server_certificate(ServerCertificateName=listed["ServerCertificateName"])


def refusal(client: Any, method: str, **parameters: object) -> str:  # noqa: ANN401 - boto3's
    """Call, and return the message of a refusal; empty if it was allowed."""
    try:
        getattr(client, method)(**parameters)
    except ClientError as error:
        return str(error)
    return ""
