"""Find what would keep a stack's certificates from renewing, after everything is declared."""

from __future__ import annotations

from collections import defaultdict
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
    from collections.abc import Iterable, Iterator, Sequence

    from cdk_iam_server_certificate.renewal.member import Member
    from cdk_iam_server_certificate.renewal.root import Root
    from cdk_iam_server_certificate.synth.consumers import Usage
    from server_certificate.findings import Finding

_SUBJECT = "renew_automatically"


def check_renewals(root: Root, members: Sequence[Member]) -> Iterator[tuple[Usage, Finding]]:
    """
    Yield the findings about the certificates of a root stack that renew.

    What concerns several of them is reported once, at the first.

    Args:
        root: The root stack.
        members: Its certificates that renew, in the order of their declaration.
    """
    tree = RootTree(root)
    for finding in _of_stack(root, tree):
        yield members[0].usage, finding
    yield from _of_secrets(members)
    yield from _of_consumers(tree, [each.usage for each in members])


def _of_stack(root: Root, tree: RootTree) -> Iterator[Finding]:
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


def _of_secrets(members: Iterable[Member]) -> Iterator[tuple[Usage, Finding]]:
    by_secret: defaultdict[str | None, list[Member]] = defaultdict(list)
    for member in members:
        by_secret[member.location].append(member)
    for renewed in by_secret.values():
        if len(renewed) > MAX_CERTIFICATES:
            yield (
                renewed[0].usage,
                TOO_MANY_RENEWALS.finding(
                    _SUBJECT,
                    f"{len(renewed)} certificates of the stack renew with the same secret, but at most"
                    f" {MAX_CERTIFICATES} can.",
                ),
            )


def _of_consumers(tree: RootTree, usages: Iterable[Usage]) -> Iterator[tuple[Usage, Finding]]:
    """Report the resources that use a certificate and that the role for renewals may not update."""
    for usage, resource in tree.strangers(usages):
        yield (
            usage,
            CONSUMER_NOT_PERMITTED.finding(
                "certificate",
                f"'{declared_path(resource)}' ({resource.cfn_resource_type}) uses it and changes with"
                " each renewal.",
            ),
        )
