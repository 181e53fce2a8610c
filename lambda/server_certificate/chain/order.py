"""Find the path from a leaf to a root, in which each certificate issued the one before it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from server_certificate.certificates.signatures import Signatures

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from cryptography import x509

    from server_certificate.certificates.certificate import Certificate

MAX_COMPARED = 1_000
"""The maximum number of certificates in all compared paths. Real inputs have far fewer."""

Weight = tuple[int, ...]
"""The weight of a path: lower is better, and all zeros means no objections."""


@dataclass(frozen=True, slots=True)
class OrderedChain:
    """A chain in order, and the certificates that are not in it."""

    chain: tuple[Certificate, ...]
    """The issuer of the leaf first; empty if no candidate issued the leaf."""

    unrelated: tuple[Certificate, ...]
    """Candidates that are on no path, in the order of the input."""

    on_other_paths: tuple[Certificate, ...] = ()
    """Candidates that are only on other paths, in the order of the input."""


def order(
    leaf: Certificate,
    candidates: Sequence[Certificate],
    signatures: Signatures | None = None,
    *,
    weigh: Callable[[tuple[Certificate, ...]], Weight] | None = None,
) -> OrderedChain:
    """
    Order candidates into the chain of a leaf.

    The order of the candidates doesn't matter. If several of them issued the same certificate (a
    cross-signed or renewed CA), there are several paths, and the one with the lowest weight is
    selected. Between paths of equal weight, each fork prefers an issuer that leads to another
    candidate, then one whose own issuer is missing, then a self-signed one, because clients that
    trust it don't need a copy. Then it prefers the issuer that is valid longest.

    Args:
        leaf: The certificate at the start of the chain.
        candidates: The other certificates, without duplicates and without the leaf.
        signatures: Verifies who signed which certificate.
        weigh: Returns the weight of a path, which excludes the leaf. It is only called if there are
            several paths. Default: all paths have the same weight.
    """
    issuers = _Issuers(candidates, signatures or Signatures())
    paths = _paths(leaf, issuers)
    chain = next(paths)
    if issuers.fork and weigh is not None:
        chain = _lightest(chain, paths, issuers, weigh)
    reachable = _reachable(leaf, issuers) if len(chain) < len(candidates) else set(chain)
    taken = set(chain)
    return OrderedChain(
        chain,
        tuple(candidate for candidate in candidates if candidate not in reachable),
        tuple(one for one in candidates if one in reachable and one not in taken),
    )


class _Issuers:
    """The issuers among some certificates, with signatures verified on demand."""

    def __init__(self, certificates: Sequence[Certificate], signatures: Signatures) -> None:
        self._signatures = signatures
        self._by_name: defaultdict[x509.Name, list[Certificate]] = defaultdict(list)
        for certificate in certificates:
            self._by_name[certificate.subject].append(certificate)
        self._has_namesakes = len(self._by_name) < len(certificates)
        self._known: dict[Certificate, tuple[Certificate, ...]] = {}
        self.fork = False
        """Whether a certificate was found that several others issued."""

    def of(self, certificate: Certificate) -> tuple[Certificate, ...]:
        """Return the issuers of a certificate, without itself, in descending order of expiry."""
        known = self._known.get(certificate)
        if known is None:
            known = self._known[certificate] = self._find(certificate)
            self.fork |= len(known) > 1
        return known

    def above(self, certificate: Certificate, passed: set[object]) -> list[Certificate]:
        """Return the issuers that can continue a path, most promising first; no CA occurs twice."""
        found = [one for one in self.of(certificate) if self.authority(one) not in passed]
        if len(found) > 1:
            found.sort(key=lambda issuer: self._rank(issuer, passed))
        return found

    def authority(self, certificate: Certificate) -> object:
        """Return what the certificates of one CA have in common: its name and its key."""
        if self._has_namesakes:
            return certificate.subject, certificate.public_key_der
        return certificate

    def _find(self, certificate: Certificate) -> tuple[Certificate, ...]:
        if self._signatures.is_self_signed(certificate):
            return ()
        found = [
            candidate
            for candidate in self._by_name.get(certificate.issuer, ())
            if self._signatures.certifies(candidate, certificate)
        ]
        if len(found) > 1:
            # Sort by encoding first, so that ties don't depend on the order of the input.
            found.sort(key=lambda issuer: issuer.der)
            found.sort(key=lambda issuer: issuer.not_valid_after_utc, reverse=True)
        return tuple(found)

    def _rank(self, issuer: Certificate, passed: set[object]) -> int:
        if self._signatures.is_self_signed(issuer):
            return 2
        above = self.of(issuer)
        if not above:
            return 1
        return 0 if any(self.authority(one) not in passed for one in above) else 3


def _paths(leaf: Certificate, issuers: _Issuers) -> Iterator[tuple[Certificate, ...]]:
    """Yield every complete path without the leaf, most promising first."""
    path, passed = [leaf], {issuers.authority(leaf)}
    branches = [iter(issuers.above(leaf, passed))]
    is_end = True
    while branches:
        issuer = next(branches[-1], None)
        if issuer is not None:
            path.append(issuer)
            passed.add(issuers.authority(issuer))
            branches.append(iter(issuers.above(issuer, passed)))
            is_end = True
            continue
        if is_end:
            yield tuple(path[1:])
        is_end = False
        branches.pop()
        passed.remove(issuers.authority(path.pop()))


def _lightest(
    first: tuple[Certificate, ...],
    others: Iterator[tuple[Certificate, ...]],
    issuers: _Issuers,
    weigh: Callable[[tuple[Certificate, ...]], Weight],
) -> tuple[Certificate, ...]:
    best, least, compared = first, _weight(first, issuers, weigh), len(first)
    for path in others:
        compared += len(path)
        if compared > MAX_COMPARED:
            break
        weight = _weight(path, issuers, weigh)
        if weight < least:
            best, least = path, weight
    return best


def _weight(
    path: tuple[Certificate, ...],
    issuers: _Issuers,
    weigh: Callable[[tuple[Certificate, ...]], Weight],
) -> Weight:
    # A path that ends although it has an issuer is a cycle, which ranks below all paths of equal
    # weight.
    return (*weigh(path), int(bool(path and issuers.of(path[-1]))))


def _reachable(leaf: Certificate, issuers: _Issuers) -> set[Certificate]:
    """Return all candidates that are on any path from the leaf."""
    found: set[Certificate] = set()
    pending = [leaf]
    while pending:
        new = [one for one in issuers.of(pending.pop()) if one not in found]
        found.update(new)
        pending += new
    return found
