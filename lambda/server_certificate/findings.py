"""Rules and the findings that they produce, as plain data."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping


class Severity(Enum):
    """The severity of a finding. Reports use the order of the members."""

    ERROR = "error"
    """IAM rejects the upload, or its documentation doesn't allow it."""

    FIXABLE = "fixable"
    """IAM would reject the input as it is. Converting it fixes that without losing information."""

    WARNING = "warning"
    """IAM accepts it, but some consumers or all browsers don't."""

    INFO = "info"
    """For information. There is nothing to fix."""

    @property
    def rank(self) -> int:
        """The position in a report: 0 for the highest severity."""
        return list(Severity).index(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule that material is checked against. Each rule is defined next to the check that applies it."""

    code: str
    """Stable name in kebab-case, for acknowledgements, tests and documentation."""

    severity: Severity
    """The severity of its findings."""

    why: str
    """Why it matters, for the documentation: one or two sentences in Markdown."""

    fix: str
    """How to fix it: one sentence in Markdown. Findings omit the backticks."""

    source: str
    """The source of the rule: an API page, a user guide, a section of an RFC, an observation."""

    acknowledged: str | None = None
    """
    What happens if a user acknowledges it, for the documentation: one sentence in Markdown.

    None if it can't be acknowledged, because its cause has to be fixed.
    """

    def finding(self, subject: str, message: str, fix: str | None = None) -> Finding:
        """
        Create a finding.

        Args:
            subject: What it is about; see ``Finding.subject``.
            message: One sentence: what is wrong, and with which value. Never contains key material.
            fix: How to fix it, if more specific than the rule's own fix: a command, a value. Empty
                if there is nothing to do. Default: the rule's fix.
        """
        advice = self.fix.replace("`", "") if fix is None else fix
        return Finding(rule=self, subject=subject, message=message, fix=advice)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One problem or fact that a check reports."""

    rule: Rule
    """The rule that produced it."""

    subject: str
    """
    What it is about: ``certificate``, ``chain``, ``private-key``, ``bundle``, ``name``, ``path``
    or ``tags``.

    ``chain[1]`` is the second certificate of the chain, counted from zero in the order of the
    input; likewise ``certificate[1]`` and ``bundle[1]``.
    """

    message: str
    """One sentence: what is wrong, and with which value. Never contains key material."""

    fix: str
    """How to fix it; empty if there is nothing to do."""

    is_acknowledged: bool = False
    """Whether the user has acknowledged it, which makes it informational."""

    @property
    def code(self) -> str:
        """The code of the rule."""
        return self.rule.code

    @property
    def severity(self) -> Severity:
        """The severity of the rule, or INFO if the finding is acknowledged."""
        return Severity.INFO if self.is_acknowledged else self.rule.severity

    def __str__(self) -> str:
        """Return ``subject: message fix`` on one line, for a log or a reason."""
        return self.format({})

    def format(self, origins: Mapping[str, str]) -> str:
        """
        Return the finding on one line, with the source of its subject.

        Args:
            origins: The sources of subjects, such as ``file 'chain.pem'`` for ``chain``. Other
                subjects are shown without a source.
        """
        origin = origins.get(self.subject.partition("[")[0])
        subject = f"{self.subject} ({origin})" if origin else self.subject
        return f"{subject}: {self.message} {self.fix}".rstrip()


def acknowledge(findings: Iterable[Finding], codes: Collection[str]) -> tuple[Finding, ...]:
    """
    Mark the findings that a user acknowledges.

    Args:
        findings: Any findings.
        codes: The codes to acknowledge. Codes of rules that can't be acknowledged have no effect.
    """
    return tuple(
        replace(finding, is_acknowledged=True)
        if finding.code in codes and finding.rule.acknowledged is not None
        else finding
        for finding in findings
    )


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Sort findings by severity. Findings of one severity keep their order."""
    return tuple(sorted(findings, key=lambda finding: finding.severity.rank))


MOST_OF_A_KIND = 10
"""The maximum number of findings of one rule about one input that are reported one by one."""


def condensed(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Report the first of many similar findings one by one, and the number of the others."""
    groups: dict[tuple[str, str, bool], list[Finding]] = {}
    for finding in findings:
        part = finding.subject.partition("[")[0]
        groups.setdefault((finding.code, part, finding.is_acknowledged), []).append(finding)
    told: list[Finding] = []
    for (_, part, _), alike in groups.items():
        told += alike[:MOST_OF_A_KIND]
        if more := len(alike[MOST_OF_A_KIND:]):
            message = (
                "1 more finding like this is not shown."
                if more == 1
                else f"{more:,} more findings like this are not shown."
            )
            told.append(replace(alike[-1], subject=part, message=message))
    return in_order(told)


def errors(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings that prevent an upload."""
    return tuple(finding for finding in findings if finding.severity is Severity.ERROR)


def listed(characters: Iterable[str]) -> str:
    """List characters for a message: quoted, and escaped if they aren't printable."""
    return ", ".join(repr(character) for character in sorted(characters))
