"""Verify who signed which certificate: each pair once, and within a budget."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, padding, rsa

from server_certificate.budget import Budget, BudgetExceededError
from server_certificate.certificates.algorithms import signature_scheme

if TYPE_CHECKING:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes

    from server_certificate.certificates.certificate import Certificate

MAX_RSA_BITS, MAX_EXPONENT_BITS, MAX_DSA_BITS = 16_384, 64, 4_096
"""
Signatures of longer keys are not verified, because one would take seconds.

OpenSSL supports RSA keys of at most 16,384 bits, and exponents of at most 64 bits for keys of more
than 3,072 bits (``OPENSSL_RSA_MAX_MODULUS_BITS``, ``OPENSSL_RSA_MAX_PUBEXP_BITS``).
"""

_QUICK_CURVES = {"secp224r1", "secp256r1"}
_BITS_OF_COST_1_RSA, _BITS_OF_COST_1_EXPONENT = 4_096, 17
_BITS_OF_COST_1_DSA, _BITS_OF_COST_1_CURVE = 1_024, 128
_COST_OF_ED448 = 3
_OCTETS_OF_COST_1 = 16_384

_EXHAUSTED = "too many signatures need to be verified"

_KEYS: dict[str, type[CertificatePublicKeyTypes]] = {
    "RSA": rsa.RSAPublicKey,
    "RSA-PSS": rsa.RSAPublicKey,
    "ECDSA": ec.EllipticCurvePublicKey,
    "DSA": dsa.DSAPublicKey,
    "Ed25519": ed25519.Ed25519PublicKey,
    "Ed448": ed448.Ed448PublicKey,
}
"""The type of key for each signature scheme."""


class Signatures:
    """
    Verifies who signed which certificate. Each pair is verified once, and only if the names match.

    Malicious certificates could require the verification of every pair with the most expensive
    keys. Verifications therefore have a budget. Once it is spent, no further pair counts as
    verified.

    Args:
        budget: The budget for verifications. Default: a new one.
    """

    def __init__(self, budget: Budget | None = None) -> None:
        self._budget = budget or Budget()
        self._certified: dict[tuple[Certificate, Certificate], bool] = {}
        self._obstacles: dict[tuple[Certificate, Certificate], str] = {}
        self.is_exhausted = False
        """Whether the budget is spent, so that the remaining pairs are unknown."""

    def certifies(self, issuer: Certificate, subject: Certificate) -> bool:
        """
        Return whether one certificate signed another (RFC 5280, section 6.1.3 a).

        The names must match, and the signature must be valid: RSA with PKCS#1 v1.5, RSA with PSS
        and the certificate's own parameters, ECDSA, DSA, Ed25519 or Ed448. Any digest is allowed,
        including SHA-1, which old roots use and IAM still accepts.
        """
        pair = (issuer, subject)
        known = self._certified.get(pair)
        if known is None:
            if self.is_exhausted:
                return False
            known = self._certified[pair] = self._verify(issuer, subject)
        return known

    def is_self_signed(self, certificate: Certificate) -> bool:
        """Return whether a certificate is self-signed."""
        return certificate.is_self_issued and self.certifies(certificate, certificate)

    def is_wrongly_self_signed(self, certificate: Certificate) -> bool:
        """
        Return whether a certificate claims to be self-signed, but isn't.

        A CA can also sign a certificate for its new key with its old key (RFC 5280, section 3.2,
        self-issued). Such a certificate has its own name as the issuer, but identifies the other
        key.
        """
        if not certificate.is_self_issued or self.certifies(certificate, certificate):
            return False
        own = certificate.extensions.value(x509.SubjectKeyIdentifier)
        signer = certificate.extensions.value(x509.AuthorityKeyIdentifier)
        names_another_key = (
            signer is not None
            and signer.key_identifier is not None
            and (own is None or own.digest != signer.key_identifier)
        )
        return not names_another_key and not self.obstacle(certificate, certificate)

    def obstacle(self, issuer: Certificate, subject: Certificate) -> str:
        """Return what prevented verifying a signature, as a clause; empty if nothing did."""
        pair = (issuer, subject)
        if not self.certifies(issuer, subject) and pair not in self._certified:
            return _EXHAUSTED if issuer.subject == subject.issuer else ""
        return self._obstacles.get(pair, "")

    def _verify(self, issuer: Certificate, subject: Certificate) -> bool:
        if issuer.subject != subject.issuer:
            return False
        obstacle, cost = _effort(issuer.public_key, len(subject.signed))
        try:
            self._budget.spend_verification(cost)
            if not obstacle:
                _verify(subject, issuer.public_key)
                return True
        except InvalidSignature:
            return False
        except BudgetExceededError:
            self.is_exhausted = True
            obstacle = _EXHAUSTED
        except (UnsupportedAlgorithm, ValueError):
            identifier = subject.signature_algorithm_oid.dotted_string
            obstacle = f"the signature algorithm {identifier} is not supported"
        self._obstacles[issuer, subject] = obstacle
        return False


def _effort(key: CertificatePublicKeyTypes, signed: int) -> tuple[str, int]:
    """
    Return why a key isn't supported, and the cost of a verification with it.

    The reason is a clause, or empty if the key is supported. The cost is an upper bound in units of
    ECDSA on P-256, which takes about 80 microseconds.

    Args:
        key: The public key.
        signed: The number of signed bytes.
    """
    obstacle, cost = "", 1
    if isinstance(key, rsa.RSAPublicKey):
        obstacle, cost = _effort_of_rsa(key.key_size, key.public_numbers().e.bit_length())
    elif isinstance(key, ec.EllipticCurvePublicKey):
        if key.curve.name not in _QUICK_CURVES:
            cost = max(1, key.key_size // _BITS_OF_COST_1_CURVE) ** 2
    elif isinstance(key, dsa.DSAPublicKey):
        cost = max(1, key.key_size // _BITS_OF_COST_1_DSA) ** 2
        if key.key_size > MAX_DSA_BITS:
            obstacle = (
                f"its DSA key has {key.key_size:,} bits; the limit for verifying signatures is"
                f" {MAX_DSA_BITS:,}"
            )
    elif isinstance(key, ed448.Ed448PublicKey):
        cost = _COST_OF_ED448
    return (obstacle, 1) if obstacle else ("", cost + signed // _OCTETS_OF_COST_1)


def _effort_of_rsa(size: int, exponent: int) -> tuple[str, int]:
    if size > MAX_RSA_BITS:
        return (
            f"its RSA key has {size:,} bits; the limit for verifying signatures is {MAX_RSA_BITS:,}"
        ), 1
    if exponent > MAX_EXPONENT_BITS:
        return (
            f"the exponent of its RSA key has {exponent:,} bits; the limit for verifying signatures"
            f" is {MAX_EXPONENT_BITS}"
        ), 1
    factor = max(1, size // _BITS_OF_COST_1_RSA)
    return "", factor * factor * max(1, exponent // _BITS_OF_COST_1_EXPONENT)


def _verify(certificate: Certificate, key: CertificatePublicKeyTypes) -> None:
    """
    Verify the signature of a certificate.

    Raises:
        InvalidSignature: The signature is not valid for this key.
        UnsupportedAlgorithm, ValueError: The library can't verify it.
    """
    scheme = signature_scheme(certificate)
    if scheme is None:
        raise UnsupportedAlgorithm("The signature algorithm is unknown.")
    if not isinstance(key, _KEYS[scheme]):
        raise InvalidSignature("The signature algorithm doesn't match the key.")
    signature, signed = certificate.signature, certificate.signed
    if isinstance(key, rsa.RSAPublicKey):
        parameters = certificate.signature_algorithm_parameters
        pad = parameters if isinstance(parameters, padding.PSS) else padding.PKCS1v15()
        key.verify(signature, signed, pad, _digest(certificate))
    elif isinstance(key, ec.EllipticCurvePublicKey):
        key.verify(signature, signed, ec.ECDSA(_digest(certificate)))
    elif isinstance(key, dsa.DSAPublicKey):
        key.verify(signature, signed, _digest(certificate))
    elif isinstance(key, ed25519.Ed25519PublicKey | ed448.Ed448PublicKey):
        key.verify(signature, signed)


def _digest(certificate: Certificate) -> hashes.HashAlgorithm:
    digest = certificate.signature_hash_algorithm
    if digest is None:
        raise UnsupportedAlgorithm("The digest of the signature is unknown.")
    return digest
