"""What the checks say about a certificate, as data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class Severity(Enum):
    """How much a finding weighs. The order of the members is the order of reports."""

    ERROR = "error"
    """IAM refuses the upload, or its documentation says the certificate must not be like this."""

    FIXABLE = "fixable"
    """IAM would refuse the text as it stands; converting it mends that and loses nothing."""

    WARNING = "warning"
    """IAM takes it, and some consumer or every browser will not."""

    INFO = "info"
    """Worth knowing, nothing to mend."""

    @property
    def rank(self) -> int:
        """Position in a report: 0 for what weighs most."""
        return list(Severity).index(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that the checks noticed."""

    code: str
    """Stable kebab-case name of the rule; what tests, acknowledgements and documentation refer to."""

    severity: Severity
    """How much it weighs."""

    subject: str
    """
    What it is about: ``certificate``, ``chain``, ``private-key``, ``name``, ``path`` or ``tags``.

    ``chain[1]`` is the second block of the text that was given as the chain, ``certificate[1]``
    that of the text with the leaf.
    """

    message: str
    """One sentence: what is wrong, and with which value. Never holds key material."""

    fix: str
    """What to do about it; empty when there is nothing to do."""

    @classmethod
    def error(cls, code: str, subject: str, message: str, fix: str) -> Finding:
        """Make a finding that rules an upload out."""
        return cls(code=code, severity=Severity.ERROR, subject=subject, message=message, fix=fix)

    @classmethod
    def fixable(cls, code: str, subject: str, message: str, fix: str) -> Finding:
        """Make a finding that converting mends."""
        return cls(code=code, severity=Severity.FIXABLE, subject=subject, message=message, fix=fix)

    @classmethod
    def warning(cls, code: str, subject: str, message: str, fix: str) -> Finding:
        """Make a finding that does not concern IAM, but whoever uses the certificate."""
        return cls(code=code, severity=Severity.WARNING, subject=subject, message=message, fix=fix)

    def __str__(self) -> str:
        """Return ``subject: message fix`` on one line, for a log or a reason."""
        return self.told({})

    def told(self, origins: Mapping[str, str]) -> str:
        """
        Return the finding on one line, with where its subject comes from.

        Args:
            origins: What to call the source of a subject, such as ``file 'chain.pem'`` for
                ``chain``; subjects that are missing here stand alone.
        """
        origin = origins.get(self.subject.partition("[")[0])
        subject = f"{self.subject} ({origin})" if origin else self.subject
        return f"{subject}: {self.message} {self.fix}".rstrip()


def in_order(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Sort by severity, keeping the order in which findings of one severity were made."""
    return tuple(sorted(findings, key=lambda finding: finding.severity.rank))


def errors(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings that rule an upload out."""
    return tuple(finding for finding in findings if finding.severity is Severity.ERROR)


def listed(characters: Iterable[str]) -> str:
    """List characters for a sentence: quoted, and escaped where nobody could see them."""
    return ", ".join(repr(character) for character in sorted(characters))
