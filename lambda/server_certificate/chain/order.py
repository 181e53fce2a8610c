"""Find the path from a leaf to a root: each certificate certifies the one before it."""

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
"""Certificates in all paths that are compared; nothing that people have comes near."""

Weight = tuple[int, ...]
"""What speaks against a path, the less the better: all zeros if nothing does."""


@dataclass(frozen=True, slots=True)
class OrderedChain:
    """A chain in order, and what was left out of it."""

    chain: tuple[Certificate, ...]
    """Issuer of the leaf first; empty when none of the candidates certifies the leaf."""

    unrelated: tuple[Certificate, ...]
    """Candidates that certify nothing on any path, in the order in which they were given."""

    on_other_paths: tuple[Certificate, ...] = ()
    """Candidates that certify the leaf on a path that was not taken, in the same order."""


def order(
    leaf: Certificate,
    candidates: Sequence[Certificate],
    signatures: Signatures | None = None,
    *,
    weigh: Callable[[tuple[Certificate, ...]], Weight] | None = None,
) -> OrderedChain:
    """
    Order candidates into the chain of a leaf.

    The order of the candidates does not matter. Where several certify the same element (a
    cross-signed or a renewed authority), there are several paths. The one that the least speaks
    against is taken. Among equals, at each fork, one that leads on to a further candidate comes
    before one whose issuer is not there, a self-signed one last: whoever trusts that needs no copy
    of it. What is valid longer comes first then.

    Args:
        leaf: The certificate that the chain begins after.
        candidates: Certificates without duplicates and without the leaf.
        signatures: What is known about who certified whom.
        weigh: Tells what speaks against a path, which is given without the leaf. It is not asked
            where there is one path only. Default: nothing speaks against any.
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
    """Who certifies whom among some certificates; verified when it is asked for."""

    def __init__(self, certificates: Sequence[Certificate], signatures: Signatures) -> None:
        self._signatures = signatures
        self._by_name: defaultdict[x509.Name, list[Certificate]] = defaultdict(list)
        for certificate in certificates:
            self._by_name[certificate.subject].append(certificate)
        self._has_namesakes = len(self._by_name) < len(certificates)
        self._known: dict[Certificate, tuple[Certificate, ...]] = {}
        self.fork = False
        """Whether several certify the same one, as far as was asked."""

    def of(self, certificate: Certificate) -> tuple[Certificate, ...]:
        """Return what certifies a certificate other than itself, what is valid longest first."""
        known = self._known.get(certificate)
        if known is None:
            known = self._known[certificate] = self._find(certificate)
            self.fork |= len(known) > 1
        return known

    def above(self, certificate: Certificate, passed: set[object]) -> list[Certificate]:
        """Return what a path may go on with, the most promising first; no authority twice."""
        found = [one for one in self.of(certificate) if self.authority(one) not in passed]
        if len(found) > 1:
            found.sort(key=lambda issuer: self._rank(issuer, passed))
        return found

    def authority(self, certificate: Certificate) -> object:
        """Return what certificates of one authority have in common: its name and its key."""
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
            # By encoding, so that a tie does not depend on the order in which they were given.
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
    """Yield every path that can't be continued, without the leaf, the most promising first."""
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
    # What ends where it could go on went in a circle: the worst of what nothing speaks against.
    return (*weigh(path), int(bool(path and issuers.of(path[-1]))))


def _reachable(leaf: Certificate, issuers: _Issuers) -> set[Certificate]:
    """Return all candidates that certify the leaf, on whatever path."""
    found: set[Certificate] = set()
    pending = [leaf]
    while pending:
        new = [one for one in issuers.of(pending.pop()) if one not in found]
        found.update(new)
        pending += new
    return found
