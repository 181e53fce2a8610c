"""Put a chain in the order that IAM wants: each certificate certifies the one before it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

from server_certificate.material import der

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cryptography import x509


@dataclass(frozen=True, slots=True)
class OrderedChain:
    """A chain in order, and what does not belong to it."""

    chain: tuple[x509.Certificate, ...]
    """Issuer of the leaf first; empty when none of the candidates certifies the leaf."""

    unrelated: tuple[x509.Certificate, ...]
    """Candidates that certify nothing in the chain."""


def order(leaf: x509.Certificate, candidates: Sequence[x509.Certificate]) -> OrderedChain:
    """
    Order candidates into the chain of a leaf.

    The order of the candidates does not matter. Where several certify the same element (a
    cross-signed CA), one that leads on to a further candidate is taken before a self-signed one.

    Args:
        leaf: The certificate that the chain begins after.
        candidates: Certificates without duplicates and without the leaf.
    """
    remaining = sorted(candidates, key=der)
    chain: list[x509.Certificate] = []
    current = leaf
    while not is_self_signed(current):
        issuers = [candidate for candidate in remaining if certifies(candidate, current)]
        if not issuers:
            break
        current = min(issuers, key=is_self_signed)
        remaining.remove(current)
        chain.append(current)
    in_given_order = [candidate for candidate in candidates if candidate in remaining]
    return OrderedChain(tuple(chain), tuple(in_given_order))


def certifies(issuer: x509.Certificate, subject: x509.Certificate) -> bool:
    """
    Tell whether one certificate really signed another (RFC 5280, section 6.1.3 a).

    Names must match and the signature is verified: RSA PKCS#1 v1.5 and PSS, ECDSA, Ed25519, Ed448.
    """
    try:
        subject.verify_directly_issued_by(issuer)
    except (InvalidSignature, UnsupportedAlgorithm, TypeError, ValueError):
        return False
    return True


def is_self_signed(certificate: x509.Certificate) -> bool:
    """Tell whether a certificate signed itself."""
    return certifies(certificate, certificate)
