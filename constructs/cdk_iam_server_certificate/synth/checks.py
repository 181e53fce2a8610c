"""The checks at synth: names, paths, tags, and certificates from text and files."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cdk_iam_server_certificate.material import problems_of, sources_of, subject_of
from cdk_iam_server_certificate.policy_literals import DYNAMIC_REFERENCE, may_be_anything
from cdk_iam_server_certificate.tokens import holds_token
from server_certificate.assessment import Assessment, Criteria, Given, assess
from server_certificate.chain.conversion import CHAIN_MISSING
from server_certificate.contract.properties import Attribute, Property
from server_certificate.contract.sources import Source as Key
from server_certificate.description import describe, timestamp
from server_certificate.findings import Finding, Severity, acknowledge, errors
from server_certificate.naming import (
    MAX_READABLE_LENGTH,
    check_name,
    check_name_prefix,
    check_path,
)
from server_certificate.reading.rules import ARGUMENT_UNUSABLE
from server_certificate.rules.acm import check_acm
from server_certificate.rules.tags import check_tags
from server_certificate.rules.validity import TIME_DEPENDENT_CODES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from cdk_iam_server_certificate.material import CertificateMaterial
    from cdk_iam_server_certificate.synth.arguments import Arguments
    from cdk_iam_server_certificate.synth.name_claims import NameClaim
    from server_certificate.certificates.certificate import Certificate

_DYNAMIC = (
    "it is named by a dynamic reference ('{{resolve:…}}'). CloudFormation also resolves it in the"
    " policy of the function's role, where a wildcard in its value would not be escaped."
)
_RESOLVED_FIRST = (
    "Use a literal or a CfnParameter. For a Systems Manager parameter, use"
    " StringParameter.value_for_string_parameter."
)
_LITERALS = (Property.CERTIFICATE, Property.CERTIFICATE_CHAIN)


class SynthChecks:
    """The checks of one certificate. The CDK reports the errors of all constructs together."""

    def __init__(
        self,
        material: CertificateMaterial,
        declared: Arguments,
        *,
        claim: NameClaim | None,
        resolve: Callable[[object], object],
    ) -> None:
        self._sources = sources_of(material)
        self._declared = declared
        self._claim = claim
        self._resolve = resolve
        self.assessment = self._assess()
        """Of the public parts; None if not all of them are known at synth."""

        self._findings = (
            *declared.problems,
            *self._of_name_and_path(),
            *self._of_material(problems_of(material)),
        )

    def problems(self, tags: Mapping[str, str]) -> list[str]:
        """
        Return a line for each finding that prevents an upload, for the CDK to report.

        Args:
            tags: The tags that are known at synth, after all aspects.
        """
        # Check now what aspects and later constructs can change. The rest was checked before.
        late = [
            *check_tags(tags),
            *self._of_dynamic_references(),
            *(self._claim.collisions() if self._claim else ()),
        ]
        return self._stopping((*self._findings, *late))

    def warnings(self) -> list[Finding]:
        """Return the findings to show that don't stop the synthesis."""
        return [
            finding
            for finding in self._acknowledged(self._findings)
            if finding.severity is Severity.WARNING
            or (finding.code in TIME_DEPENDENT_CODES and not finding.is_acknowledged)
        ]

    def hint(self, region: str) -> Finding | None:
        """
        Return the recommendation to use ACM; None if it doesn't apply.

        ACM doesn't import a certificate that has expired or is not valid yet (ACM user guide,
        Prerequisites for importing ACM certificates).
        """
        if (
            self.assessment is None
            or self.assessment.leaf is None
            or any(each.code in TIME_DEPENDENT_CODES for each in self.assessment.findings)
            or holds_token(region)
            or holds_token(self._declared.path)
        ):
            return None
        hints = check_acm(self.assessment.leaf, region=region, path=self._declared.path)
        return next((each for each in hints if each.code not in self._declared.acknowledged), None)

    @property
    def leaf(self) -> Certificate | None:
        """The leaf certificate; None if it isn't known at synth."""
        if self.assessment is not None:
            return self.assessment.leaf.certificate if self.assessment.leaf else None
        source = self._sources.get(Property.CERTIFICATE)
        known = source.given.certificates if source and source.given else ()
        # Without the chain, it isn't known which of several certificates is the leaf.
        return known[0].certificate if len(known) == 1 else None

    def format(self, finding: Finding) -> str:
        """Return a finding as text that includes the name of the file."""
        origins = {subject_of(part): source.origin for part, source in self._sources.items()}
        return finding.format({subject: origin for subject, origin in origins.items() if origin})

    def description(self) -> dict[str, str] | None:
        """Return what a person wants to know of a literal certificate; None if it isn't known or is rejected."""
        if (
            self.assessment is None
            or self.assessment.leaf is None
            or self._stopping(self._findings)
        ):
            return None
        leaf = describe(self.assessment.leaf.certificate, self.assessment.signatures)
        return {
            "Subject": leaf.subject,
            Attribute.SUBJECT_ALTERNATIVE_NAMES.value: ",".join(leaf.subject_alternative_names),
            Attribute.NOT_BEFORE.value: timestamp(leaf.not_before),
            Attribute.EXPIRATION.value: timestamp(leaf.not_after),
            Attribute.FINGERPRINT.value: leaf.sha256_fingerprint,
        }

    def rendered(self) -> dict[Property, dict[str, str]]:
        """
        Return the parts as properties of the custom resource.

        Literals are converted to the format that IAM requires, so the template doesn't depend on
        their encoding. Invalid literals are omitted, because they could contain anything.
        """
        rendered = {part: source.render() for part, source in self._sources.items()}
        if self._stopping(self._findings):
            unknown = {Key.TEXT.value: ""}
            return rendered | {part: unknown for part in _LITERALS if part in rendered}
        if self.assessment is None or self.assessment.public is None:
            return rendered
        rendered.pop(Property.CERTIFICATE_CHAIN, None)
        public = self.assessment.public
        rendered[Property.CERTIFICATE] = {Key.TEXT.value: public.certificate_pem}
        if public.chain_pem:
            rendered[Property.CERTIFICATE_CHAIN] = {Key.TEXT.value: public.chain_pem}
        return rendered

    def _stopping(self, findings: Iterable[Finding]) -> list[str]:
        return [
            self.format(finding)
            for finding in errors(self._acknowledged(findings))
            if finding.code not in TIME_DEPENDENT_CODES
        ]

    def _acknowledged(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        return acknowledge(findings, self._declared.acknowledged)

    def _of_name_and_path(self) -> tuple[Finding, ...]:
        name, path = self._declared.name, self._declared.path
        findings = () if name is None or holds_token(name) else check_name(name)
        prefix = self._declared.name_prefix
        if prefix is not None and not holds_token(prefix):
            findings += check_name_prefix(prefix, max_length=MAX_READABLE_LENGTH)
        return findings if holds_token(path) else findings + check_path(path)

    def _of_dynamic_references(self) -> Iterator[Finding]:
        """Yield a finding for each value that CloudFormation's functions can't escape."""
        named = {
            "name": (self._declared.name or "",),
            "name-prefix": (self._declared.name_prefix or "",),
        } | {
            subject_of(part): tuple(permission.resource for permission in source.permissions)
            for part, source in self._sources.items()
        }
        for subject, values in named.items():
            unknown = [
                value for value in values if DYNAMIC_REFERENCE in value or may_be_anything(value)
            ]
            if unknown and DYNAMIC_REFERENCE in json.dumps(self._resolve(unknown)):
                yield ARGUMENT_UNUSABLE.finding(subject, _DYNAMIC, _RESOLVED_FIRST)

    def _of_material(self, problems: tuple[Finding, ...]) -> tuple[Finding, ...]:
        findings = self.assessment.findings if self.assessment else self._of_parts()
        if problems:
            # The chain can be missing because something could not be read.
            findings = tuple(item for item in findings if item.rule is not CHAIN_MISSING)
        return (*problems, *findings)

    def _of_parts(self) -> tuple[Finding, ...]:
        """Return the findings of the known parts, if not all parts are known at synth."""
        return tuple(
            finding
            for part in _LITERALS
            if part in self._sources and (given := self._sources[part].given) is not None
            for finding in given.about(subject_of(part)).findings
        )

    def _assess(self) -> Assessment | None:
        certificate = self._sources.get(Property.CERTIFICATE)
        chain = self._sources.get(Property.CERTIFICATE_CHAIN)
        waits_for_chain = chain is not None and chain.given is None and chain.problem is None
        if certificate is None or certificate.given is None or waits_for_chain:
            return None
        return assess(
            Given(certificate=certificate.given, chain=chain.given if chain else None),
            Criteria(at=datetime.now(UTC), acknowledged=self._declared.acknowledged),
        )
