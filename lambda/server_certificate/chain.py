"""Put a chain in the order that IAM wants: each certificate certifies the one before it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from server_certificate.material import der

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cryptography import x509


class Signatures:
    """
    Who certified whom. Each pair is verified once, and only if the names match.

    With n certificates of one name that makes at most n² verifications; ``reading.MAX_BLOCKS``
    bounds n.
    """

    def __init__(self) -> None:
        self._verified: dict[tuple[x509.Certificate, x509.Certificate], bool] = {}

    def certifies(self, issuer: x509.Certificate, subject: x509.Certificate) -> bool:
        """Tell whether one certificate really signed another."""
        if issuer.subject != subject.issuer:
            return False
        pair = (issuer, subject)
        if pair not in self._verified:
            self._verified[pair] = certifies(issuer, subject)
        return self._verified[pair]

    def is_self_signed(self, certificate: x509.Certificate) -> bool:
        """Tell whether a certificate signed itself."""
        return self.certifies(certificate, certificate)


@dataclass(frozen=True, slots=True)
class OrderedChain:
    """A chain in order, and what does not belong to it."""

    chain: tuple[x509.Certificate, ...]
    """Issuer of the leaf first; empty when none of the candidates certifies the leaf."""

    unrelated: tuple[x509.Certificate, ...]
    """Candidates that are not in the chain, in the order in which they were given."""


def order(
    leaf: x509.Certificate,
    candidates: Sequence[x509.Certificate],
    signatures: Signatures | None = None,
) -> OrderedChain:
    """
    Order candidates into the chain of a leaf.

    The order of the candidates does not matter. Where several certify the same element (a
    cross-signed CA), one that leads on to a further candidate is taken first, a self-signed one
    last.

    Args:
        leaf: The certificate that the chain begins after.
        candidates: Certificates without duplicates and without the leaf.
        signatures: What is known about who certified whom.
    """
    known = signatures or Signatures()
    # By encoding, so that a tie does not depend on the order in which they were given.
    remaining = sorted(candidates, key=der)
    chain: list[x509.Certificate] = []
    current = leaf
    while not known.is_self_signed(current):
        issuers = [candidate for candidate in remaining if known.certifies(candidate, current)]
        if not issuers:
            break
        current = min(issuers, key=lambda issuer: _rank(issuer, remaining, known))
        remaining.remove(current)
        chain.append(current)
    return OrderedChain(
        tuple(chain), tuple(candidate for candidate in candidates if candidate in remaining)
    )


def certifies(issuer: x509.Certificate, subject: x509.Certificate) -> bool:
    """
    Tell whether one certificate really signed another (RFC 5280, section 6.1.3 a).

    Names must match and the signature is verified: RSA PKCS#1 v1.5 and PSS, ECDSA, Ed25519, Ed448.
    """
    try:
        digest = subject.signature_hash_algorithm
        if isinstance(digest, hashes.SHA1 | hashes.MD5):
            _verify_outdated(issuer, subject, digest)
        else:
            subject.verify_directly_issued_by(issuer)
    except (InvalidSignature, UnsupportedAlgorithm, TypeError, ValueError):
        return False
    return True


def is_self_signed(certificate: x509.Certificate) -> bool:
    """Tell whether a certificate signed itself."""
    return certifies(certificate, certificate)


def _rank(
    issuer: x509.Certificate, remaining: Sequence[x509.Certificate], known: Signatures
) -> int:
    if known.is_self_signed(issuer):
        return 2
    return 0 if any(known.certifies(other, issuer) for other in remaining) else 1


def _verify_outdated(
    issuer: x509.Certificate, subject: x509.Certificate, digest: hashes.SHA1 | hashes.MD5
) -> None:
    # The library no longer verifies such certificates as a whole, and IAM still takes them: roots
    # of that age sign themselves this way.
    if issuer.subject != subject.issuer:
        raise ValueError("The names differ.")
    key = issuer.public_key()
    signed = subject.signature, subject.tbs_certificate_bytes
    if isinstance(key, rsa.RSAPublicKey):
        key.verify(*signed, padding.PKCS1v15(), digest)
    elif isinstance(key, ec.EllipticCurvePublicKey):
        key.verify(*signed, ec.ECDSA(digest))
    else:
        raise TypeError("The key is of another kind.")
