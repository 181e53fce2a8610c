"""Check the certificates of a stack after aspects ran, with few calls to the CDK's process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import jsii
from constructs import IValidation

if TYPE_CHECKING:
    from aws_cdk import IResolvable, Stack
    from constructs import Construct

    from cdk_iam_server_certificate.synth.checks import SynthChecks


@jsii.implements(IValidation)
class LateChecks:
    """
    The validation of a stack, which reports the problems of each certificate under its own path.

    A validation for each certificate, which reads its tags, would be five more calls to the CDK's
    process for each.
    """

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._certificates: list[tuple[Construct, SynthChecks, IResolvable]] = []
        self._reports: dict[Construct, _Report] = {}
        stack.node.add_validation(self)

    def add(self, certificate: Construct, checks: SynthChecks, tags: IResolvable) -> None:
        """Add a certificate and its rendered tags."""
        self._certificates.append((certificate, checks, tags))

    def validate(self) -> list[str]:
        """Give each certificate its problems to report. The CDK validates a stack before its children."""
        # Those without tags are missing in the result.
        tagged = self._stack.resolve(
            {str(number): tags for number, (_, _, tags) in enumerate(self._certificates)}
        )
        for number, (certificate, checks, _) in enumerate(self._certificates):
            problems = checks.problems(_known(tagged.get(str(number), [])))
            if problems and certificate not in self._reports:
                self._reports[certificate] = _Report()
                certificate.node.add_validation(self._reports[certificate])
            if report := self._reports.get(certificate):
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
