"""Compare the certificate in a secret with the one that replaces it. No call is made here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server_certificate.certificates.host_coverage import not_covered
from server_certificate.certificates.subject_names import name_of
from server_certificate.description import timestamp
from server_certificate.fingerprint import sha256_fingerprint
from server_certificate.reading.documents.json_bundle import CERTIFICATE_FIELD
from server_certificate.reading.reader import read_certificates
from server_certificate_cli.aws.domains import domains_of, share_a_domain

if TYPE_CHECKING:
    from datetime import datetime

    from server_certificate_cli.aws.material import Fields


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicFacts:
    """What identifies a certificate to people. Nothing here is secret."""

    subject: str
    domains: tuple[str, ...]
    not_after: datetime
    sha256_fingerprint: str

    @classmethod
    def of(cls, fields: Fields) -> PublicFacts | None:
        """Read the certificate of a secret; None if it can't be read."""
        text = fields.by_name.get(CERTIFICATE_FIELD, "")
        certificates, _ = read_certificates(text, subject="certificate")
        if not certificates:
            return None
        leaf = certificates[0]
        return cls(
            subject=name_of(leaf).strip("'"),
            domains=domains_of(text),
            not_after=leaf.not_valid_after_utc,
            sha256_fingerprint=sha256_fingerprint(leaf),
        )

    def as_json(self) -> dict[str, object]:
        """Return the facts as JSON."""
        return {
            "subject": self.subject,
            "domains": list(self.domains),
            "not_after": timestamp(self.not_after),
            "sha256_fingerprint": self.sha256_fingerprint,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacement:
    """The certificate in a secret, and the one that replaces it."""

    stored: PublicFacts | None
    """None if it can't be read."""

    new: PublicFacts | None

    @classmethod
    def of(cls, stored: Fields, new: Fields) -> Replacement:
        """Compare the content of a secret with what replaces it."""
        return cls(stored=PublicFacts.of(stored), new=PublicFacts.of(new))

    @property
    def is_unrelated(self) -> bool:
        """Whether the certificates have no domain in common, so that it is probably the wrong secret."""
        if self.stored is None or self.new is None:
            return True
        return not share_a_domain(self.stored.domains, self.new.domains)

    @property
    def no_longer_covered(self) -> tuple[str, ...]:
        """The names that only the stored certificate is valid for."""
        if self.stored is None or self.new is None:
            return ()
        return not_covered(self.stored.domains, self.new.domains)

    @property
    def question(self) -> str:
        """The reason to ask, in short, for a person who has seen both certificates."""
        if self.stored is None or self.new is None:
            return "The stored certificate can't be read."
        return "The domains differ."

    @property
    def warning(self) -> str:
        """The reason to ask, as a sentence."""
        if self.stored is None or self.new is None:
            return "The secret has fields of a certificate, but its certificate can't be read."
        return (
            f"The certificate in the secret is for {_listed(self.stored.domains)} ({self.stored.subject},"
            f" until {timestamp(self.stored.not_after)}), and the new one is for"
            f" {_listed(self.new.domains)}."
        )


_MOST_NAMES = 3


def _listed(domains: tuple[str, ...]) -> str:
    more = f" and {len(domains) - _MOST_NAMES:,} more" if len(domains) > _MOST_NAMES else ""
    return (", ".join(domains[:_MOST_NAMES]) or "no domain") + more
