"""Describe certificates and keys for people and for machines."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, NamedTuple

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import PublicKeyAlgorithmOID

from server_certificate.certificates.algorithms import signature_algorithm
from server_certificate.certificates.subject_names import dns_names
from server_certificate.der import SEQUENCE, parts, whole
from server_certificate.fingerprint import sha256_fingerprint

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

    from server_certificate.certificates.certificate import Certificate
    from server_certificate.certificates.signatures import Signatures
    from server_certificate.material import PrivateKey

_CURVES = {
    "secp192r1": "P-192",
    "secp224r1": "P-224",
    "secp256r1": "P-256",
    "secp384r1": "P-384",
    "secp521r1": "P-521",
}

_RSA_FOR_PSS_ONLY = "RSASSA-PSS"
_PSS_IN_DER = bytes.fromhex("06092a864886f70d01010a")
"""The object identifier 1.2.840.113549.1.1.10, rsassaPss."""


class KeyDescription(NamedTuple):
    """A description of a key. As a string, it is the shortest unambiguous name."""

    algorithm: str
    """
    ``RSA``, ``EC P-256`` and other curves, ``Ed25519``, ``Ed448``, ``DSA``, …

    ``RSASSA-PSS`` is an RSA key that is restricted to such signatures (RFC 4055, 1.2).
    """

    size: int | None
    """The size in bits; None if the algorithm determines it and the library doesn't provide it."""

    def __str__(self) -> str:
        """Return the algorithm, with the size if it isn't part of the name: ``RSA 2048``."""
        if self.size is None or self.is_elliptic:
            return self.algorithm
        return f"{self.algorithm} {self.size}"

    @property
    def is_elliptic(self) -> bool:
        """Whether it is an EC key for ECDSA. EdDSA keys are other algorithms."""
        return self.algorithm.startswith("EC ")

    @property
    def is_rsa(self) -> bool:
        """Whether it is an unrestricted RSA key. One for RSASSA-PSS only is another algorithm."""
        return self.algorithm == "RSA"


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """A description of a certificate. Reports use the order of the fields."""

    subject: str
    """Distinguished name in RFC 4514 format; empty if it has none."""

    issuer: str
    """Distinguished name of the issuer in RFC 4514 format."""

    serial_number: str
    """Serial number in hexadecimal, upper case, pairs joined by colons."""

    not_before: datetime
    """First second of validity, UTC."""

    not_after: datetime
    """Last second of validity, UTC."""

    sha256_fingerprint: str
    """SHA-256 of the DER encoding, upper-case hexadecimal pairs joined by colons."""

    subject_alternative_names: tuple[str, ...]
    """DNS names and IP addresses."""

    key_algorithm: str
    """``RSA``, ``RSASSA-PSS``, ``EC P-256``, another ``EC …``, ``Ed25519``, ``Ed448``, …"""

    key_size: int | None
    """The size in bits; None if the algorithm determines it and the library doesn't provide it."""

    signature_algorithm: str
    """
    The signature algorithm, such as ``SHA256-RSA``, ``SHA256-RSA-PSS``, ``SHA384-ECDSA``,
    ``Ed25519``.
    """

    self_signed: bool | None
    """Whether it is self-signed; None if the signature can't be verified."""

    def as_json(self) -> Mapping[str, object]:
        """Return the fields for JSON: dates are strings, names a list."""
        return {field.name: getattr(self, field.name) for field in fields(self)} | {
            "not_before": timestamp(self.not_before),
            "not_after": timestamp(self.not_after),
            "subject_alternative_names": list(self.subject_alternative_names),
        }


def describe(certificate: Certificate, signatures: Signatures) -> Description:
    """
    Describe a certificate. No certificate raises an exception.

    Args:
        certificate: The certificate.
        signatures: Verifies who signed which certificate. Use the same one for all certificates.
    """
    key = describe_certified_key(certificate)
    is_unknown = bool(signatures.obstacle(certificate, certificate))
    return Description(
        subject=certificate.subject.rfc4514_string(),
        issuer=certificate.issuer.rfc4514_string(),
        serial_number=_serial_number(certificate),
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        sha256_fingerprint=sha256_fingerprint(certificate),
        subject_alternative_names=dns_names(certificate),
        key_algorithm=key.algorithm,
        key_size=key.size,
        signature_algorithm=signature_algorithm(certificate),
        self_signed=None if is_unknown else signatures.is_self_signed(certificate),
    )


def describe_certified_key(certificate: Certificate) -> KeyDescription:
    """Describe the public key of a certificate."""
    key = describe_key(certificate.public_key)
    # The library represents both kinds of RSA keys with the same class.
    is_for_pss_only = certificate.public_key_algorithm_oid == PublicKeyAlgorithmOID.RSASSA_PSS
    return key._replace(algorithm=_RSA_FOR_PSS_ONLY) if is_for_pss_only else key


def describe_private_key(private_key: PrivateKey) -> KeyDescription:
    """Describe a private key in the format that IAM would receive."""
    key = describe_key(private_key.key.public_key())
    # In PKCS#8 the algorithm follows the version (RFC 5208, 5). Other formats don't contain it.
    for algorithm in parts(whole(private_key.block.der))[1:2]:
        if algorithm.tag == SEQUENCE and algorithm.content.startswith(_PSS_IN_DER):
            return key._replace(algorithm=_RSA_FOR_PSS_ONLY)
    return key


def describe_key(public_key: PublicKeyTypes) -> KeyDescription:
    """Describe a public key, which doesn't reveal the restrictions of an RSA key."""
    if isinstance(public_key, rsa.RSAPublicKey):
        return KeyDescription(algorithm="RSA", size=public_key.key_size)
    if isinstance(public_key, ec.EllipticCurvePublicKey):
        name = public_key.curve.name
        return KeyDescription(
            algorithm=f"EC {_CURVES.get(name, name)}", size=public_key.curve.key_size
        )
    size: int | None = getattr(public_key, "key_size", None)
    # The library's classes are named after the algorithm: Ed25519PublicKey, X448PublicKey, …
    return KeyDescription(algorithm=type(public_key).__name__.removesuffix("PublicKey"), size=size)


def timestamp(instant: datetime) -> str:
    """Return a time in UTC in ISO 8601 format, to the second: ``2030-06-15T12:00:00Z``."""
    return instant.replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def _serial_number(certificate: Certificate) -> str:
    with warnings.catch_warnings():
        # Ignore warnings about numbers that aren't positive; they are shown like all others.
        warnings.simplefilter("ignore")
        number = certificate.serial_number
    octets = abs(number).to_bytes(max(1, (abs(number).bit_length() + 7) // 8))
    return ("-" if number < 0 else "") + _in_pairs(octets)


def _in_pairs(octets: bytes) -> str:
    return octets.hex(":").upper()
