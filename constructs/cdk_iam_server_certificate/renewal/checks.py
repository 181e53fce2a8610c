"""Find what would keep a stack's certificates from renewing, after everything is declared."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cdk_iam_server_certificate.attributes import attribute_or_none
from cdk_iam_server_certificate.renewal.tree import RootTree
from cdk_iam_server_certificate.synth.consumers.tree import declared_path
from server_certificate.contract.renewal import MAX_CERTIFICATES
from server_certificate.rules.renewal import (
    CONSUMER_NOT_PERMITTED,
    RENEWAL_KEEPS_ROLE,
    RENEWAL_WITH_TRANSFORM,
    TOO_MANY_RENEWALS,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cdk_iam_server_certificate.renewal.member import Member
    from cdk_iam_server_certificate.renewal.root import Root
    from server_certificate.findings import Finding

_SUBJECT = "renew_automatically"


def check_stack(root: Root) -> Iterator[Finding]:
    """Report what concerns all certificates of a root stack that renew."""
    tree = RootTree(root)
    for stack in (root.stack, *tree.nested_stacks):
        if transforms := stack.template_options.transforms:
            yield RENEWAL_WITH_TRANSFORM.finding(
                _SUBJECT,
                f"the template of '{stack.node.path}' has the transform"
                f" {', '.join(map(repr, transforms))}.",
            )
    # Synthesizers without a role don't have the attribute, or have no value.
    if attribute_or_none(root.stack.synthesizer, "cloudFormationExecutionRoleArn") is None:
        yield RENEWAL_KEEPS_ROLE.finding(
            _SUBJECT, f"the synthesizer of '{root.path}' has no execution role for CloudFormation."
        )


def check_secret(members: Sequence[Member]) -> Iterator[Finding]:
    """Report if too many certificates renew with one secret."""
    if len(members) > MAX_CERTIFICATES:
        yield TOO_MANY_RENEWALS.finding(
            _SUBJECT,
            f"{len(members)} certificates of the stack renew with the same secret, but at most"
            f" {MAX_CERTIFICATES} can.",
        )


def check_consumers(root: Root, member: Member) -> Iterator[Finding]:
    """Report the resources that use a certificate and that the role for renewals may not update."""
    for resource in RootTree(root).strangers([member.usage]):
        yield CONSUMER_NOT_PERMITTED.finding(
            "certificate",
            f"'{declared_path(resource)}' ({resource.cfn_resource_type}) uses it and changes with each"
            " renewal.",
        )
