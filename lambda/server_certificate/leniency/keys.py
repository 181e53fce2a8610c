"""Public keys and algorithms that are not written as their standards want (RFC 3279, RFC 5480)."""

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
from server_certificate.leniency.tree import Node, read

if TYPE_CHECKING:
    from server_certificate.budget import Budget
    from server_certificate.leniency.oddities import Oddities

_RSA = bytes.fromhex("2a864886f70d010101")
_RSA_PSS = bytes.fromhex("2a864886f70d01010a")
_RSA_SIGNATURES = bytes.fromhex("2a864886f70d0101")
"""What the identifiers of RSA signatures begin with (RFC 8017, appendix C)."""

_EC = bytes.fromhex("2a8648ce3d0201")
_WITHOUT_PARAMETERS = (
    bytes.fromhex("2a8648ce3d04"),  # ECDSA
    bytes.fromhex("2a8648ce3804"),  # DSA with SHA-1
    bytes.fromhex("2b6570"),  # Ed25519
    bytes.fromhex("2b6571"),  # Ed448
    *(bytes.fromhex(f"6086480165030403{last:02x}") for last in (*range(1, 5), *range(9, 13))),
)
"""What the identifiers of signatures that have no parameters begin with (RFC 5758, RFC 8410)."""

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
"""Octets of a field element of the longest curve, P-521."""

_LONGEST_NUMBER = 8_192
"""Octets of a number in an RSA key: four times the longest that IAM takes."""


ECDSA_WITH_NULL = "its signature algorithm has NULL as parameters, where there should be none"
_WITH_PARAMETERS = "its signature algorithm has parameters, where there should be none"


def put_signature_algorithm_right(algorithm: Node, oddities: Oddities) -> None:
    """
    Leave out parameters that the algorithm of a signature does not have, or no program looks at.

    Raises:
        DerError: It names no algorithm.
    """
    identifier = _identifier(algorithm)
    parameters = algorithm.parts[1:]
    if identifier == _RSA_PSS and parameters:
        _leave_defaults_out(parameters[0], oddities)
    elif identifier.startswith(_RSA_SIGNATURES) and parameters and not _is_null(parameters[0]):
        oddities.add("its signature algorithm has parameters that an RSA signature does not have")
        algorithm.parts[1] = Node(NULL)
    elif identifier.startswith(_WITHOUT_PARAMETERS) and parameters:
        oddities.add(ECDSA_WITH_NULL if _is_null(parameters[0]) else _WITH_PARAMETERS)
        del algorithm.parts[1:]


def put_public_key_right(key: Node, budget: Budget, oddities: Oddities) -> None:
    """
    Write a public key as a strict parser wants it.

    Raises:
        DerError: It is no public key.
        BudgetExceededError: It has too many values.
    """
    algorithm, bits = key.parts if len(key.parts) == len(("algorithm", "key")) else (key, key)
    if algorithm.tag != SEQUENCE or bits.tag != BIT_STRING or not bits.content:
        raise DerError("its public key is damaged")
    identifier = _identifier(algorithm)
    if bits.content[0]:
        raise DerError("its public key says that it has unused bits, and is damaged")
    if identifier == _RSA:
        if algorithm.parts[1:] and not _is_null(algorithm.parts[1]):
            oddities.add("its RSA key has parameters, where there should be NULL")
            algorithm.parts[1] = Node(NULL)
        _put_numbers_right(bits, budget, oddities)
    elif identifier == _EC and (named := _named_curve(algorithm)):
        oddities.add(EXPLICIT_CURVE)
        algorithm.parts[1] = Node(OBJECT_IDENTIFIER, named)


EXPLICIT_CURVE = (
    "its EC key spells its curve out instead of naming it, which clients that use OpenSSL 3 refuse"
)
"""See RFC 5480, 2.1.1, which forbids that."""


def _identifier(algorithm: Node) -> bytes:
    if (
        algorithm.tag != SEQUENCE
        or not 0 < len(algorithm.parts) <= len(("algorithm", "parameters"))
        or algorithm.parts[0].tag != OBJECT_IDENTIFIER
    ):
        raise DerError("one of its algorithms is not named as it should be")
    return algorithm.parts[0].content


def _is_null(node: Node) -> bool:
    return node.tag == NULL and not node.content


def _leave_defaults_out(parameters: Node, oddities: Oddities) -> None:
    """Leave out what RSASSA-PSS means by default: a trailer field of 1, a salt of 20 octets."""
    defaults = {b"\xa3\x03\x02\x01\x01", b"\xa2\x03\x02\x01\x14"}
    kept = [part for part in parameters.parts if part.encoded() not in defaults]
    if len(kept) != len(parameters.parts):
        oddities.add("the parameters of its signature spell out a default")
        parameters.parts = kept


def _put_numbers_right(bits: Node, budget: Budget, oddities: Oddities) -> None:
    """Write modulus and exponent without a sign, and with as few octets as they need."""
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
        oddities.add("the numbers of its RSA key are not written as in DER")
        bits.content = written


def _named_curve(algorithm: Node) -> bytes | None:
    """Return the identifier of the curve that is spelled out; None if none is, or it is unknown."""
    digests = map(_digest, algorithm.parts[1:])
    named = next((_NAMED_CURVES[digest] for digest in digests if digest in _NAMED_CURVES), None)
    return bytes.fromhex(named) if named else None


def _digest(parameters: Node) -> str | None:
    """
    Return the SHA-256 of the numbers of a curve over a prime field (SEC 1, C.2).

    These are the prime, the coefficients, the base point as its first coordinate and the last bit
    of its second, and the order; in hexadecimal, with commas between.
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
