"""Rules about the way in which a certificate is written."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from server_certificate.certificates.subject_names import name_of
from server_certificate.findings import Rule, Severity
from server_certificate.leniency.keys import ECDSA_WITH_NULL, EXPLICIT_CURVE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from server_certificate.certificates.certificate import Certificate
    from server_certificate.certificates.located_certificate import LocatedCertificate
    from server_certificate.findings import Finding

_AS_IT_IS = "The certificate is uploaded as it is."
ENCODING_UNUSUAL = Rule(
    code="encoding-unusual",
    severity=Severity.WARNING,
    why="OpenSSL reads the certificate, and it is not written as the standards want it, so some"
    " programs refuse it. Authorities have issued such certificates by mistake.",
    fix="If a client or IAM refuses it, have the certificate issued again; it can't be rewritten,"
    " for its signature covers the way in which it is written.",
    source="RFC 5280, 4.1; X.690, 10 and 11; observed: OpenSSL 3, Java 17",
    acknowledged=_AS_IT_IS,
)
VERSION_TOO_LOW = Rule(
    code="version-too-low",
    severity=Severity.WARNING,
    why="Extensions belong to version 3 of X.509. OpenSSL reads them in a certificate of version 1"
    " as well; Java, Go and browsers refuse the certificate.",
    fix="Have the certificate issued again, as version 3.",
    source="RFC 5280, 4.1.2.1; observed: OpenSSL 3, Java 17",
    acknowledged=_AS_IT_IS,
)
RULES = (ENCODING_UNUSUAL, VERSION_TOO_LOW)


def check_encoding(elements: Iterable[LocatedCertificate]) -> Iterator[Finding]:
    """Report certificates that are not written as the standards want it."""
    for element in elements:
        certificate = element.certificate
        if oddities := tuple(_oddities(certificate)):
            yield ENCODING_UNUSUAL.finding(
                element.subject,
                f"{name_of(certificate)} is written in an unusual way: {'; '.join(oddities)}.",
            )
        if certificate.version is x509.Version.v1 and certificate.extensions.are_there:
            yield VERSION_TOO_LOW.finding(
                element.subject,
                f"{name_of(certificate)} is of version 1 of X.509 and has extensions, which only"
                " version 3 has; many clients refuse it.",
            )


def _oddities(certificate: Certificate) -> Iterator[str]:
    """Return what is unusual, including what no parser minds and clients do."""
    yield from certificate.oddities
    yield from certificate.extensions.oddities
    if EXPLICIT_CURVE not in certificate.oddities and _spells_curve_out(certificate):
        yield EXPLICIT_CURVE
    if ECDSA_WITH_NULL not in certificate.oddities and _has_null(certificate):
        yield ECDSA_WITH_NULL
    serial_number = certificate.serial_number
    if serial_number < 0:
        yield "its serial number is negative, which clients written in Go refuse"
    if abs(serial_number) >> _BITS_OF_SERIAL_NUMBER:
        yield "its serial number has more than 20 octets"


def _spells_curve_out(certificate: Certificate) -> bool:
    """Tell whether an EC key has the parameters of its curve where there should be its name."""
    key = certificate.public_key
    if not isinstance(key, ec.EllipticCurvePublicKey):
        return False
    # Only a key whose curve is named has the name of its field next to the kind of its key.
    return (
        _PRIME_FIELD in certificate.signed and certificate.public_key_der not in certificate.signed
    )


def _has_null(certificate: Certificate) -> bool:
    """Tell whether the algorithm of a signature with ECDSA has NULL as its parameters."""
    return bool(_ECDSA_NULL.search(certificate.der, len(certificate.signed)))


_ECDSA_NULL = re.compile(rb"\x06[\x07\x08]\x2a\x86\x48\xce\x3d\x04(?:\x01|\x03.)\x05\0", re.DOTALL)
"""The object identifiers of ECDSA (RFC 5758, 3.2), and NULL behind them."""

_BITS_OF_SERIAL_NUMBER = 160
"""See RFC 5280, 4.1.2.2."""

_PRIME_FIELD = bytes.fromhex("06072a8648ce3d0101")
"""The object identifier of fields of a prime order (RFC 3279, 2.3.5), which only such keys have."""
