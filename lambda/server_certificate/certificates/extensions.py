"""The extensions of a certificate, read one by one if they can't be read together."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from cryptography import x509

from server_certificate.budget import Budget, BudgetExceededError
from server_certificate.certificates.library_errors import LIBRARY_ERRORS, Quiet
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
from server_certificate.normalization.extensions import normalize_content
from server_certificate.normalization.oddities import Oddities

if TYPE_CHECKING:
    from collections.abc import Iterator

    from server_certificate.der import Value

_Value = TypeVar("_Value", bound=x509.ExtensionType)
_Extension = x509.Extension[x509.ExtensionType]

_COSTLY = b"\x02\x06\x30\x31\x81\x82\x86\x87\x88\xa0\xa4"
"""Tags of the values for which the library creates an object each."""

_USUAL_OBJECTS = 100
"""More objects than a typical certificate needs. Only those beyond this number are counted."""

_COST_OF_OBJECT = 5
"""The cost of one such object, in ASN.1 values."""


class Extensions:
    """
    The extensions of a certificate (RFC 5280, 4.2).

    Args:
        certificate: The certificate as parsed by the library, which parses extensions on demand.
        signed: The signed part of the same certificate.
        budget: The budget for reading them. Default: a new one.
    """

    def __init__(
        self, certificate: x509.Certificate, signed: bytes, budget: Budget | None = None
    ) -> None:
        self.unreadable: tuple[str, ...] = ()
        """Dotted object identifiers of the unreadable extensions."""
        self.repeated: tuple[str, ...] = ()
        """Dotted object identifiers of the repeated extensions."""
        self.oddities: tuple[str, ...] = ()
        """What was normalized or removed to read them, as clauses."""
        self.problem: str | None = None
        """Why none of them could be read, as a clause; nearly always None."""
        self.critical: tuple[str, ...] = ()
        """Dotted object identifiers of the critical extensions in order, readable or not."""
        self._found: tuple[_Extension, ...] = ()
        self._by_kind: dict[type[x509.ExtensionType], Any] | None = None
        budget = budget or Budget()
        try:
            budget.spend_values(_COST_OF_OBJECT * max(0, _objects(signed) - _USUAL_OBJECTS))
            self._read(certificate, budget)
        except BudgetExceededError as err:
            self.problem = str(err)

    def __iter__(self) -> Iterator[_Extension]:
        """Yield the readable extensions in order."""
        return iter(self._found)

    def value(self, kind: type[_Value]) -> _Value | None:
        """Return the value of an extension; None if there is no readable one."""
        # By type, because isinstance() is slow for abstract classes.
        if self._by_kind is None:
            self._by_kind = {type(one.value): one.value for one in reversed(self._found)}
        value: _Value | None = self._by_kind.get(kind)
        return value

    @property
    def are_there(self) -> bool:
        """Whether there are any extensions, readable or not."""
        return bool(self._found or self.unreadable or self.problem)

    def is_unreadable(self, kind: type[x509.ExtensionType]) -> bool:
        """Return whether there may be an unreadable extension of a type."""
        return self.problem is not None or kind.oid.dotted_string in self.unreadable

    def _read(self, certificate: x509.Certificate, budget: Budget) -> None:
        try:
            with Quiet():
                self._found = tuple(certificate.extensions)
        except LIBRARY_ERRORS:
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
    """An extension that has not been parsed."""

    identifier: str
    is_critical: bool
    value: Value
    encoded: bytes = field(repr=False)


def _objects(signed: bytes) -> int:
    """Return an estimate of the number of objects, which is never too low for short ones."""
    return len(signed) - len(signed.translate(None, _COSTLY))


def _listed(signed: bytes) -> list[_Listed]:
    """List the extensions in the signed part of a parsed certificate."""
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
        content = normalize_content(one.identifier, one.value.content, budget, oddities)
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
    """Parse one extension with the library; None if it can't."""
    before, after = _frame()
    listed = encode(CONTEXT_3, encode(SEQUENCE, extension))
    certificate = encode(SEQUENCE, encode(SEQUENCE, before, listed), after)
    try:
        with Quiet():
            found: _Extension
            (found,) = x509.load_der_x509_certificate(certificate).extensions
    except LIBRARY_ERRORS:
        return None
    return found


@cache
def _frame() -> tuple[bytes, bytes]:
    """Return the encoding before and after the extensions of a minimal certificate."""
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
