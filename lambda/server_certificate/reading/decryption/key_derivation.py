"""The key derivation of PBES2 (RFC 8018, 6.2): PBKDF2 and scrypt, with their costs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from server_certificate.der import (
    INTEGER,
    OBJECT_IDENTIFIER,
    OCTET_STRING,
    SEQUENCE,
    DerError,
    Value,
    dotted,
    number,
    parts,
)

if TYPE_CHECKING:
    from server_certificate.budget import Budget

_PBKDF2, _SCRYPT = "1.2.840.113549.1.5.12", "1.3.6.1.4.1.11591.4.11"
_PBES2 = "1.2.840.113549.1.5.13"
"""The identifier that Bouncy Castle before 1.87 used for PBKDF2 in a MAC."""

_HMAC_SHA1 = "1.2.840.113549.2.7"
_DIGESTS: dict[str, tuple[hashes.HashAlgorithm, int]] = {
    "1.2.840.113549.2.6": (hashes.MD5(), 1),  # noqa: S303 (what was encrypted so is to be read)
    _HMAC_SHA1: (hashes.SHA1(), 1),  # noqa: S303 (the default of RFC 8018)
    "1.2.840.113549.2.8": (hashes.SHA224(), 1),
    "1.2.840.113549.2.9": (hashes.SHA256(), 1),
    "1.2.840.113549.2.10": (hashes.SHA384(), 2),
    "1.2.840.113549.2.11": (hashes.SHA512(), 2),
    "1.2.840.113549.2.12": (hashes.SHA512_224(), 2),
    "1.2.840.113549.2.13": (hashes.SHA512_256(), 2),
    "2.16.840.1.101.3.4.2.13": (hashes.SHA3_224(), 4),
    "2.16.840.1.101.3.4.2.14": (hashes.SHA3_256(), 4),
    "2.16.840.1.101.3.4.2.15": (hashes.SHA3_384(), 4),
    "2.16.840.1.101.3.4.2.16": (hashes.SHA3_512(), 4),
}
"""The HMACs of PBKDF2 (RFC 8018, B.1), and the cost of an iteration of each."""


class UnknownDerivationError(ValueError):
    """A key derivation is not supported. The message is its name."""


@dataclass(frozen=True, slots=True)
class Pbkdf2:
    """PBKDF2 (RFC 8018, 5.2)."""

    salt: bytes
    iterations: int
    digest: hashes.HashAlgorithm
    cost: int
    key_length: int | None
    """The length of the derived key in bytes; None if it isn't specified."""

    def spend(self, length: int, budget: Budget) -> None:
        """Spend the cost of deriving this many bytes."""
        blocks = math.ceil(length / self.digest.digest_size)
        budget.spend_iterations(self.iterations * blocks, cost=self.cost)

    def derive(self, secret: bytes, length: int) -> bytes:
        """Derive this many bytes. The cost has been spent already."""
        return PBKDF2HMAC(self.digest, length, self.salt, self.iterations).derive(secret)


@dataclass(frozen=True, slots=True)
class ScryptDerivation:
    """The function scrypt (RFC 7914)."""

    salt: bytes
    n: int
    r: int
    p: int
    key_length: int | None
    """The length of the derived key in bytes; None if it isn't specified."""

    def spend(self, length: int, budget: Budget) -> None:
        """Spend the cost of deriving this many bytes."""
        del length  # negligible: one round of PBKDF2 at the end
        budget.spend_scrypt(self.n, self.r, self.p)

    def derive(self, secret: bytes, length: int) -> bytes:
        """Derive this many bytes. The cost has been spent already."""
        try:
            return Scrypt(self.salt, length, self.n, self.r, self.p).derive(secret)
        except (ValueError, MemoryError):
            raise DerError("its scrypt parameters are invalid") from None


Derivation = Pbkdf2 | ScryptDerivation


def parse_derivation(algorithm: Value) -> Derivation:
    """
    Return the key derivation of an AlgorithmIdentifier.

    Args:
        algorithm: The AlgorithmIdentifier of a key derivation.

    Raises:
        DerError: Its parameters are invalid.
        UnknownDerivationError: It is not supported.
    """
    identifier, *parameters = parts(algorithm, OBJECT_IDENTIFIER)
    name = dotted(identifier).replace(_PBES2, _PBKDF2)
    if name not in {_PBKDF2, _SCRYPT}:
        raise UnknownDerivationError(name)
    if len(parameters) != 1:
        raise DerError("its content is damaged")
    salt, *values = parts(parameters[0], OCTET_STRING)
    numbers: list[int] = []
    while values and values[0].tag == INTEGER:
        numbers.append(number(values.pop(0)))
    match numbers:
        case [n, r, p, *length] if name == _SCRYPT and min(n, r, p) >= 1 and not values:
            return ScryptDerivation(salt.content, n, r, p, _only(length))
        case [iterations, *length] if name == _PBKDF2 and iterations >= 1:
            digest, cost = _digest(values)
            return Pbkdf2(salt.content, iterations, digest, cost, _only(length))
    raise DerError("its content is damaged")


def _only(lengths: list[int]) -> int | None:
    if len(lengths) > 1:
        raise DerError("its content is damaged")
    return lengths[0] if lengths else None


def _digest(values: list[Value]) -> tuple[hashes.HashAlgorithm, int]:
    if not values:
        return _DIGESTS[_HMAC_SHA1]
    (function, *others) = values
    if others or function.tag != SEQUENCE:
        raise DerError("its content is damaged")
    name = dotted(parts(function, OBJECT_IDENTIFIER)[0])
    if name not in _DIGESTS:
        raise UnknownDerivationError(name)
    return _DIGESTS[name]
