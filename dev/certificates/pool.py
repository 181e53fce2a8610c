"""Many certificates that share a few keys."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dev.certificates.authority import NOW, Authority

if TYPE_CHECKING:
    from datetime import datetime

    from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes

    from dev.certificates.authority import Issued
    from dev.certificates.keys import KeyType


@dataclass(frozen=True, slots=True)
class Pool:
    """
    A few keys that many certificates share, because generating keys takes longest.

    Each certificate has a name and a serial number of its own.
    """

    key_type: KeyType
    keys: tuple[CertificateIssuerPrivateKeyTypes, ...] = field(repr=False)

    at: datetime = NOW
    """The instant around which the certificates are valid."""

    @classmethod
    def make(cls, key_type: KeyType, count: int, *, at: datetime = NOW) -> Pool:
        """Make the keys."""
        return cls(key_type, tuple(key_type.generate() for _ in range(count)), at)

    def leaf(self, number: int, *, intermediates: int = 2) -> Issued:
        """Issue a leaf below some intermediates and a root; each number has its own names."""
        authority = Authority.root(
            f"Authority {number}.{intermediates}",
            at=self.at,
            key_type=self.key_type,
            key=self._key(number + intermediates + 1),
        )
        for above in reversed(range(intermediates)):
            authority = authority.intermediate(
                f"Authority {number}.{above}",
                key_type=self.key_type,
                key=self._key(number + above + 1),
            )
        return authority.leaf(
            f"host-{number}.example.com", key_type=self.key_type, key=self._key(number)
        )

    def leaf_below_many(self, characters: int) -> Issued:
        """Issue a leaf whose chain has almost this many characters in PEM, without the root."""
        # Names and signatures differ by a few characters.
        chains = [self.leaf(number, intermediates=1).chain_pem(root=False) for number in range(5)]
        return self.leaf(0, intermediates=characters // (max(map(len, chains)) + 20))

    def _key(self, number: int) -> CertificateIssuerPrivateKeyTypes:
        return self.keys[number % len(self.keys)]
