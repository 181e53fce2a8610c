"""What the checks say about material, as data: rules, and findings made by them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping


class Severity(Enum):
    """How much a finding weighs. The order of the members is the order of reports."""

    ERROR = "error"
    """IAM refuses the upload, or its documentation says the certificate must not be like this."""

    FIXABLE = "fixable"
    """IAM would refuse the text as it stands; converting it fixes that and loses nothing."""

    WARNING = "warning"
    """IAM takes it, and some consumer or every browser will not."""

    INFO = "info"
    """Worth knowing, nothing to fix."""

    @property
    def rank(self) -> int:
        """Position in a report: 0 for what weighs most."""
        return list(Severity).index(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Something that material is checked against. Rules stand beside the checks that apply them."""

    code: str
    """Stable kebab-case name; what tests, acknowledgements and documentation refer to."""

    severity: Severity
    """How much its findings weigh."""

    why: str
    """Why it matters, for the documentation: one or two sentences in Markdown."""

    fix: str
    """What to do about it: one sentence in Markdown, of which findings leave the backticks out."""

    source: str
    """Where it is written: an API page, a user guide, a section of an RFC, an observation."""

    acknowledged: str | None = None
    """
    What happens when a user acknowledges it, for the documentation: one sentence in Markdown.

    None: it can't be acknowledged, for the upload is bound to fail.
    """

    def finding(self, subject: str, message: str, fix: str | None = None) -> Finding:
        """
        Make a finding.

        Args:
            subject: What it is about; see ``Finding.subject``.
            message: One sentence: what is wrong, and with which value. Never holds key material.
            fix: What to do about it, where more can be said than the rule says: a command, a value.
                Empty when there is nothing to do. Default: what the rule says.
        """
        advice = self.fix.replace("`", "") if fix is None else fix
        return Finding(rule=self, subject=subject, message=message, fix=advice)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that the checks noticed."""

    rule: Rule
    """By which rule."""

    subject: str
    """
    What it is about: ``certificate``, ``chain``, ``private-key``, ``bundle``, ``name``, ``path``
    or ``tags``.

    ``chain[1]`` is the second element of what was given as the chain, counted from zero in the
    order in which it was given; likewise ``certificate[1]`` and ``bundle[1]``.
    """

    message: str
    """One sentence: what is wrong, and with which value. Never holds key material."""

    fix: str
    """What to do about it; empty when there is nothing to do."""

    is_acknowledged: bool = False
    """Whether the user knows of it and wants it so: it weighs nothing then."""

    @property
    def code(self) -> str:
        """The rule's stable name."""
        return self.rule.code

    @property
    def severity(self) -> Severity:
        """How much it weighs: as the rule says, unless it was acknowledged."""
        return Severity.INFO if self.is_acknowledged else self.rule.severity

    def __str__(self) -> str:
        """Return ``subject: message fix`` on one line, for a log or a reason."""
        return self.format({})

    def format(self, origins: Mapping[str, str]) -> str:
        """
        Return the finding on one line, with where its subject comes from.

        Args:
            origins: What to call the source of a subject, such as ``file 'chain.pem'`` for
                ``chain``; subjects that are missing here stand alone.
        """
        origin = origins.get(self.subject.partition("[")[0])
        subject = f"{self.subject} ({origin})" if origin else self.subject
        return f"{subject}: {self.message} {self.fix}".rstrip()


def acknowledge(findings: Iterable[Finding], codes: Collection[str]) -> tuple[Finding, ...]:
    """
    Take the weight from findings that a user acknowledges.

    Args:
        findings: Any findings.
        codes: What is acknowledged. Codes of rules that can't be acknowledged change nothing.
    """
    return tuple(
        replace(finding, is_acknowledged=True)
        if finding.code in codes and finding.rule.acknowledged is not None
        else finding
        for finding in findings
    )


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Sort by severity, keeping the order in which findings of one severity were made."""
    return tuple(sorted(findings, key=lambda finding: finding.severity.rank))


MOST_OF_A_KIND = 10
"""So many findings of one rule about one input are told one by one."""


def condensed(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Tell the first of many findings of a kind one by one, and how many more there are."""
    groups: dict[tuple[str, str, bool], list[Finding]] = {}
    for finding in findings:
        part = finding.subject.partition("[")[0]
        groups.setdefault((finding.code, part, finding.is_acknowledged), []).append(finding)
    told: list[Finding] = []
    for (_, part, _), alike in groups.items():
        told += alike[:MOST_OF_A_KIND]
        if len(alike) > MOST_OF_A_KIND:
            message = f"the same goes for {len(alike) - MOST_OF_A_KIND:,} more."
            told.append(replace(alike[-1], subject=part, message=message))
    return in_order(told)


def errors(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings that rule an upload out."""
    return tuple(finding for finding in findings if finding.severity is Severity.ERROR)


def listed(characters: Iterable[str]) -> str:
    """List characters for a sentence: quoted, and escaped where nobody could see them."""
    return ", ".join(repr(character) for character in sorted(characters))
