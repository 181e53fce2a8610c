"""Certificates that libraries don't make any more: changed in DER, and signed again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import PublicKeyAlgorithmOID, SignatureAlgorithmOID

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes

_NULL, _BIT_STRING, _OBJECT_IDENTIFIER, _SEQUENCE = 0x05, 0x03, 0x06, 0x30
_VERSION, _EXTENSIONS = 0xA0, 0xA3

_OUTDATED_RSA = {
    "sha1": SignatureAlgorithmOID.RSA_WITH_SHA1,
    "md5": SignatureAlgorithmOID.RSA_WITH_MD5,
}
_OUTDATED_ECDSA = {"sha1": SignatureAlgorithmOID.ECDSA_WITH_SHA1}

_LONG_FORM = 0x80
"""From here on, the first octet of a length is the number of its octets (X.690, 8.1.3)."""


def with_outdated_signature(
    certificate: x509.Certificate,
    signer: CertificateIssuerPrivateKeyTypes,
    digest: hashes.SHA1 | hashes.MD5,
) -> x509.Certificate:
    """Sign a certificate again: RSA with SHA-1 or MD5, ECDSA with SHA-1."""
    if isinstance(signer, rsa.RSAPrivateKey):
        identifier, parameters = _dotted(_OUTDATED_RSA[digest.name]), _value(_NULL, b"")
    else:
        identifier, parameters = _dotted(_OUTDATED_ECDSA[digest.name]), b""
    algorithm = _value(_SEQUENCE, identifier + parameters)
    version, serial, _, *rest = _values(certificate.tbs_certificate_bytes)
    content = b"".join([version, serial, algorithm, *rest])
    return _signed(content, algorithm, signer, digest)


def of_version_1(
    certificate: x509.Certificate, signer: CertificateIssuerPrivateKeyTypes
) -> x509.Certificate:
    """Change a certificate to X.509 version 1, which has no extensions."""
    values = list(_values(certificate.tbs_certificate_bytes))
    kept = [value for value in values if value[0] not in {_VERSION, _EXTENSIONS}]
    _, algorithm = kept[:2]
    return _signed(b"".join(kept), algorithm, signer, hashes.SHA256())


def for_pss_only(
    certificate: x509.Certificate, signer: CertificateIssuerPrivateKeyTypes
) -> x509.Certificate:
    """Mark a certificate's RSA key as one for RSASSA-PSS only (RFC 4055, 1.2)."""
    values = list(_values(certificate.tbs_certificate_bytes))
    place = 6 if values[0][0] == _VERSION else 5
    _, bits = _values(values[place])
    values[place] = _value(_SEQUENCE, _RSA_FOR_PSS_ONLY + bits)
    return _signed(b"".join(values), values[place - 4], signer, hashes.SHA256())


def key_for_pss_only(pkcs8: bytes) -> bytes:
    """Mark an RSA private key in PKCS#8 as one for RSASSA-PSS only."""
    version, _, key = _values(pkcs8)
    return _value(_SEQUENCE, version + _RSA_FOR_PSS_ONLY + key)


def _signed(
    content: bytes,
    algorithm: bytes,
    signer: CertificateIssuerPrivateKeyTypes,
    digest: hashes.HashAlgorithm,
) -> x509.Certificate:
    to_be_signed = _value(_SEQUENCE, content)
    if isinstance(signer, rsa.RSAPrivateKey):
        signature = signer.sign(to_be_signed, padding.PKCS1v15(), digest)
    elif isinstance(signer, ec.EllipticCurvePrivateKey):
        signature = signer.sign(to_be_signed, ec.ECDSA(digest))
    else:
        raise TypeError("Only RSA and ECDSA keys can sign such certificates.")
    bits = _value(_BIT_STRING, b"\0" + signature)
    return x509.load_der_x509_certificate(_value(_SEQUENCE, to_be_signed + algorithm + bits))


def _dotted(identifier: x509.ObjectIdentifier) -> bytes:
    first, second, *arcs = map(int, identifier.dotted_string.split("."))
    return _value(
        _OBJECT_IDENTIFIER, bytes([40 * first + second]) + b"".join(_arc(arc) for arc in arcs)
    )


def _arc(number: int) -> bytes:
    octets = [number & 0x7F]
    while number := number >> 7:
        octets.append(0x80 | number & 0x7F)
    return bytes(reversed(octets))


def _value(tag: int, content: bytes) -> bytes:
    length = len(content)
    if length < _LONG_FORM:
        return bytes([tag, length]) + content
    octets = length.to_bytes((length.bit_length() + 7) // 8)
    return bytes([tag, 0x80 | len(octets)]) + octets + content


def _values(sequence: bytes) -> Iterator[bytes]:
    """Yield the values in a sequence, each with its header."""
    rest = sequence[_header(sequence) :]
    while rest:
        end = _header(rest) + _length(rest)
        yield rest[:end]
        rest = rest[end:]


def _header(value: bytes) -> int:
    return 2 if value[1] < _LONG_FORM else 2 + (value[1] & 0x7F)


def _length(value: bytes) -> int:
    return value[1] if value[1] < _LONG_FORM else int.from_bytes(value[2 : _header(value)])


_RSA_FOR_PSS_ONLY = _value(_SEQUENCE, _dotted(PublicKeyAlgorithmOID.RSASSA_PSS))
"""The algorithm of such a key; parameters would restrict it further."""


def with_other_algorithm_inside(
    certificate: x509.Certificate, signer: CertificateIssuerPrivateKeyTypes
) -> x509.Certificate:
    """Name another algorithm in the signed part than next to the signature: SHA-1 with RSA."""
    version, serial, algorithm, *rest = _values(certificate.tbs_certificate_bytes)
    inside = _value(_SEQUENCE, _dotted(SignatureAlgorithmOID.RSA_WITH_SHA1) + _value(_NULL, b""))
    content = b"".join([version, serial, inside, *rest])
    return _signed(content, algorithm, signer, hashes.SHA256())


def with_other_scheme(
    certificate: x509.Certificate, signer: CertificateIssuerPrivateKeyTypes
) -> x509.Certificate:
    """Declare a signature, inside and outside, as ECDSA with SHA-256, whatever the key."""
    algorithm = _value(_SEQUENCE, _dotted(SignatureAlgorithmOID.ECDSA_WITH_SHA256))
    version, serial, _, *rest = _values(certificate.tbs_certificate_bytes)
    content = b"".join([version, serial, algorithm, *rest])
    return _signed(content, algorithm, signer, hashes.SHA256())


def with_damaged_signature(certificate: x509.Certificate) -> x509.Certificate:
    """Change the last octet of a signature."""
    der = certificate.public_bytes(Encoding.DER)
    return x509.load_der_x509_certificate(der[:-1] + bytes([der[-1] ^ 1]))
