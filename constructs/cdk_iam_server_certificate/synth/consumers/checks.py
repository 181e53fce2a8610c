"""The check of a stack's certificates for consumers that a renewal doesn't reach."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from cdk_iam_server_certificate.synth.consumers import tree
from cdk_iam_server_certificate.synth.consumers.crossings import (
    Crossing,
    check_crossings,
    check_listeners,
)
from cdk_iam_server_certificate.synth.consumers.references import REF
from server_certificate.contract.properties import Attribute

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from aws_cdk import CfnResource, Stack
    from constructs import IConstruct

    from cdk_iam_server_certificate.synth.consumers.references import Reference
    from cdk_iam_server_certificate.synth.consumers.usage import Usage
    from server_certificate.findings import Finding


def check_consumers(root_stack: Stack, usages: Iterable[Usage]) -> list[tuple[Usage, Finding]]:
    """
    Return findings about the certificates of a top-level stack.

    Args:
        root_stack: The stack, after the CDK has resolved the references between stacks, so that its
            exports are in the tree.
        usages: The use of all certificates in it, also of those in nested stacks.
    """
    # An attribute that the app never asked for can't be used, and reading the tree takes time.
    usages = [usage for usage in usages if usage.attributes]
    if not usages:
        return []
    constructs = root_stack.node.find_all()
    found = [
        (usage, finding)
        for usage, crossings in _crossings(root_stack, usages, constructs).items()
        for finding in check_crossings(crossings, is_named=usage.is_named, renews=usage.renews)
    ]
    named = [each for each in usages if each.is_named and Attribute.ARN in each.attributes]
    listeners = tree.listeners(constructs) if named else []
    found += [
        (usage, finding)
        for usage in named
        for finding in check_listeners(_using(usage, listeners), renews=usage.renews)
    ]
    return found


def _crossings(
    root_stack: Stack, usages: Iterable[Usage], constructs: Sequence[IConstruct]
) -> dict[Usage, list[Crossing]]:
    """Return the attributes that leave the stack, by the certificate."""
    found = [
        (usage, attribute, value)
        for value in tree.outgoing(root_stack, constructs)
        for usage in usages
        for attribute in _attributes_in(value, usage)
    ]
    wanted = frozenset(value.source for _, _, value in found)
    paths: defaultdict[Reference, list[str]] = defaultdict(list)
    if wanted:
        for source, path in tree.consumers(tree.depending_on(root_stack), wanted):
            paths[source].append(path)
    crossings: defaultdict[Usage, list[Crossing]] = defaultdict(list)
    for usage, attribute, value in found:
        overridden = usage.distributions_outside() if attribute == REF else []
        crossings[usage].append(
            Crossing(
                attribute=attribute,
                export=value.export,
                consumers=(*paths[value.source], *overridden),
            )
        )
    return crossings


def _attributes_in(value: tree.Outgoing, usage: Usage) -> set[str]:
    is_in_its_stack = value.stack is usage.stack
    found = (
        usage.target.attribute(each, is_in_its_stack=is_in_its_stack) for each in value.references
    )
    return {attribute for attribute in found if attribute}


def _using(usage: Usage, listeners: Iterable[CfnResource]) -> list[str]:
    """Return the paths of the listeners that use a certificate's ARN."""
    return [
        tree.declared_path(listener)
        for listener in listeners
        for stack in [listener.stack]
        if any(
            usage.target.attribute(each, is_in_its_stack=stack is usage.stack) == Attribute.ARN
            for each in tree.used_by(listener, stack)
        )
    ]
