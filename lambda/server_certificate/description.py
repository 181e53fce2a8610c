"""What a certificate and a key say about themselves, for people and for machines."""

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
    """What kind of key it is. As a text it is the shortest name that tells it from others."""

    algorithm: str
    """
    ``RSA``, ``EC P-256`` and other curves, ``Ed25519``, ``Ed448``, ``DSA``, …

    ``RSASSA-PSS`` is an RSA key that says it is for such signatures alone (RFC 4055, 1.2).
    """

    size: int | None
    """Bits of the key; None where the algorithm fixes it and the library names none."""

    def __str__(self) -> str:
        """Return the algorithm, and the size where that is not in its name: ``RSA 2048``."""
        if self.size is None or self.is_elliptic:
            return self.algorithm
        return f"{self.algorithm} {self.size}"

    @property
    def is_elliptic(self) -> bool:
        """Whether it is an EC key, for ECDSA; EdDSA keys are kinds of their own."""
        return self.algorithm.startswith("EC ")

    @property
    def is_rsa(self) -> bool:
        """Whether it is an RSA key for every use; one for RSASSA-PSS alone is a kind of its own."""
        return self.algorithm == "RSA"


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
    """``RSA``, ``RSASSA-PSS``, ``EC P-256``, another ``EC …``, ``Ed25519``, ``Ed448``, …"""

    key_size: int | None
    """Bits of the key; None where the algorithm fixes it and the library names none."""

    signature_algorithm: str
    """What the certificate is signed with, such as ``SHA256-RSA``, ``SHA256-RSA-PSS``, ``SHA384-ECDSA``, ``Ed25519``."""

    self_signed: bool | None
    """Whether it signed itself, verified; None where that can't be verified."""

    def as_json(self) -> Mapping[str, object]:
        """Return the fields as JSON can hold them: dates are texts, names a list."""
        return {field.name: getattr(self, field.name) for field in fields(self)} | {
            "not_before": timestamp(self.not_before),
            "not_after": timestamp(self.not_after),
            "subject_alternative_names": list(self.subject_alternative_names),
        }


def describe(certificate: Certificate, signatures: Signatures) -> Description:
    """
    Describe a certificate. Whatever it holds, nothing is raised.

    Args:
        certificate: What to describe.
        signatures: What is known about who certified whom, the same for all that are described.
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
    """Describe the key that a certificate is for."""
    key = describe_key(certificate.public_key)
    # The library makes the same object of both kinds of RSA keys.
    is_for_pss_only = certificate.public_key_algorithm_oid == PublicKeyAlgorithmOID.RSASSA_PSS
    return key._replace(algorithm=_RSA_FOR_PSS_ONLY) if is_for_pss_only else key


def describe_private_key(private_key: PrivateKey) -> KeyDescription:
    """Describe a private key by the form in which IAM would get it."""
    key = describe_key(private_key.key.public_key())
    # The algorithm follows the version in PKCS#8 (RFC 5208, 5); the other forms say none.
    for algorithm in parts(whole(private_key.block.der))[1:2]:
        if algorithm.tag == SEQUENCE and algorithm.content.startswith(_PSS_IN_DER):
            return key._replace(algorithm=_RSA_FOR_PSS_ONLY)
    return key


def describe_key(public_key: PublicKeyTypes) -> KeyDescription:
    """Describe a key by its public half, which doesn't tell what an RSA key may be used for."""
    if isinstance(public_key, rsa.RSAPublicKey):
        return KeyDescription(algorithm="RSA", size=public_key.key_size)
    if isinstance(public_key, ec.EllipticCurvePublicKey):
        name = public_key.curve.name
        return KeyDescription(
            algorithm=f"EC {_CURVES.get(name, name)}", size=public_key.curve.key_size
        )
    size: int | None = getattr(public_key, "key_size", None)
    # The library's classes are called after what they are: Ed25519PublicKey, X448PublicKey, …
    return KeyDescription(algorithm=type(public_key).__name__.removesuffix("PublicKey"), size=size)


def timestamp(instant: datetime) -> str:
    """Return an instant in UTC as everybody writes it, to the second: ``2030-06-15T12:00:00Z``."""
    return instant.replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def _serial_number(certificate: Certificate) -> str:
    with warnings.catch_warnings():
        # About numbers that are not positive; here they are told like all others.
        warnings.simplefilter("ignore")
        number = certificate.serial_number
    octets = abs(number).to_bytes(max(1, (abs(number).bit_length() + 7) // 8))
    return ("-" if number < 0 else "") + _in_pairs(octets)


def _in_pairs(octets: bytes) -> str:
    return octets.hex(":").upper()
