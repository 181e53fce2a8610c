"""Put a chain in the order that IAM wants: each certificate certifies the one before it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, padding, rsa

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cryptography import x509

    from server_certificate.certificate import Certificate

VERIFICATIONS_PER_CERTIFICATE = 1
"""A chain takes one for each element, and one more for its root."""

SPARE_VERIFICATIONS = 500
"""Further ones, for forks and for certificates of one name. Nothing that leads to a certificate
takes as many, and with the largest keys they take about a second."""


_USUAL_CURVE_BITS, _USUAL_RSA_BITS, _USUAL_EXPONENT_BITS = 256, 4_096, 17
_COST_OF_LONG_CURVES = 8


class Signatures:
    """
    Who certified whom. Each pair is verified once, and only if the names match.

    Certificates made for the purpose could ask for a verification of every pair. Their number is
    therefore limited: once the limit is met, no further pair counts as verified.

    Args:
        certificates: How many certificates there are.
    """

    def __init__(self, certificates: int = 0) -> None:
        self._verified: dict[tuple[Certificate, Certificate], bool] = {}
        self._limit = SPARE_VERIFICATIONS + VERIFICATIONS_PER_CERTIFICATE * certificates
        self._spent = 0
        self.is_exhausted = False
        """Whether the limit was met, so that nothing is certain about the rest."""

    def certifies(self, issuer: Certificate, subject: Certificate) -> bool:
        """Tell whether one certificate really signed another."""
        if issuer.subject != subject.issuer:
            return False
        pair = (issuer, subject)
        if pair not in self._verified:
            if self._spent >= self._limit:
                self.is_exhausted = True
                return False
            self._spent += _cost(issuer)
            self._verified[pair] = certifies(issuer, subject)
        return self._verified[pair]

    def is_self_signed(self, certificate: Certificate) -> bool:
        """Tell whether a certificate signed itself."""
        return self.certifies(certificate, certificate)


@dataclass(frozen=True, slots=True)
class OrderedChain:
    """A chain in order, and what does not belong to it."""

    chain: tuple[Certificate, ...]
    """Issuer of the leaf first; empty when none of the candidates certifies the leaf."""

    unrelated: tuple[Certificate, ...]
    """Candidates that are not in the chain, in the order in which they were given."""


def order(
    leaf: Certificate,
    candidates: Sequence[Certificate],
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
    known = signatures or Signatures(len(candidates))
    remaining: defaultdict[x509.Name, list[Certificate]] = defaultdict(list)
    # By encoding, so that a tie does not depend on the order in which they were given.
    for candidate in sorted(candidates, key=lambda candidate: candidate.der):
        remaining[candidate.subject].append(candidate)
    chain: list[Certificate] = []
    current = leaf
    while not known.is_self_signed(current):
        namesakes = remaining.get(current.issuer, [])
        issuers = [candidate for candidate in namesakes if known.certifies(candidate, current)]
        if not issuers:
            break
        if len(issuers) > 1:
            issuers.sort(key=lambda issuer: _rank(issuer, remaining.get(issuer.issuer, ()), known))
        current = issuers[0]
        namesakes.remove(current)
        chain.append(current)
    taken = set(chain)
    return OrderedChain(
        tuple(chain), tuple(candidate for candidate in candidates if candidate not in taken)
    )


def certifies(issuer: Certificate, subject: Certificate) -> bool:
    """
    Tell whether one certificate really signed another (RFC 5280, section 6.1.3 a).

    Names must match and the signature is verified: RSA with PKCS#1 v1.5 and with PSS as the
    certificate's own parameters say, ECDSA, DSA, Ed25519, Ed448; with any digest, SHA-1 included,
    which old roots have and IAM still takes.
    """
    if issuer.subject != subject.issuer:
        return False
    try:
        _verify(subject, by=issuer)
    except (InvalidSignature, UnsupportedAlgorithm, TypeError, ValueError):
        return False
    return True


def is_self_signed(certificate: Certificate) -> bool:
    """Tell whether a certificate signed itself."""
    return certifies(certificate, certificate)


def _rank(issuer: Certificate, candidates: Iterable[Certificate], known: Signatures) -> int:
    if known.is_self_signed(issuer):
        return 2
    return 0 if any(known.certifies(other, issuer) for other in candidates) else 1


def _cost(issuer: Certificate) -> int:
    """Return how many verifications with a usual key one with this key costs, roughly."""
    key = issuer.public_key
    if isinstance(key, ec.EllipticCurvePublicKey) and key.key_size > _USUAL_CURVE_BITS:
        return _COST_OF_LONG_CURVES
    if isinstance(key, rsa.RSAPublicKey):
        size = max(1, key.key_size // _USUAL_RSA_BITS)
        exponent = max(1, key.public_numbers().e.bit_length() // _USUAL_EXPONENT_BITS)
        return size * size * exponent
    return 1


def _verify(certificate: Certificate, *, by: Certificate) -> None:
    key = by.public_key
    signature, signed = certificate.signature, certificate.signed
    if isinstance(key, ed25519.Ed25519PublicKey | ed448.Ed448PublicKey):
        key.verify(signature, signed)
        return
    digest = certificate.signature_hash_algorithm
    if digest is None:
        raise TypeError("The signature is of another kind than the key.")
    if isinstance(key, rsa.RSAPublicKey):
        parameters = certificate.signature_algorithm_parameters
        scheme = parameters if isinstance(parameters, padding.PSS) else padding.PKCS1v15()
        key.verify(signature, signed, scheme, digest)
    elif isinstance(key, ec.EllipticCurvePublicKey):
        key.verify(signature, signed, ec.ECDSA(digest))
    elif isinstance(key, dsa.DSAPublicKey):
        key.verify(signature, signed, digest)
    else:
        raise TypeError("Keys of this kind sign nothing.")
