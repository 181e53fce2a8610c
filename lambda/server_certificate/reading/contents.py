"""What an input holds, put together from what its blocks hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from server_certificate.reading.rules import UNREAD

if TYPE_CHECKING:
    from collections.abc import Iterable

    from server_certificate.certificates.located_certificate import LocatedCertificate
    from server_certificate.findings import Finding
    from server_certificate.material import PrivateKey


class Contents(NamedTuple):
    """What an input holds, or a part of it."""

    kind: str = "nothing that is known"
    """What it is as a whole, as a noun phrase: ``PEM``, ``a PKCS#12 bundle``."""

    elements: tuple[LocatedCertificate, ...] = ()
    """Its certificates, in the order in which they stand there."""

    private_keys: tuple[PrivateKey, ...] = ()
    """Its private keys, decrypted if need be; those that could not be read are missing."""

    others: tuple[str, ...] = ()
    """What else it holds, as noun phrases."""

    findings: tuple[Finding, ...] = ()
    """What is to be said about it."""

    asks_for_passphrase: bool = False
    """Whether anything in it is encrypted."""

    @property
    def is_unread(self) -> bool:
        """Whether something in it could not be read, which may be what seems to be missing."""
        return any(finding.rule in UNREAD for finding in self.findings)

    def adding(self, *findings: Finding) -> Contents:
        """Return the same with more to say about it."""
        return self._replace(findings=(*self.findings, *findings)) if findings else self


def joined(parts: Iterable[Contents], *, kind: str) -> Contents:
    """Put an input together from its parts."""
    elements: list[LocatedCertificate] = []
    private_keys: list[PrivateKey] = []
    others: list[str] = []
    findings: list[Finding] = []
    asks_for_passphrase = False
    for part in parts:
        elements += part.elements
        private_keys += part.private_keys
        others += part.others
        findings += part.findings
        asks_for_passphrase |= part.asks_for_passphrase
    return Contents(
        kind=kind,
        elements=tuple(elements),
        private_keys=tuple(private_keys),
        others=tuple(others),
        findings=tuple(findings),
        asks_for_passphrase=asks_for_passphrase,
    )
