"""
The key derivation of PKCS#12 (RFC 7292, appendix B).

Nearly every bundle uses it for its MAC. ``cryptography`` only offers it for whole bundles, without a
limit and without reporting unknown content.
"""

from __future__ import annotations

import functools
import hashlib
import math
from enum import Enum
from typing import TYPE_CHECKING

from server_certificate.der import DerError

if TYPE_CHECKING:
    from server_certificate.budget import Budget

_SLOW_DIGESTS = ("sha384", "sha512", "sha3")
_COST_OF_SLOW = 2
"""The cost of an iteration of these, in iterations of the others."""

_LONGEST_SALT = 1_024
"""In bytes; tools write 8 to 64."""


class Purpose(Enum):
    """The purpose of the derived bytes (RFC 7292, B.3)."""

    KEY = 1
    VECTOR = 2
    MAC = 3


def derive(
    secret: bytes,
    salt: bytes,
    iterations: int,
    *,
    purpose: Purpose,
    length: int,
    digest: str,
    budget: Budget,
) -> bytes:
    """
    Derive bytes from a passphrase (RFC 7292, B.2).

    Args:
        secret: The passphrase in UTF-16 with a terminator.
        salt: The salt.
        iterations: The number of iterations; at least 1.
        purpose: The purpose of the bytes.
        length: The number of bytes.
        digest: The name of the digest in ``hashlib``.
        budget: The budget for the work.

    Raises:
        DerError: The salt is too long.
        DerivationExceededError: The iterations exceed the budget.
    """
    if len(salt) > _LONGEST_SALT:
        raise DerError("its salt is longer than any tool writes")
    new = getattr(hashlib, digest, None) or functools.partial(hashlib.new, digest)
    size, block_size = new().digest_size, new().block_size
    rounds = math.ceil(length / size)
    cost = _COST_OF_SLOW if digest.startswith(_SLOW_DIGESTS) else 1
    budget.spend_iterations(iterations * rounds, cost=cost)
    diversifier = bytes([purpose.value]) * block_size
    blocks = bytearray(_filled(salt, block_size) + _filled(secret, block_size))
    derived = b""
    for _ in range(rounds):
        octets = new(diversifier + blocks).digest()
        for _ in range(iterations - 1):
            octets = new(octets).digest()
        derived += octets
        addend = int.from_bytes(_filled(octets, block_size)[:block_size]) + 1
        for start in range(0, len(blocks), block_size):
            total = int.from_bytes(blocks[start : start + block_size]) + addend
            blocks[start : start + block_size] = (total % 2 ** (8 * block_size)).to_bytes(
                block_size
            )
    return derived[:length]


def _filled(octets: bytes, size: int) -> bytes:
    """Repeat bytes until they fill whole blocks."""
    length = size * math.ceil(len(octets) / size)
    return (octets * math.ceil(length / max(len(octets), 1)))[:length]
