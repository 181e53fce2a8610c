"""Normalize public keys and algorithm identifiers (RFC 3279, RFC 5480)."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from server_certificate.der import (
    BIT_STRING,
    INTEGER,
    NULL,
    OBJECT_IDENTIFIER,
    OCTET_STRING,
    SEQUENCE,
    DerError,
)
from server_certificate.normalization.tree import Node, read

if TYPE_CHECKING:
    from server_certificate.budget import Budget
    from server_certificate.normalization.oddities import Oddities

_RSA = bytes.fromhex("2a864886f70d010101")
_RSA_PSS = bytes.fromhex("2a864886f70d01010a")
_RSA_SIGNATURES = bytes.fromhex("2a864886f70d0101")
"""The prefix of the identifiers of RSA signatures (RFC 8017, appendix C)."""

_EC = bytes.fromhex("2a8648ce3d0201")
_WITHOUT_PARAMETERS = (
    bytes.fromhex("2a8648ce3d04"),  # ECDSA
    bytes.fromhex("2a8648ce3804"),  # DSA with SHA-1
    bytes.fromhex("2b6570"),  # Ed25519
    bytes.fromhex("2b6571"),  # Ed448
    *(bytes.fromhex(f"6086480165030403{last:02x}") for last in (*range(1, 5), *range(9, 13))),
)
"""The prefixes of the identifiers of signatures without parameters (RFC 5758, RFC 8410)."""

_NAMED_CURVES = {
    "80ac16f02d66e73bf6b9045b907c38274ab460eae4a50c1e4b4a61d598c7c2d9": "2b81040021",  # P-224
    "bd887186150d3c4b6346456218c7cce97fd006aeba7d453918a9d4dc02e6abfe": "2a8648ce3d030107",  # P-256
    "be2d78be63d1ed8edf6103b5f17fff1896cade293a3a0ad36248006981b6f0c3": "2b81040022",  # P-384
    "c5906216571e0e763c28c724ba80e65123bd18da0ae562210167f4c85f00cfdf": "2b81040023",  # P-521
    "6c9bc889520ca2130d0dbb25457ed0a90e7d877a7be2ce13e7fedb4a727c53c0": "2b8104000a",  # secp256k1
}
"""Curves by the SHA-256 of their parameters; see :func:`_digest`."""

_UNCOMPRESSED = 4
_LONGEST_FIELD = 66
"""The size of a field element of the longest curve, P-521, in bytes."""

_LONGEST_NUMBER = 8_192
"""The maximum size of a number in an RSA key, in bytes: four times what IAM accepts."""


ECDSA_WITH_NULL = "its signature algorithm has NULL parameters instead of none"
_WITH_PARAMETERS = "its signature algorithm has parameters, but must not have any"


def normalize_signature_algorithm(algorithm: Node, oddities: Oddities) -> None:
    """
    Remove parameters that a signature algorithm doesn't have, or that no program uses.

    Raises:
        DerError: It is not an algorithm identifier.
    """
    identifier = _identifier(algorithm)
    parameters = algorithm.parts[1:]
    if identifier == _RSA_PSS and parameters:
        _remove_defaults(parameters[0], oddities)
    elif identifier.startswith(_RSA_SIGNATURES) and parameters and not _is_null(parameters[0]):
        oddities.add("its signature algorithm has parameters that RSA signatures don't have")
        algorithm.parts[1] = Node(NULL)
    elif identifier.startswith(_WITHOUT_PARAMETERS) and parameters:
        oddities.add(ECDSA_WITH_NULL if _is_null(parameters[0]) else _WITH_PARAMETERS)
        del algorithm.parts[1:]


def normalize_public_key(key: Node, budget: Budget, oddities: Oddities) -> None:
    """
    Normalize a public key.

    Raises:
        DerError: It is not a public key.
        BudgetExceededError: It has too many values.
    """
    algorithm, bits = key.parts if len(key.parts) == len(("algorithm", "key")) else (key, key)
    if algorithm.tag != SEQUENCE or bits.tag != BIT_STRING or not bits.content:
        raise DerError("its public key is damaged")
    identifier = _identifier(algorithm)
    if bits.content[0]:
        raise DerError("its public key has unused bits, so it is damaged")
    if identifier == _RSA:
        if algorithm.parts[1:] and not _is_null(algorithm.parts[1]):
            oddities.add("its RSA key has parameters other than NULL")
            algorithm.parts[1] = Node(NULL)
        _normalize_numbers(bits, budget, oddities)
    elif identifier == _EC and (named := _named_curve(algorithm)):
        oddities.add(EXPLICIT_CURVE)
        algorithm.parts[1] = Node(OBJECT_IDENTIFIER, named)


EXPLICIT_CURVE = (
    "its EC key has explicit curve parameters instead of a named curve, which clients that use"
    " OpenSSL 3 reject"
)
"""See RFC 5480, 2.1.1, which forbids that."""


def _identifier(algorithm: Node) -> bytes:
    if (
        algorithm.tag != SEQUENCE
        or not 0 < len(algorithm.parts) <= len(("algorithm", "parameters"))
        or algorithm.parts[0].tag != OBJECT_IDENTIFIER
    ):
        raise DerError("one of its algorithm identifiers is damaged")
    return algorithm.parts[0].content


def _is_null(node: Node) -> bool:
    return node.tag == NULL and not node.content


def _remove_defaults(parameters: Node, oddities: Oddities) -> None:
    """Remove the default parameters of RSASSA-PSS: a trailer field of 1 and a salt of 20 bytes."""
    defaults = {b"\xa3\x03\x02\x01\x01", b"\xa2\x03\x02\x01\x14"}
    kept = [part for part in parameters.parts if part.encoded() not in defaults]
    if len(kept) != len(parameters.parts):
        oddities.add("the parameters of its signature contain a default value")
        parameters.parts = kept


def _normalize_numbers(bits: Node, budget: Budget, oddities: Oddities) -> None:
    """Encode modulus and exponent as positive numbers of minimal length."""
    tree = read(bits.content[1:], budget)
    if any(
        number.tag != INTEGER or not 0 < len(number.content) <= _LONGEST_NUMBER
        for number in tree.root.parts
    ):
        raise DerError("its public key is damaged")
    for number in tree.root.parts:
        value = int.from_bytes(number.content)
        number.content = value.to_bytes(value.bit_length() // 8 + 1)
    written = b"\0" + tree.root.encoded()
    if written != bits.content:
        oddities.add("the numbers of its RSA key are not encoded in DER")
        bits.content = written


def _named_curve(algorithm: Node) -> bytes | None:
    """
    Return the identifier of the curve whose parameters are given.

    None is returned if there are none, or if they are unknown.
    """
    digests = map(_digest, algorithm.parts[1:])
    named = next((_NAMED_CURVES[digest] for digest in digests if digest in _NAMED_CURVES), None)
    return bytes.fromhex(named) if named else None


def _digest(parameters: Node) -> str | None:
    """
    Return the SHA-256 of the numbers of a curve over a prime field (SEC 1, C.2).

    They are the prime, the coefficients, the base point (its first coordinate and the last bit of
    the second), and the order, in hexadecimal and separated by commas.
    """
    match [part.tag for part in parameters.parts]:
        case [0x02, 0x30, 0x30, 0x04, 0x02, *_]:
            _, field, curve, base, order, *_ = parameters.parts
        case _:
            return None
    shapes = ([part.tag for part in field.parts], [part.tag for part in curve.parts[:2]])
    if shapes != ([OBJECT_IDENTIFIER, INTEGER], [OCTET_STRING, OCTET_STRING]) or not base.content:
        return None
    size = len(base.content) - 1
    form, point = base.content[0], base.content[1:]
    if form == _UNCOMPRESSED:
        form, point = point[-1] if point else 0, point[: size // 2]
    numbers = [field.parts[1].content, *(part.content for part in curve.parts[:2]), point]
    numbers += [bytes([form & 1]), order.content]
    if any(len(number) > _LONGEST_FIELD + 1 for number in numbers):
        return None
    written = ",".join(f"{int.from_bytes(number):x}" for number in numbers)
    return hashlib.sha256(written.encode()).hexdigest()
