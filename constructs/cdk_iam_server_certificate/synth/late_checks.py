"""Check the certificates of a stack after aspects ran, with few calls to the CDK's process."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import jsii
from constructs import IValidation

if TYPE_CHECKING:
    from aws_cdk import IResolvable, Stack
    from constructs import Construct

    from cdk_iam_server_certificate.synth.checks import SynthChecks
    from cdk_iam_server_certificate.synth.secrets_in_template import SecretsInTemplate


class _Certificate(NamedTuple):
    construct: Construct
    checks: SynthChecks
    secrets: SecretsInTemplate
    tags: IResolvable


@jsii.implements(IValidation)
class LateChecks:
    """
    The validation of a stack, which reports the problems of each certificate under its own path.

    A validation for each certificate, which reads its tags, would be five more calls to the CDK's
    process for each.
    """

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._certificates: list[_Certificate] = []
        self._reports: dict[Construct, _Report] = {}
        stack.node.add_validation(self)

    def add(
        self,
        certificate: Construct,
        checks: SynthChecks,
        secrets: SecretsInTemplate,
        tags: IResolvable,
    ) -> None:
        """Add a certificate, its checks, and its rendered tags."""
        self._certificates.append(_Certificate(certificate, checks, secrets, tags))

    def validate(self) -> list[str]:
        """Give each certificate its problems to report. The CDK validates a stack before its children."""
        # Those without tags are missing in the result.
        tagged = self._stack.resolve(
            {str(number): each.tags for number, each in enumerate(self._certificates)}
        )
        for number, each in enumerate(self._certificates):
            problems = [
                *each.checks.problems(_known(tagged.get(str(number), []))),
                *each.secrets.problems(),
            ]
            if problems and each.construct not in self._reports:
                self._reports[each.construct] = _Report()
                each.construct.node.add_validation(self._reports[each.construct])
            if report := self._reports.get(each.construct):
                report.problems = problems
        return []


@jsii.implements(IValidation)
class _Report:
    """The problems of one certificate."""

    problems: list[str]

    def validate(self) -> list[str]:
        """Return a line for each problem, for the CDK to report."""
        return self.problems


def _known(tags: list[dict[str, object]]) -> dict[str, str]:
    """Return the tags without those that are only known at deploy time."""
    pairs = ((tag["Key"], tag["Value"]) for tag in tags)
    return {key: value for key, value in pairs if isinstance(key, str) and isinstance(value, str)}
