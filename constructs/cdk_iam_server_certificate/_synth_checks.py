"""What can be judged while the app is synthesised: names, paths, and certificates given as text."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import jsii
from aws_cdk import Token
from constructs import IValidation

from server_certificate.assessment import Assessment, Criteria, Given, assess
from server_certificate.conversion import CHAIN_MISSING
from server_certificate.findings import Finding, Severity, acknowledge, errors
from server_certificate.naming import check_name, check_path
from server_certificate.reading import read
from server_certificate.resource_contract import Source
from server_certificate.tags import check_tags

if TYPE_CHECKING:
    from collections.abc import Collection

    from aws_cdk import TagManager

    from cdk_iam_server_certificate.material import CertificateMaterial

_TIME_BRINGS = {"certificate-expired", "certificate-not-yet-valid"}
"""Errors of an upload that must not stop a synthesis: on the day that a deployed certificate expires
its stack must still be synthesised, to be renewed or destroyed. The function judges uploads."""


@jsii.implements(IValidation)
class SynthChecks:
    """The checks of one certificate; CDK collects what they find for all constructs of the app."""

    def __init__(
        self,
        material: CertificateMaterial,
        *,
        name: str | None,
        path: str,
        tags: TagManager,
        acknowledged: Collection[str],
    ) -> None:
        self._certificate = material.certificate
        self._chain = material.chain
        self._name = name
        self._path = path
        self._tags = tags
        self._acknowledged = frozenset(acknowledged)

    def validate(self) -> list[str]:
        """Return one line for each finding that rules an upload out, for CDK to report."""
        findings = self._findings(at=datetime.now(UTC))
        return [
            self.told(finding) for finding in errors(findings) if finding.code not in _TIME_BRINGS
        ]

    def warnings(self, *, at: datetime) -> list[Finding]:
        """Return the findings that do not stop the synthesis but should be seen."""
        return [
            finding
            for finding in self._findings(at=at)
            if finding.severity is Severity.WARNING or finding.code in _TIME_BRINGS
        ]

    def told(self, finding: Finding) -> str:
        """Return a finding as a sentence that names the file it is about."""
        sources = {"certificate": self._certificate, "chain": self._chain}
        return finding.told(
            {
                subject: source.origin
                for subject, source in sources.items()
                if source is not None and source.origin is not None
            }
        )

    def rendered(self) -> tuple[dict[str, str], dict[str, str] | None]:
        """
        Return certificate and chain as properties of the custom resource.

        Literals are written the way IAM takes them, so that templates do not depend on encodings.
        Literals that cannot be used are left out: nobody knows what they hold.
        """
        assessment = self._assessment(at=datetime.now(UTC))
        if assessment is None and not self.validate():
            return self._certificate.render(), self._chain.render() if self._chain else None
        if assessment is None or assessment.public is None or self.validate():
            return {Source.TEXT.value: ""}, None
        chain = assessment.public.chain_pem
        return (
            {Source.TEXT.value: assessment.public.certificate_pem},
            {Source.TEXT.value: chain} if chain else None,
        )

    def _findings(self, *, at: datetime) -> tuple[Finding, ...]:
        findings: tuple[Finding, ...] = ()
        if self._name is not None and not Token.is_unresolved(self._name):
            findings += check_name(self._name)
        if not Token.is_unresolved(self._path):
            findings += check_path(self._path)
        findings += check_tags(
            {
                key: value
                for key, value in self._tags.tag_values().items()
                if not Token.is_unresolved(key) and not Token.is_unresolved(value)
            }
        )
        problems = self._problems()
        assessment = self._assessment(at=at)
        of_material = assessment.findings if assessment else self._of_parts()
        if problems:
            # What cannot be read explains why the rest is incomplete.
            of_material = tuple(item for item in of_material if item.rule is not CHAIN_MISSING)
        return acknowledge(findings + problems + of_material, self._acknowledged)

    def _of_parts(self) -> tuple[Finding, ...]:
        """Return what is wrong with the parts that are known, where the whole can't be judged."""
        parts = {"certificate": self._certificate, "chain": self._chain}
        return tuple(
            finding
            for subject, source in parts.items()
            if source is not None and source.given is not None
            for finding in read(source.given, subject=subject).findings
        )

    def _problems(self) -> tuple[Finding, ...]:
        sources = {"certificate": self._certificate, "chain": self._chain}
        problems = (source.problem(subject) for subject, source in sources.items() if source)
        return tuple(problem for problem in problems if problem is not None)

    def _assessment(self, *, at: datetime) -> Assessment | None:
        chain = self._chain
        waits_for_chain = chain is not None and chain.given is None and not chain.problem("chain")
        if self._certificate.given is None or waits_for_chain:
            return None
        return assess(
            Given(certificate=self._certificate.given, chain=chain.given if chain else None),
            Criteria(at=at, acknowledged=self._acknowledged),
        )
