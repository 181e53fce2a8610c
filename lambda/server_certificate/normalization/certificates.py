"""Normalize a whole certificate."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from server_certificate.der import (
    BIT_STRING,
    CONTEXT_0,
    CONTEXT_3,
    INTEGER,
    NULL,
    SEQUENCE,
    DerError,
)
from server_certificate.normalization.extensions import normalize_critical
from server_certificate.normalization.keys import (
    normalize_public_key,
    normalize_signature_algorithm,
)
from server_certificate.normalization.oddities import Oddities
from server_certificate.normalization.texts import normalize_name
from server_certificate.normalization.times import normalize_time
from server_certificate.normalization.tree import Node, read

if TYPE_CHECKING:
    from server_certificate.budget import Budget

_VERSION_2, _VERSION_3 = 1, 2
_UNIQUE_IDENTIFIERS = {0x81, 0x82}
_SIGN = 7
"""The sign bit of a byte."""

_DAMAGED = "its content is damaged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A normalized copy of a certificate."""

    der: bytes = field(repr=False)
    """The copy, for reading only: the signature isn't valid for it."""

    signed: bytes = field(repr=False)
    """The signed part of the original."""

    algorithms_agree: bool
    """Whether the signed part names the same signature algorithm as the signature."""

    oddities: tuple[str, ...]
    """What was normalized, as clauses."""


def normalize(octets: bytes, budget: Budget) -> Copy:
    """
    Create a copy of a certificate that a strict parser accepts.

    Args:
        octets: One certificate, with nothing after it.
        budget: The budget for parsing.

    Raises:
        DerError: It isn't a certificate, or OpenSSL rejects it, too.
        BudgetExceededError: It has too many values.
    """
    if octets[:1] != bytes([SEQUENCE]):
        raise DerError("its content is not DER")
    oddities = Oddities()
    tree = read(octets, budget)
    certificate = tree.root
    if tree.end != len(octets):
        raise DerError("there are extra bytes after its content")
    if [part.tag for part in certificate.parts] != [SEQUENCE, SEQUENCE, BIT_STRING]:
        raise DerError("its content is damaged, or isn't a certificate")
    if not tree.is_definite:
        oddities.add("its lengths are encoded in BER, not in DER")
    if any(node.tag == NULL and node.content for node in certificate.everywhere()):
        raise DerError(_DAMAGED)
    signed, outer, _ = certificate.parts
    given = octets[signed.begin : signed.end]
    inner = _normalize_signed_part(signed, budget, oddities)
    agree = inner.encoded() == outer.encoded()
    for algorithm in (inner, outer):
        normalize_signature_algorithm(algorithm, oddities)
    return Copy(
        der=certificate.encoded(), signed=given, algorithms_agree=agree, oddities=oddities.all()
    )


def _normalize_signed_part(signed: Node, budget: Budget, oddities: Oddities) -> Node:
    """Normalize everything but the signature algorithm, and return the algorithm."""
    rest = signed.parts
    version = rest.pop(0) if rest and rest[0].tag == CONTEXT_0 else None
    if [part.tag for part in rest[:6]] != [INTEGER, *[SEQUENCE] * 5]:
        raise DerError(_DAMAGED)
    serial, algorithm, issuer, validity, subject, key = rest[:6]
    others = _without_unique_identifiers(rest[6:], oddities)
    number = _version(version, oddities, has_extensions=bool(others))
    _check_integer(serial, "its serial number")
    normalize_name(issuer, "its issuer", oddities)
    normalize_name(subject, "its subject", oddities)
    if len(validity.parts) != len(("begin", "end")):
        raise DerError(_DAMAGED)
    normalize_time(validity.parts[0], "its notBefore", oddities)
    normalize_time(validity.parts[1], "its notAfter", oddities)
    normalize_public_key(key, budget, oddities)
    for extensions in others:
        _normalize_extensions(extensions, oddities)
    signed.parts = [*number, serial, algorithm, issuer, validity, subject, key, *others]
    return algorithm


def _without_unique_identifiers(optional: list[Node], oddities: Oddities) -> list[Node]:
    """Remove the unique identifiers, which nobody reads, and return the extensions, if any."""
    tags = [part.tag for part in optional]
    if tags != sorted(set(tags)) or not {*tags} <= {*_UNIQUE_IDENTIFIERS, CONTEXT_3}:
        raise DerError(_DAMAGED)
    others = [part for part in optional if part.tag not in _UNIQUE_IDENTIFIERS]
    if any(part.content[:1] != b"\0" for part in optional if part not in others):
        oddities.add("its unique identifiers have unused bits")
    return others


def _version(version: Node | None, oddities: Oddities, *, has_extensions: bool) -> list[Node]:
    """Return the normalized version: nothing for version 1, which is the default."""
    if version is None:
        return []
    if [part.tag for part in version.parts] != [INTEGER]:
        raise DerError(_DAMAGED)
    (node,) = version.parts
    _check_integer(node, "its version")
    number = int.from_bytes(node.content[-8:], signed=True)
    if number == 0:
        oddities.add("its version number is 0, which DER omits")
        return []
    if number != _VERSION_3:
        if number == _VERSION_2:
            what = "it is of version 2 of X.509"
            if has_extensions:
                what += " but has extensions, which only version 3 allows"
        else:
            what = f"its version number is {number}, but that of version 3 is {_VERSION_3}"
        oddities.add(f"{what}; clients written in Java reject it" if has_extensions else what)
        node.content = bytes([_VERSION_3])
    return [version]


def _check_integer(node: Node, where: str) -> None:
    """Reject superfluous leading bytes, like OpenSSL (X.690, 8.3.2)."""
    content = node.content
    if not content:
        raise DerError(f"{where} is empty")
    if len(content) > 1 and content[0] == 0xFF * (content[1] >> _SIGN):
        raise DerError(f"{where} has a superfluous leading byte, which OpenSSL rejects, too")


def _normalize_extensions(extensions: Node, oddities: Oddities) -> None:
    if [part.tag for part in extensions.parts] != [SEQUENCE]:
        raise DerError(_DAMAGED)
    for extension in extensions.parts[0].parts:
        match [part.tag for part in extension.parts]:
            case [0x06, 0x04] if extension.tag == SEQUENCE:
                pass
            case [0x06, 0x01, 0x04] if extension.tag == SEQUENCE:
                normalize_critical(extension, oddities)
            case _:
                raise DerError("one of its extensions is damaged")
