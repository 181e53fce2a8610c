"""Acknowledge cdk-nag's findings about the function and the wildcards in its role's policies."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final, cast

import jsii
from aws_cdk import Aspects, IAspect, Stack

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aws_cdk import CfnResource
    from aws_cdk.aws_iam import CfnPolicy
    from constructs import IConstruct

_WILDCARDS: Final = "AwsSolutions-IAM5"
_RUNTIME: Final = "AwsSolutions-L1"

_TEMPLATE: Final = "cdk_nag"
_CONSTRUCT: Final = "aws:cdk:acknowledged-rules"

_ANY: Final = "*"
_ANY_CERTIFICATE: Final = re.compile(r"arn:.+:iam::.+:server-certificate/.*\*.*")
_LITERAL_ASTERISKS: Final = re.compile(r'[^*]*(?:(?:<\*>|[$]\{\*\}|\["\*",)[^*]*)+')
"""IAM's variable for an asterisk, and the CloudFormation functions that write it (``policy_literals``)."""


LISTING: Final = (
    "iam:ListServerCertificates doesn't apply to a single certificate. IAM authorizes it by a path prefix,"
    " which only '*' covers."
)
_CERTIFICATES: Final = (
    "The paths and fingerprints in the ARNs of certificates change with each rename and renewal."
    " Reading, which never returns a private key, is allowed for all certificates. Changing is only"
    " allowed for the names of this stack and for certificates with the tag of this stack."
)
_LITERAL: Final = (
    "This is not a wildcard: '${*}' stands for the character '*' in a name (IAM user guide, IAM"
    " policy elements: Variables and tags)."
)
_OLDER_RUNTIME: Final = (
    "Lambda supports this runtime. The newest runtime is not available in every partition, and an"
    " app can choose an older one."
)


def explain_wildcards(policy: CfnResource, *, every_resource: str) -> None:
    """
    Acknowledge the wildcards in a policy for cdk-nag, each with a reason.

    cdk-nag 2 reads the metadata of the template. cdk-nag 3 reads the metadata of the construct,
    which must contain the full text of each finding. Neither version is imported. This covers only
    the wildcards for server certificates, and asterisks in the names of sources, which are escaped.

    Args:
        policy: A ``CfnPolicy`` or ``CfnManagedPolicy``.
        every_resource: Why the policy has statements for the resource ``*``.
    """
    policy.add_metadata(_TEMPLATE, {"rules_to_suppress": _suppressions(every_resource)})
    # The resources of the policy are only known after all certificates are declared.
    Aspects.of(policy).add(_Acknowledgment(every_resource))


def explain_older_runtime(function: CfnResource) -> None:
    """
    Acknowledge for cdk-nag that the function doesn't use the newest runtime.

    Args:
        function: A ``CfnFunction``.
    """
    rule = {"id": _RUNTIME, "reason": _OLDER_RUNTIME}
    function.add_metadata(_TEMPLATE, {"rules_to_suppress": [rule]})
    function.node.add_metadata(_CONSTRUCT, {_RUNTIME: _OLDER_RUNTIME})


@jsii.implements(IAspect)
class _Acknowledgment:
    def __init__(self, every_resource: str) -> None:
        self._every_resource = every_resource

    def visit(self, node: IConstruct) -> None:
        """Acknowledge the wildcards in the complete policy."""
        document = Stack.of(node).resolve(cast("CfnPolicy", node).policy_document)
        reasons = {
            f"{_WILDCARDS}[Resource::{resource}]": reason
            for resource in _resources(document)
            if (reason := _reason(resource, self._every_resource))
        }
        if reasons:
            node.node.add_metadata(_CONSTRUCT, reasons)


def _suppressions(every_resource: str) -> list[dict[str, Any]]:
    shapes: list[tuple[str | dict[str, str], str]] = [
        (f"Resource::{_ANY}", every_resource),
        ({"regex": _expression(_ANY_CERTIFICATE)}, _CERTIFICATES),
        ({"regex": _expression(_LITERAL_ASTERISKS)}, _LITERAL),
    ]
    return [{"id": _WILDCARDS, "reason": reason, "applies_to": [shape]} for shape, reason in shapes]


def _expression(shape: re.Pattern[str]) -> str:
    return f"/^Resource::{shape.pattern.replace('/', '[/]')}$/"


def _resources(document: dict[str, Any]) -> Iterator[str]:
    for statement in document["Statement"]:
        resources = statement["Resource"]
        for resource in resources if isinstance(resources, list) else [resources]:
            yield _flat(resource)


def _reason(resource: str, every_resource: str) -> str | None:
    if resource == _ANY:
        return every_resource
    if _ANY_CERTIFICATE.fullmatch(resource):
        return _CERTIFICATES
    return _LITERAL if _LITERAL_ASTERISKS.fullmatch(resource) else None


def _flat(value: Any) -> str:  # noqa: ANN401 - any value of a template
    """Format a template value like cdk-nag: joined, with references in angle brackets."""
    match value:
        case str():
            return value.replace("${", "<").replace("}", ">")
        case {"Fn::Join": [delimiter, items]}:
            return str(delimiter).join(map(_flat, items))
        case {"Fn::Sub": template}:
            return _flat(template)
        case {"Ref": name}:
            return f"<{name}>"
        case {"Fn::GetAtt": [resource, attribute]}:
            return f"<{resource}.{attribute}>"
        case _:
            return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
