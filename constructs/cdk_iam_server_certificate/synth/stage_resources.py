"""The resources of a stage that can contain a secret, found by a reference or by a name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from aws_cdk import (
    CfnParameter,
    CfnResource,
    DefaultTokenResolver,
    Reference,
    Stack,
    StringConcat,
    Tokenization,
)
from aws_cdk import aws_s3_assets as assets
from aws_cdk import aws_secretsmanager as secretsmanager
from aws_cdk import aws_ssm as ssm

from cdk_iam_server_certificate.attributes import attribute
from cdk_iam_server_certificate.synth.literal_content import text_of
from cdk_iam_server_certificate.tokens import holds_token, split_at_tokens
from server_certificate.secrecy import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from aws_cdk import IPostProcessor, IResolvable, IResolveContext
    from constructs import IConstruct

SECRET: Final = "AWS::SecretsManager::Secret"  # noqa: S105 (a resource type)
ATTACHMENT: Final = "AWS::SecretsManager::SecretTargetAttachment"
PARAMETER: Final = "AWS::SSM::Parameter"
DEPLOYMENT: Final = "Custom::CDKBucketDeployment"
SDK_CALL: Final = "Custom::AWS"

_L1_TYPES: Final = {
    secretsmanager.CfnSecret: SECRET,
    secretsmanager.CfnSecretTargetAttachment: ATTACHMENT,
    ssm.CfnParameter: PARAMETER,
}
_PSEUDO_PARAMETER: Final = "${Token[AWS."
_INNER_IDS: Final = ("/Resource", "/CustomResource/Default", "/Resource/Default", "/Default")


class StageResources:
    """
    The resources of a stage that can contain a secret, during one synthesis.

    Args:
        stage: The stage, after all aspects.
    """

    def __init__(self, stage: IConstruct) -> None:
        self._targets: dict[str, tuple[CfnResource, ...]] = {}
        self._paths: dict[str, CfnResource] = {}
        self._resources: dict[str, list[CfnResource]] = {}
        self.assets: list[assets.Asset] = []
        self._parameters: list[CfnParameter] = []
        for each in stage.node.find_all():
            # isinstance would take milliseconds with each of the CDK's classes, which are abstract base classes.
            classes = type(each).__mro__
            if assets.Asset in classes:
                self.assets.append(cast("assets.Asset", each))
            elif CfnParameter in classes:
                self._parameters.append(cast("CfnParameter", each))
            elif CfnResource in classes and (kind := _kind_of(cast("CfnResource", each), classes)):
                self._resources.setdefault(kind, []).append(cast("CfnResource", each))

    def of(self, kind: str) -> Sequence[CfnResource]:
        """Return the resources of a type."""
        return self._resources.get(kind, ())

    def referred_to(self, value: str, scope: IConstruct) -> tuple[CfnResource, ...]:
        """Return the resources that a string refers to with tokens."""
        tokens = [
            piece
            for piece, is_token in split_at_tokens(value)
            if is_token and not piece.startswith(_PSEUDO_PARAMETER)
        ]
        for token in tokens:
            if token not in self._targets:
                self._targets[token] = tuple(self._at(_paths_in(token, scope)))
        return tuple(target for token in tokens for target in self._targets[token])

    def _at(self, paths: set[str]) -> Iterator[CfnResource]:
        if paths and not self._paths:
            self._paths = {
                each.node.path: each for group in self._resources.values() for each in group
            }
        return (self._paths[path] for path in paths if path in self._paths)

    def named(self, kind: str, name: str, stack: Stack) -> list[CfnResource]:
        """Return the resources of a type that have a name, and can be in the account of a stack."""
        return [
            each
            for each in self.of(kind)
            if property_of(each, "Name") == name and _may_be_in(each, stack.account)
        ]

    def text_of(self, resource: CfnResource, name: str) -> str:
        """Return the known text of a property, with the values of parameters."""
        return self.text(property_of(resource, name), resource.stack)

    def text(self, value: object, stack: Stack) -> str:
        """Return the known text of a resolved value in a stack."""
        return text_of(value, self._referred_in(stack))

    def _referred_in(self, stack: Stack) -> Any:  # noqa: ANN401 (a function)
        def referred(logical_id: str, of_attribute: str | None) -> object:
            for parameter in self._parameters:
                if parameter.stack == stack and stack.resolve(parameter.logical_id) == logical_id:
                    return self._value_of(parameter)
            for each in self.of(PARAMETER) if of_attribute == "Value" else ():
                if each.stack == stack and stack.resolve(each.logical_id) == logical_id:
                    return self.text_of(each, "Value")
            return None

        return referred

    def _value_of(self, parameter: CfnParameter) -> object:
        """Return the value of a parameter that is in a template: from a parent stack, or the default."""
        nested = parameter.stack.nested_stack_resource
        if nested is not None:
            parent = nested.stack
            values = property_of(nested, "Parameters") or {}
            if (value := values.get(parameter.node.id)) is not None:
                return self.text(value, parent)
        # The default of the special types is the name of a parameter of Systems Manager.
        return None if parameter.type.startswith("AWS::SSM::") else parameter.default


def property_of(resource: CfnResource, name: str) -> Any:  # noqa: ANN401 (properties have any type)
    """Return a property of a resource as in the template, without overrides."""
    properties = attribute(resource, "cfnProperties") or {}
    camel_case = name[0].lower() + name[1:]
    value = properties.get(name, properties.get(camel_case))
    return resource.stack.resolve(value)


def has_override(resource: CfnResource, *path: str) -> bool:
    """
    Return whether an override sets a value in the template.

    The CDK has no method that returns overrides. Its matchers can look into any object.
    """
    from aws_cdk.assertions import Match  # noqa: PLC0415 (needed only for secrets of the app)

    pattern: Any = Match.any_value()
    for key in reversed(path):
        pattern = {key: pattern}
    return not Match.object_like({"rawOverrides": pattern}).test(resource).has_failed()


def path_of(construct: IConstruct) -> str:
    """Return the path of the construct that made a resource, quoted for a message."""
    path = construct.node.path
    for inner in _INNER_IDS:
        if path.endswith(inner):
            path = path.removesuffix(inner)
            break
    return quoted(path)


def _kind_of(resource: CfnResource, classes: tuple[type, ...]) -> str | None:
    for l1_type, name in _L1_TYPES.items():
        if l1_type in classes:
            return name
    # Resources without a class of their own, such as custom resources.
    return resource.cfn_resource_type if classes[0] is CfnResource else None


def _may_be_in(resource: CfnResource, account: str) -> bool:
    own = resource.stack.account
    return own == account or holds_token(own) or holds_token(account)


class _References(DefaultTokenResolver):
    """Resolves a token, and keeps the references that it contains."""

    def __init__(self) -> None:
        super().__init__(StringConcat())
        self.found: list[Any] = []

    def resolve_token(
        self, t: IResolvable, context: IResolveContext, post_processor: IPostProcessor
    ) -> Any:  # noqa: ANN401 (tokens have any type)
        """Resolve a token as usual."""
        if Reference.is_reference(t):
            self.found.append(t)
        return super().resolve_token(t, context, post_processor)


def _paths_in(token: str, scope: IConstruct) -> set[str]:
    """Return the paths of the constructs that a token refers to."""
    first = Tokenization.reverse_string(token).first_token
    if Reference.is_reference(first):
        references: list[Any] = [first]
    else:
        resolver = _References()
        Tokenization.resolve(token, scope=scope, resolver=resolver, preparing=False)
        references = resolver.found
    return {reference.target.node.path for reference in references}
