"""The check of a stack's certificates for consumers that a renewal doesn't reach."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

import jsii
from aws_cdk import Annotations
from constructs import IValidation

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

_ID_OF_FINDINGS: Final = "cdk-iam-server-certificate"


@jsii.implements(IValidation)
class ConsumerChecks:
    """
    The checks of all certificates of a stack.

    The CDK validates after it has resolved the references between stacks, so that their exports are
    in the tree by then, and before it writes the annotations of the constructs.
    """

    def __init__(self, root_stack: Stack) -> None:
        self._root = root_stack
        self._usages: list[Usage] = []

    @classmethod
    def register(cls, usage: Usage, *, holder: IConstruct, root_stack: Stack) -> None:
        """
        Check the use of a certificate, together with that of its stack's other certificates.

        Args:
            usage: The use of the certificate.
            holder: The construct that all certificates of a stack share.
            root_stack: The top-level stack of the certificate.
        """
        checks = _CHECKS.get(holder)
        if checks is None:
            checks = _CHECKS[holder] = cls(root_stack)
            holder.node.add_validation(checks)
        checks._usages.append(usage)

    def validate(self) -> list[str]:
        """Annotate the certificates. Nothing that is found stops the synthesis."""
        # An attribute that the app never asked for can't be used, and reading the tree takes time.
        usages = [usage for usage in self._usages if usage.attributes]
        if not usages:
            return []
        constructs = self._root.node.find_all()
        for usage, crossings in self._crossings(usages, constructs).items():
            _annotate(usage, check_crossings(crossings, is_named=usage.is_named))
        named = [each for each in usages if each.is_named and Attribute.ARN in each.attributes]
        listeners = tree.listeners(constructs) if named else []
        for usage in named:
            _annotate(usage, check_listeners(_using(usage, listeners)))
        return []

    def _crossings(
        self, usages: Iterable[Usage], constructs: Sequence[IConstruct]
    ) -> dict[Usage, list[Crossing]]:
        """Return the attributes that leave the stack, by the certificate."""
        found = [
            (usage, attribute, value)
            for value in tree.outgoing(self._root, constructs)
            for usage in usages
            for attribute in _attributes_in(value, usage)
        ]
        wanted = frozenset(value.source for _, _, value in found)
        paths: defaultdict[Reference, list[str]] = defaultdict(list)
        if wanted:
            others = tree.depending_on(self._root)
            for source, path in tree.consumers(others, wanted):
                paths[source].append(path)
        crossings: defaultdict[Usage, list[Crossing]] = defaultdict(list)
        for usage, attribute, value in found:
            overridden = usage.distributions_outside(self._root) if attribute == REF else []
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


def _annotate(usage: Usage, findings: Iterable[Finding]) -> None:
    for finding in findings:
        if finding.code not in usage.acknowledged:
            Annotations.of(usage.construct).add_warning_v2(
                f"{_ID_OF_FINDINGS}:{finding.code}", str(finding)
            )


_CHECKS: dict[IConstruct, ConsumerChecks] = {}
"""The checks of each stack, by the construct that its certificates share."""
