"""What cdk-nag is told about the wildcards in the policies of the function's role."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import jsii
from aws_cdk import Aspects, IAspect, Stack

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aws_cdk import CfnResource
    from constructs import IConstruct

RULE: Final = "AwsSolutions-IAM5"
"""The rule of cdk-nag that asks for evidence of each wildcard."""

_TEMPLATE_METADATA: Final = "cdk_nag"
_CONSTRUCT_METADATA: Final = "aws:cdk:acknowledged-rules"

_ANY: Final = "*"
_ANY_CERTIFICATE: Final = re.compile(r"arn:.+:iam::.+:server-certificate/.*\*.*")

_LISTING: Final = (
    "iam:ListServerCertificates names no certificate, and IAM checks it on a path prefix that only"
    " '*' covers."
)
_CERTIFICATES: Final = (
    "Certificates of this stack: paths and fingerprints in their ARNs change with each rename and"
    " renewal, and every change of a certificate without a name of this stack asks for its tag."
)


def explain_wildcards(policy: CfnResource) -> None:
    """
    Say for each wildcard in a policy why it is there, in the words that cdk-nag understands.

    cdk-nag 2 reads metadata of the template, cdk-nag 3 metadata of the construct, in which each
    finding stands in full; neither is imported. Only the wildcards of server certificates are
    spoken for: one that comes from elsewhere, such as a secret's ARN, is the app's to judge.

    Args:
        policy: A ``CfnPolicy`` or ``CfnManagedPolicy`` of the function's role.
    """
    policy.add_metadata(_TEMPLATE_METADATA, {"rules_to_suppress": _suppressions()})
    # Which resources the policy has is known once all certificates are declared.
    Aspects.of(policy).add(_Acknowledgement())


@jsii.implements(IAspect)
class _Acknowledgement:
    def visit(self, node: IConstruct) -> None:
        """Acknowledge what the policy has come to."""
        document = Stack.of(node).resolve(node.policy_document)  # type: ignore[attr-defined]
        reasons = {
            f"{RULE}[Resource::{resource}]": reason
            for resource in _resources(document)
            if (reason := _reason(resource))
        }
        if reasons:
            node.node.add_metadata(_CONSTRUCT_METADATA, reasons)


def _suppressions() -> list[dict[str, Any]]:
    return [
        {"id": RULE, "reason": _LISTING, "applies_to": [f"Resource::{_ANY}"]},
        {
            "id": RULE,
            "reason": _CERTIFICATES,
            "applies_to": [
                {"regex": f"/^Resource::{_ANY_CERTIFICATE.pattern.replace('/', '[/]')}$/"}
            ],
        },
    ]


def _resources(document: dict[str, Any]) -> Iterator[str]:
    for statement in document["Statement"]:
        resources = statement["Resource"]
        for resource in resources if isinstance(resources, list) else [resources]:
            yield _flat(resource)


def _reason(resource: str) -> str | None:
    if resource == _ANY:
        return _LISTING
    return _CERTIFICATES if _ANY_CERTIFICATE.fullmatch(resource) else None


def _flat(value: Any) -> str:  # noqa: ANN401 - whatever stands in a template
    """Write a value of a template as cdk-nag does: joined, with references in angle brackets."""
    match value:
        case str():
            return value.replace("${", "<").replace("}", ">")
        case {"Fn::Join": [delimiter, items]}:
            return str(delimiter).join(map(_flat, items))
        case {"Fn::Sub": str(template)}:
            return _flat(template)
        case {"Ref": name}:
            return f"<{name}>"
        case {"Fn::GetAtt": [resource, attribute]}:
            return f"<{resource}.{attribute}>"
        case _:
            return ""
