"""The extensions of a certificate, each by itself where they can't be read together."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from cryptography import x509

from server_certificate.budget import Budget, BudgetExceededError
from server_certificate.certificates.refusals import REFUSALS, Quiet
from server_certificate.der import (
    BIT_STRING,
    CONTEXT_0,
    CONTEXT_3,
    INTEGER,
    OBJECT_IDENTIFIER,
    OCTET_STRING,
    SEQUENCE,
    UTC_TIME,
    DerError,
    dotted,
    encode,
    parts,
    whole,
)
from server_certificate.leniency.extensions import put_content_right
from server_certificate.leniency.oddities import Oddities

if TYPE_CHECKING:
    from collections.abc import Iterator

    from server_certificate.der import Value

_Value = TypeVar("_Value", bound=x509.ExtensionType)
_Extension = x509.Extension[x509.ExtensionType]

_COSTLY = b"\x02\x06\x30\x31\x81\x82\x86\x87\x88\xa0\xa4"
"""Identifier octets of the values of which the library makes an object each."""

_USUAL_OBJECTS = 100
"""More than the extensions of an ordinary certificate take; only what goes beyond them is counted."""

_COST_OF_OBJECT = 5
"""ASN.1 values that may be looked at in the time that one such object takes."""


class Extensions:
    """
    The extensions of a certificate (RFC 5280, 4.2).

    Args:
        certificate: What the library read. It reads extensions when they are asked for.
        signed: The signed part of the same certificate.
        budget: What reading them is taken from. Default: a budget of their own.
    """

    def __init__(
        self, certificate: x509.Certificate, signed: bytes, budget: Budget | None = None
    ) -> None:
        self.unreadable: tuple[str, ...] = ()
        """Object identifiers of those that can't be read, in dotted notation."""
        self.repeated: tuple[str, ...] = ()
        """Object identifiers of those that are there more than once."""
        self.oddities: tuple[str, ...] = ()
        """What had to be put right to read them, or was left out of them, as clauses."""
        self.problem: str | None = None
        """Why none of them was read, as a clause; None for nearly every certificate."""
        self.critical: tuple[str, ...] = ()
        """Object identifiers of the critical ones in their order, readable or not."""
        self._found: tuple[_Extension, ...] = ()
        self._by_kind: dict[type[x509.ExtensionType], Any] | None = None
        budget = budget or Budget()
        try:
            budget.spend_values(_COST_OF_OBJECT * max(0, _objects(signed) - _USUAL_OBJECTS))
            self._read(certificate, budget)
        except BudgetExceededError as err:
            self.problem = str(err)

    def __iter__(self) -> Iterator[_Extension]:
        """Return those that can be read, in the order in which they stand there."""
        return iter(self._found)

    def value(self, kind: type[_Value]) -> _Value | None:
        """Return what the extension of a kind says; None if there is none that can be read."""
        # By class, not by isinstance(): these are abstract classes, which take long to ask.
        if self._by_kind is None:
            self._by_kind = {type(one.value): one.value for one in reversed(self._found)}
        value: _Value | None = self._by_kind.get(kind)
        return value

    @property
    def are_there(self) -> bool:
        """Whether there are any, readable or not."""
        return bool(self._found or self.unreadable or self.problem)

    def is_unreadable(self, kind: type[x509.ExtensionType]) -> bool:
        """Tell whether there may be one of a kind that can't be read, so that nothing is known."""
        return self.problem is not None or kind.oid.dotted_string in self.unreadable

    def _read(self, certificate: x509.Certificate, budget: Budget) -> None:
        try:
            with Quiet():
                self._found = tuple(certificate.extensions)
        except REFUSALS:
            self._read_one_by_one(_listed(certificate.tbs_certificate_bytes), budget)
        else:
            self.critical = tuple([one.oid.dotted_string for one in self._found if one.critical])

    def _read_one_by_one(self, listed: list[_Listed], budget: Budget) -> None:
        self.critical = tuple(one.identifier for one in listed if one.is_critical)
        found: list[_Extension] = []
        seen: dict[str, bool] = {}
        unreadable: dict[str, None] = {}
        oddities = Oddities()
        for one in listed:
            budget.spend_values(_COST_OF_OBJECT)
            seen[one.identifier] = one.identifier in seen
            extension = _alone(one.encoded) or _leniently(one, budget, oddities)
            if extension is None:
                unreadable[one.identifier] = None
            else:
                found.append(extension)
        self._found = tuple(found)
        self.unreadable = tuple(unreadable)
        self.repeated = tuple(identifier for identifier, again in seen.items() if again)
        self.oddities = oddities.all()


@dataclass(frozen=True, slots=True)
class _Listed:
    """An extension that has not been read."""

    identifier: str
    is_critical: bool
    value: Value
    encoded: bytes = field(repr=False)


def _objects(signed: bytes) -> int:
    """Return about how many objects the extensions take: at least as many, for short ones."""
    return len(signed) - len(signed.translate(None, _COSTLY))


def _listed(signed: bytes) -> list[_Listed]:
    """List the extensions of the signed part of a certificate, which the library has read."""
    last = parts(whole(signed))[-1]
    if last.tag != CONTEXT_3:
        return []
    (sequence,) = parts(last)
    listed: list[_Listed] = []
    for extension in parts(sequence):
        identifier, *critical, value = parts(extension)
        listed.append(_Listed(dotted(identifier), bool(critical), value, extension.encoded))
    return listed


def _leniently(one: _Listed, budget: Budget, oddities: Oddities) -> _Extension | None:
    try:
        content = put_content_right(one.identifier, one.value.content, budget, oddities)
    except DerError:
        return None
    identifier, *critical, _ = parts(whole(one.encoded))
    return _alone(
        encode(
            SEQUENCE,
            identifier.encoded,
            *(flag.encoded for flag in critical),
            encode(OCTET_STRING, content),
        )
    )


def _alone(extension: bytes) -> _Extension | None:
    """Read one extension; None if the library does not."""
    before, after = _frame()
    listed = encode(CONTEXT_3, encode(SEQUENCE, extension))
    certificate = encode(SEQUENCE, encode(SEQUENCE, before, listed), after)
    try:
        with Quiet():
            found: _Extension
            (found,) = x509.load_der_x509_certificate(certificate).extensions
    except REFUSALS:
        return None
    return found


@cache
def _frame() -> tuple[bytes, bytes]:
    """Return what stands before and after the extensions of a certificate that says nothing else."""
    ed25519 = encode(SEQUENCE, encode(OBJECT_IDENTIFIER, bytes.fromhex("2b6570")))
    name = encode(SEQUENCE)
    instant = encode(UTC_TIME, b"000101000000Z")
    before = (
        encode(CONTEXT_0, encode(INTEGER, b"\2")),
        encode(INTEGER, b"\1"),
        ed25519,
        name,
        encode(SEQUENCE, instant, instant),
        name,
        encode(SEQUENCE, ed25519, encode(BIT_STRING, bytes(33))),
    )
    return b"".join(before), ed25519 + encode(BIT_STRING, bytes(65))
