"""Rules about the encoding of a certificate."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from server_certificate.certificates.subject_names import name_of
from server_certificate.findings import Rule, Severity
from server_certificate.normalization.keys import ECDSA_WITH_NULL, EXPLICIT_CURVE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from server_certificate.certificates.certificate import Certificate
    from server_certificate.certificates.located_certificate import LocatedCertificate
    from server_certificate.findings import Finding

_AS_IT_IS = "The certificate is uploaded unchanged."
ENCODING_UNUSUAL = Rule(
    code="encoding-unusual",
    severity=Severity.WARNING,
    why="OpenSSL reads the certificate, but its encoding doesn't follow the standards, so some"
    " programs reject it. CAs have issued such certificates by mistake.",
    fix="If a client or IAM rejects the certificate, have it reissued. It can't be converted,"
    " because its signature covers the encoding.",
    source="RFC 5280, 4.1; X.690, 10 and 11; observed: OpenSSL 3, Java 17",
    acknowledged=_AS_IT_IS,
)
VERSION_TOO_LOW = Rule(
    code="version-too-low",
    severity=Severity.WARNING,
    why="Only version 3 of X.509 has extensions. OpenSSL also reads them in a certificate of"
    " version 1, but Java, Go and browsers reject the certificate.",
    fix="Have the certificate reissued as version 3.",
    source="RFC 5280, 4.1.2.1; observed: OpenSSL 3, Java 17",
    acknowledged=_AS_IT_IS,
)
RULES = (ENCODING_UNUSUAL, VERSION_TOO_LOW)


def check_encoding(elements: Iterable[LocatedCertificate]) -> Iterator[Finding]:
    """Report certificates whose encoding doesn't follow the standards."""
    for element in elements:
        certificate = element.certificate
        if oddities := tuple(_oddities(certificate)):
            yield ENCODING_UNUSUAL.finding(
                element.subject,
                f"{name_of(certificate)} has an unusual encoding: {'; '.join(oddities)}.",
            )
        if certificate.version is x509.Version.v1 and certificate.extensions.are_there:
            yield VERSION_TOO_LOW.finding(
                element.subject,
                f"{name_of(certificate)} is of version 1 of X.509 but has extensions, which only"
                " version 3 allows; many clients reject it.",
            )


def _oddities(certificate: Certificate) -> Iterator[str]:
    """Yield what is unusual, including what parsers accept but clients reject."""
    yield from certificate.oddities
    yield from certificate.extensions.oddities
    if EXPLICIT_CURVE not in certificate.oddities and _spells_curve_out(certificate):
        yield EXPLICIT_CURVE
    if ECDSA_WITH_NULL not in certificate.oddities and _has_null(certificate):
        yield ECDSA_WITH_NULL
    serial_number = certificate.serial_number
    if serial_number < 0:
        yield "its serial number is negative, which clients written in Go reject"
    if abs(serial_number) >> _BITS_OF_SERIAL_NUMBER:
        yield "its serial number is longer than 20 bytes"


def _spells_curve_out(certificate: Certificate) -> bool:
    """Return whether an EC key contains the parameters of its curve instead of its name."""
    key = certificate.public_key
    if not isinstance(key, ec.EllipticCurvePublicKey):
        return False
    # cryptography re-encodes the key with the curve's name, so it no longer matches the signed
    # part.
    return (
        _PRIME_FIELD in certificate.signed and certificate.public_key_der not in certificate.signed
    )


def _has_null(certificate: Certificate) -> bool:
    """Return whether the algorithm of an ECDSA signature has NULL as its parameters."""
    return bool(_ECDSA_NULL.search(certificate.der, len(certificate.signed)))


_ECDSA_NULL = re.compile(rb"\x06[\x07\x08]\x2a\x86\x48\xce\x3d\x04(?:\x01|\x03.)\x05\0", re.DOTALL)
"""The object identifiers of ECDSA (RFC 5758, 3.2), followed by NULL."""

_BITS_OF_SERIAL_NUMBER = 160
"""See RFC 5280, 4.1.2.2."""

_PRIME_FIELD = bytes.fromhex("06072a8648ce3d0101")
"""
The object identifier of prime fields (RFC 3279, 2.3.5), which only keys with explicit parameters
contain.
"""
