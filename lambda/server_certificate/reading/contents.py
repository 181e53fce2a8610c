"""The contents of an input, combined from its parts."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from server_certificate.reading.rules import UNREAD

if TYPE_CHECKING:
    from collections.abc import Iterable

    from server_certificate.certificates.located_certificate import LocatedCertificate
    from server_certificate.findings import Finding
    from server_certificate.material import PrivateKey


class Contents(NamedTuple):
    """The contents of an input, or of a part of it."""

    kind: str = "an unknown format"
    """Its format, as a noun phrase: ``PEM``, ``a PKCS#12 bundle``."""

    certificates: tuple[LocatedCertificate, ...] = ()
    """Its certificates, in the order of the input."""

    private_keys: tuple[PrivateKey, ...] = ()
    """Its private keys, decrypted if necessary, without those that could not be read."""

    others: tuple[str, ...] = ()
    """What else it contains, as noun phrases."""

    findings: tuple[Finding, ...] = ()
    """The findings about it."""

    asks_for_passphrase: bool = False
    """Whether anything in it is encrypted."""

    @property
    def is_unread(self) -> bool:
        """Whether something in it could not be read, so that nothing can be reported as missing."""
        return any(finding.rule in UNREAD for finding in self.findings)

    def about(self, subject: str) -> Contents:
        """
        Return the contents as those of another part, so that an input is read once for both.

        Args:
            subject: ``certificate`` or ``chain``, which are read in the same way.
        """
        return self._replace(
            certificates=tuple(
                each._replace(subject=_moved(each.subject, subject)) for each in self.certificates
            ),
            findings=tuple(
                replace(each, subject=_moved(each.subject, subject)) for each in self.findings
            ),
        )

    def adding(self, *findings: Finding) -> Contents:
        """Return the contents with more findings."""
        return self._replace(findings=(*self.findings, *findings)) if findings else self


def _moved(place: str, subject: str) -> str:
    _, bracket, number = place.partition("[")
    return f"{subject}{bracket}{number}"


def joined(parts: Iterable[Contents], *, kind: str) -> Contents:
    """Combine the contents of the parts of an input."""
    certificates: list[LocatedCertificate] = []
    private_keys: list[PrivateKey] = []
    others: list[str] = []
    findings: list[Finding] = []
    asks_for_passphrase = False
    for part in parts:
        certificates += part.certificates
        private_keys += part.private_keys
        others += part.others
        findings += part.findings
        asks_for_passphrase |= part.asks_for_passphrase
    return Contents(
        kind=kind,
        certificates=tuple(certificates),
        private_keys=tuple(private_keys),
        others=tuple(others),
        findings=tuple(findings),
        asks_for_passphrase=asks_for_passphrase,
    )
