"""Check all certificates of a stage after aspects ran, with few calls to the CDK's process."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

import jsii
from aws_cdk import Annotations, Stage
from constructs import IValidation

from cdk_iam_server_certificate.synth.consumers import check_consumers
from cdk_iam_server_certificate.synth.secrets_in_template import SecretsInTemplate
from server_certificate.findings import Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from aws_cdk import IResolvable, Stack
    from constructs import IConstruct

    from cdk_iam_server_certificate.material import CertificateMaterial
    from cdk_iam_server_certificate.synth.checks import SynthChecks
    from cdk_iam_server_certificate.synth.consumers import Usage
    from server_certificate.findings import Finding

_ID_OF_FINDINGS: Final = "cdk-iam-server-certificate"


class LateCertificate(NamedTuple):
    """A certificate, and what is checked after aspects ran."""

    usage: Usage
    checks: SynthChecks
    material: CertificateMaterial
    tags: IResolvable
    check_renewals: Callable[[], Iterable[tuple[Usage, Finding]]] | None
    """Yields the findings about renewals; equal for the certificates that are checked together."""


@jsii.implements(IValidation)
class LateChecks:
    """
    The validation of a stage, which reports the problems of each certificate under its own path.

    The CDK validates after it has resolved the references between stacks, and before it writes the
    annotations of the constructs. It validates a stage before what is in the stage. A validation for
    each certificate would read the tags and the tree of constructs for each.
    """

    def __init__(self, stage: IConstruct) -> None:
        self._stage = stage
        self._certificates: list[LateCertificate] = []
        self._reports: dict[IConstruct, _Report] = {}
        stage.node.add_validation(self)

    @classmethod
    def of(cls, stack: Stack) -> LateChecks:
        """Return the checks of a stack's stage, and create them on the first call."""
        stage = Stage.of(stack) or stack.node.root
        if stage not in _CHECKS:
            _CHECKS[stage] = cls(stage)
        return _CHECKS[stage]

    def add(self, certificate: LateCertificate) -> None:
        """Add a certificate."""
        self._certificates.append(certificate)

    def validate(self) -> list[str]:
        """Give each certificate its problems to report, and annotate it with its warnings."""
        secrets = SecretsInTemplate(self._stage)
        late = self._check_renewals_and_consumers()
        for stack, group in self._by(lambda each: each.usage.stack):
            for each, tags in zip(group, _known_tags(stack, group), strict=True):
                problems = [
                    *each.checks.problems(tags),
                    *secrets.problems(each.material, stack),
                    *map(str, late[each.usage.construct]),
                ]
                self._report(each.usage.construct, problems)
        return []

    def _check_renewals_and_consumers(self) -> dict[IConstruct, list[Finding]]:
        """Annotate the certificates with warnings, and return the findings that stop the synthesis."""
        errors: defaultdict[IConstruct, list[Finding]] = defaultdict(list)
        for root_stack, group in self._by(lambda each: each.usage.root_stack):
            checks = dict.fromkeys(each.check_renewals for each in group if each.check_renewals)
            found = [pair for check in checks for pair in check()]
            found += check_consumers(root_stack, [each.usage for each in group])
            for usage, finding in found:
                if finding.code in usage.acknowledged:
                    continue
                if finding.severity is Severity.ERROR:
                    errors[usage.construct].append(finding)
                else:
                    Annotations.of(usage.construct).add_warning_v2(
                        f"{_ID_OF_FINDINGS}:{finding.code}", str(finding)
                    )
        return errors

    def _by(
        self, stack_of: Callable[[LateCertificate], Stack]
    ) -> Iterable[tuple[Stack, list[LateCertificate]]]:
        groups: dict[Stack, list[LateCertificate]] = {}
        for each in self._certificates:
            groups.setdefault(stack_of(each), []).append(each)
        return groups.items()

    def _report(self, construct: IConstruct, problems: list[str]) -> None:
        if problems and construct not in self._reports:
            self._reports[construct] = _Report()
            construct.node.add_validation(self._reports[construct])
        if report := self._reports.get(construct):
            report.problems = problems


@jsii.implements(IValidation)
class _Report:
    """The problems of one certificate."""

    problems: list[str]

    def validate(self) -> list[str]:
        """Return a line for each problem, for the CDK to report."""
        return self.problems


def _known_tags(stack: Stack, certificates: list[LateCertificate]) -> list[dict[str, str]]:
    """Return the tags of each certificate, without those that are only known at deploy time."""
    # Those without tags are missing in the result.
    tagged = stack.resolve({str(number): each.tags for number, each in enumerate(certificates)})
    return [
        {
            tag["Key"]: tag["Value"]
            for tag in tagged.get(str(number), [])
            if isinstance(tag["Key"], str) and isinstance(tag["Value"], str)
        }
        for number in range(len(certificates))
    ]


_CHECKS: dict[IConstruct, LateChecks] = {}
"""The checks of each stage, which live as long as it, just as the CDK's own process keeps its constructs."""
