"""What a certificate says about itself, for people and for machines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from cryptography import x509


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """A certificate in words and numbers. The order of the fields is that of reports."""

    subject: str
    """Distinguished name in the form of RFC 4514; empty when it has none."""

    issuer: str
    """Distinguished name of the issuer in the form of RFC 4514."""

    serial_number: str
    """Serial number in hexadecimal, upper case, pairs joined by colons."""

    not_before: datetime
    """Begin of validity, UTC."""

    not_after: datetime
    """Last second of validity, UTC."""

    sha256_fingerprint: str
    """SHA-256 of the DER encoding, upper-case hexadecimal pairs joined by colons."""

    subject_alternative_names: tuple[str, ...]
    """DNS names and IP addresses."""

    key_algorithm: str
    """``RSA``, ``EC P-256``, ``EC P-384``, ``EC P-521``, another ``EC …``, ``Ed25519``, ``Ed448``, …"""

    key_size: int | None
    """Bits of the key; None where the algorithm fixes it and the library names none."""

    signature_algorithm: str
    """What the certificate is signed with, such as ``SHA256-RSA``, ``SHA256-RSA-PSS``, ``SHA384-ECDSA``, ``Ed25519``."""

    self_signed: bool
    """Whether it signed itself, verified."""


def describe(certificate: x509.Certificate) -> Description:
    """Describe a certificate. Whatever it holds, nothing is raised."""
    raise NotImplementedError
