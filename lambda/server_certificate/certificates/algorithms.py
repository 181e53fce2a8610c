"""The names of signature algorithms, and which of them are outdated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.x509.oid import SignatureAlgorithmOID

if TYPE_CHECKING:
    from server_certificate.certificates.certificate import Certificate

_RSA, _PSS, _ECDSA, _DSA = "RSA", "RSA-PSS", "ECDSA", "DSA"

_SCHEMES = {
    SignatureAlgorithmOID.RSA_WITH_MD5: _RSA,
    SignatureAlgorithmOID.RSA_WITH_SHA1: _RSA,
    # An older identifier of the OSI Implementers' Workshop.
    x509.ObjectIdentifier("1.3.14.3.2.29"): _RSA,
    SignatureAlgorithmOID.RSA_WITH_SHA224: _RSA,
    SignatureAlgorithmOID.RSA_WITH_SHA256: _RSA,
    SignatureAlgorithmOID.RSA_WITH_SHA384: _RSA,
    SignatureAlgorithmOID.RSA_WITH_SHA512: _RSA,
    SignatureAlgorithmOID.RSA_WITH_SHA3_224: _RSA,
    SignatureAlgorithmOID.RSA_WITH_SHA3_256: _RSA,
    SignatureAlgorithmOID.RSA_WITH_SHA3_384: _RSA,
    SignatureAlgorithmOID.RSA_WITH_SHA3_512: _RSA,
    SignatureAlgorithmOID.RSASSA_PSS: _PSS,
    SignatureAlgorithmOID.ECDSA_WITH_SHA1: _ECDSA,
    SignatureAlgorithmOID.ECDSA_WITH_SHA224: _ECDSA,
    SignatureAlgorithmOID.ECDSA_WITH_SHA256: _ECDSA,
    SignatureAlgorithmOID.ECDSA_WITH_SHA384: _ECDSA,
    SignatureAlgorithmOID.ECDSA_WITH_SHA512: _ECDSA,
    SignatureAlgorithmOID.ECDSA_WITH_SHA3_224: _ECDSA,
    SignatureAlgorithmOID.ECDSA_WITH_SHA3_256: _ECDSA,
    SignatureAlgorithmOID.ECDSA_WITH_SHA3_384: _ECDSA,
    SignatureAlgorithmOID.ECDSA_WITH_SHA3_512: _ECDSA,
    SignatureAlgorithmOID.DSA_WITH_SHA1: _DSA,
    SignatureAlgorithmOID.DSA_WITH_SHA224: _DSA,
    SignatureAlgorithmOID.DSA_WITH_SHA256: _DSA,
    SignatureAlgorithmOID.DSA_WITH_SHA384: _DSA,
    SignatureAlgorithmOID.DSA_WITH_SHA512: _DSA,
}
_WITHOUT_DIGEST = {
    SignatureAlgorithmOID.ED25519: "Ed25519",
    SignatureAlgorithmOID.ED448: "Ed448",
}
_OUTDATED = frozenset(
    {
        SignatureAlgorithmOID.RSA_WITH_MD5,
        SignatureAlgorithmOID.RSA_WITH_SHA1,
        x509.ObjectIdentifier("1.3.14.3.2.29"),
        SignatureAlgorithmOID.ECDSA_WITH_SHA1,
        SignatureAlgorithmOID.DSA_WITH_SHA1,
    }
)
# Too old to have a name in the library (RFC 8017, appendix C; RFC 2313).
_FORGOTTEN = {
    x509.ObjectIdentifier("1.2.840.113549.1.1.2"): "MD2-RSA",
    x509.ObjectIdentifier("1.2.840.113549.1.1.3"): "MD4-RSA",
}


def signature_algorithm(certificate: Certificate) -> str:
    """
    Return the name of the signature algorithm of a certificate.

    Returns:
        Digest and scheme, such as ``SHA256-RSA``, ``SHA256-RSA-PSS`` or ``SHA384-ECDSA``; a name
        such as ``Ed25519``; or the dotted object identifier if neither is known.
    """
    identifier = certificate.signature_algorithm_oid
    scheme, digest = _SCHEMES.get(identifier), _digest(certificate)
    if scheme is not None and digest is not None:
        return f"{digest.name.upper()}-{scheme}"
    known = _WITHOUT_DIGEST.get(identifier) or _FORGOTTEN.get(identifier)
    return known or identifier.dotted_string


def signature_scheme(certificate: Certificate) -> str | None:
    """Return ``RSA``, ``RSA-PSS``, ``ECDSA``, ``DSA``, ``Ed25519`` or ``Ed448``; None for others."""
    identifier = certificate.signature_algorithm_oid
    return _SCHEMES.get(identifier) or _WITHOUT_DIGEST.get(identifier)


def is_outdated(certificate: Certificate) -> bool:
    """Return whether the signature of a certificate uses a broken digest: SHA-1 or older."""
    identifier = certificate.signature_algorithm_oid
    if identifier == SignatureAlgorithmOID.RSASSA_PSS:
        return isinstance(_digest(certificate), hashes.SHA1 | hashes.MD5)
    return identifier in _OUTDATED or identifier in _FORGOTTEN


def _digest(certificate: Certificate) -> hashes.HashAlgorithm | None:
    try:
        return certificate.signature_hash_algorithm
    except (UnsupportedAlgorithm, ValueError, TypeError):
        return None
