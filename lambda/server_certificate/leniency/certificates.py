"""A certificate that OpenSSL reads and a strict parser doesn't, and a copy that both read."""

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
from server_certificate.leniency.extensions import put_critical_right
from server_certificate.leniency.keys import put_public_key_right, put_signature_algorithm_right
from server_certificate.leniency.oddities import Oddities
from server_certificate.leniency.texts import put_name_right
from server_certificate.leniency.times import put_time_right
from server_certificate.leniency.tree import Node, read

if TYPE_CHECKING:
    from server_certificate.budget import Budget

_VERSION_2, _VERSION_3 = 1, 2
_UNIQUE_IDENTIFIERS = {0x81, 0x82}
_SIGN = 7
"""The bit of an octet that says of a number that it is negative."""

_DAMAGED = "its content is damaged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """A certificate in which oddities are put right."""

    der: bytes = field(repr=False)
    """The copy, for reading only: the signature is not valid for it."""

    signed: bytes = field(repr=False)
    """The signed part as it was given."""

    algorithms_agree: bool
    """Whether the signed part names the same signature algorithm as the signature."""

    oddities: tuple[str, ...]
    """What was put right, as clauses."""


def put_right(octets: bytes, budget: Budget) -> Copy:
    """
    Make a copy of a certificate in which everything is as a strict parser wants it.

    Args:
        octets: One certificate, and nothing behind it.
        budget: What it is taken from.

    Raises:
        DerError: It isn't a certificate, or OpenSSL refuses it as well.
        BudgetExceededError: It has too many values.
    """
    if octets[:1] != bytes([SEQUENCE]):
        raise DerError("its content is not DER")
    oddities = Oddities()
    tree = read(octets, budget)
    certificate = tree.root
    if tree.end != len(octets):
        raise DerError("there are more octets than its content takes")
    if [part.tag for part in certificate.parts] != [SEQUENCE, SEQUENCE, BIT_STRING]:
        raise DerError("its content is damaged, or something else than a certificate")
    if not tree.is_definite:
        oddities.add("its lengths are written as in BER, not as in DER")
    if any(node.tag == NULL and node.content for node in certificate.everywhere()):
        raise DerError(_DAMAGED)
    signed, outer, _ = certificate.parts
    given = octets[signed.begin : signed.end]
    inner = _put_signed_part_right(signed, budget, oddities)
    agree = inner.encoded() == outer.encoded()
    for algorithm in (inner, outer):
        put_signature_algorithm_right(algorithm, oddities)
    return Copy(
        der=certificate.encoded(), signed=given, algorithms_agree=agree, oddities=oddities.all()
    )


def _put_signed_part_right(signed: Node, budget: Budget, oddities: Oddities) -> Node:
    """Put right everything but the signature algorithm, which is returned."""
    rest = signed.parts
    version = rest.pop(0) if rest and rest[0].tag == CONTEXT_0 else None
    if [part.tag for part in rest[:6]] != [INTEGER, *[SEQUENCE] * 5]:
        raise DerError(_DAMAGED)
    serial, algorithm, issuer, validity, subject, key = rest[:6]
    others = _without_unique_identifiers(rest[6:], oddities)
    number = _version(version, oddities, has_extensions=bool(others))
    _check_integer(serial, "its serial number")
    put_name_right(issuer, "its issuer", oddities)
    put_name_right(subject, "its subject", oddities)
    if len(validity.parts) != len(("begin", "end")):
        raise DerError(_DAMAGED)
    put_time_right(validity.parts[0], "its notBefore", oddities)
    put_time_right(validity.parts[1], "its notAfter", oddities)
    put_public_key_right(key, budget, oddities)
    for extensions in others:
        _put_extensions_right(extensions, oddities)
    signed.parts = [*number, serial, algorithm, issuer, validity, subject, key, *others]
    return algorithm


def _without_unique_identifiers(optional: list[Node], oddities: Oddities) -> list[Node]:
    """Leave out what nobody reads, and return the extensions, if there are any."""
    tags = [part.tag for part in optional]
    if tags != sorted(set(tags)) or not {*tags} <= {*_UNIQUE_IDENTIFIERS, CONTEXT_3}:
        raise DerError(_DAMAGED)
    others = [part for part in optional if part.tag not in _UNIQUE_IDENTIFIERS]
    if any(part.content[:1] != b"\0" for part in optional if part not in others):
        oddities.add("its unique identifiers say that they have unused bits")
    return others


def _version(version: Node | None, oddities: Oddities, *, has_extensions: bool) -> list[Node]:
    """Return what to write as the version: nothing for version 1 (X.680: a default)."""
    if version is None:
        return []
    if [part.tag for part in version.parts] != [INTEGER]:
        raise DerError(_DAMAGED)
    (node,) = version.parts
    _check_integer(node, "its version")
    number = int.from_bytes(node.content[-8:], signed=True)
    if number == 0:
        oddities.add("its version number is 0, which DER leaves out")
        return []
    if number != _VERSION_3:
        if number == _VERSION_2:
            what = "it is of version 2 of X.509"
            if has_extensions:
                what += " and has extensions, which only version 3 has"
        else:
            what = f"its version number is {number}, and that of version 3 is {_VERSION_3}"
        oddities.add(f"{what}; clients written in Java refuse that" if has_extensions else what)
        node.content = bytes([_VERSION_3])
    return [version]


def _check_integer(node: Node, where: str) -> None:
    """Refuse superfluous octets, as OpenSSL does (X.690, 8.3.2)."""
    content = node.content
    if not content:
        raise DerError(f"{where} is empty")
    if len(content) > 1 and content[0] == 0xFF * (content[1] >> _SIGN):
        raise DerError(f"{where} has a superfluous octet in front, which OpenSSL refuses as well")


def _put_extensions_right(extensions: Node, oddities: Oddities) -> None:
    if [part.tag for part in extensions.parts] != [SEQUENCE]:
        raise DerError(_DAMAGED)
    for extension in extensions.parts[0].parts:
        match [part.tag for part in extension.parts]:
            case [0x06, 0x04] if extension.tag == SEQUENCE:
                pass
            case [0x06, 0x01, 0x04] if extension.tag == SEQUENCE:
                put_critical_right(extension, oddities)
            case _:
                raise DerError("one of its extensions is damaged")
