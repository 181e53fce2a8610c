"""
The outline of DER and BER values (X.690): enough to tell what something is before it is loaded.

Values are never decoded here, only measured; ``cryptography`` loads them. Looking at hostile bytes
takes time in proportion to their number.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_INTEGER, _BIT_STRING, _OCTET_STRING, _OBJECT_IDENTIFIER = 0x02, 0x03, 0x04, 0x06
_OCTET_STRINGS = {_OCTET_STRING, _OCTET_STRING | 0x20}
_SEQUENCE, _UTC_TIME, _GENERALIZED_TIME, _CONTEXT_0 = 0x30, 0x17, 0x18, 0xA0
_CONSTRUCTED, _HIGH_TAG, _LONG_FORM = 0x20, 0x1F, 0x80
_TIMES = {_UTC_TIME, _GENERALIZED_TIME}

_PKCS7_SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
_PKCS7 = _PKCS7_SIGNED_DATA[:-1]
"""What the object identifiers of PKCS#7 content types begin with (RFC 2315, 14)."""

MAX_DEPTH = 24
"""Deeper values are not looked into; a PKCS#12 bundle has about a dozen levels."""

MAX_VALUES = 20_000
"""So many values of one input are looked at."""


_COST_OF_SCRYPT = 3
"""Iterations of a hash that a step of scrypt counts as: it takes memory, too."""


class TooMuchWorkError(ValueError):
    """Opening something would take very long."""

    def __init__(self, iterations: int | None) -> None:
        self.iterations = iterations
        """Iterations that it asks for; None when it is too intricate to tell."""
        super().__init__(f"it asks for {iterations} iterations")


@dataclass(frozen=True, slots=True)
class Value:
    """One value: where its content stands, and where it ends."""

    tag: int
    """First identifier octet."""

    start: int
    """Offset of the content."""

    stop: int
    """Offset behind the content."""

    end: int
    """Offset behind the value; beyond the octets when they are cut short."""

    begin: int = 0
    """Offset of the value itself."""


def first(octets: bytes, start: int = 0, stop: int | None = None) -> Value | None:
    """Return the value that begins at an offset; None when no value begins there."""
    stop = len(octets) if stop is None else stop
    if start + 2 > stop or octets[start] & _HIGH_TAG == _HIGH_TAG:
        return None
    tag, length = octets[start], octets[start + 1]
    content = start + 2
    if length == _LONG_FORM:
        # Of indefinite length, which only BER has: its parts tell where it ends.
        return _indefinite(octets, start, stop) if tag & _CONSTRUCTED else None
    if length > _LONG_FORM:
        content += length & ~_LONG_FORM
        length = int.from_bytes(octets[start + 2 : content])
    return Value(tag, content, min(content + length, stop), content + length, start)


def parts(octets: bytes, whole: Value) -> Iterator[Value]:
    """Return the values that a constructed value consists of, as far as they can be read."""
    position = whole.start
    while part := first(octets, position, whole.stop):
        if part.tag == 0 and part.start == part.stop:
            return  # the end of a value of indefinite length
        yield part
        position = part.end if part.end > position else whole.stop


def _indefinite(octets: bytes, begin: int, stop: int) -> Value | None:
    tag, start = octets[begin], begin + 2
    position, depth = start, 1
    while position + 2 <= stop:
        inner, length = octets[position], octets[position + 1]
        position += 2
        if not inner and not length:
            depth -= 1
            if not depth:
                return Value(tag, start, position - 2, position, begin)
        elif length == _LONG_FORM:
            depth += 1
        elif length > _LONG_FORM:
            following = position + (length & ~_LONG_FORM)
            position = following + int.from_bytes(octets[position:following])
        else:
            position += length
        if depth > MAX_DEPTH:
            return None
    return Value(tag, start, stop, stop + 1, begin)


def content_of(octets: bytes, value: Value, *, depth: int = 0) -> bytes:
    """
    Return what a value holds; of an octet string in fragments, as BER has them, all of it.

    Raises:
        ValueError: Fragments are nested too deep.
    """
    if value.tag not in {_OCTET_STRING | _CONSTRUCTED, _CONTEXT_0}:
        return octets[value.start : value.stop]
    if depth > MAX_DEPTH:
        raise ValueError("Fragments are nested too deep.")
    fragments = (content_of(octets, part, depth=depth + 1) for part in parts(octets, value))
    return b"".join(fragments)


def work(octets: bytes) -> int | None:
    """
    Return how many iterations opening an encrypted key or bundle asks for, all in all.

    Both name the cost of their own key derivation: iterations of PBKDF1, PBKDF2 and PKCS#12 (RFC
    8018; RFC 7292), for scrypt the product of its parameters (RFC 7914). What is itself encrypted
    is not looked into.

    Returns:
        The number, 0 if nothing is encrypted; None if there is more in it than is looked at.
    """
    total, left = 0, MAX_VALUES
    waiting = [(octets, Value(_SEQUENCE, 0, len(octets), len(octets)), 0)]
    while waiting:
        source, whole, depth = waiting.pop()
        values = list(islice(parts(source, whole), left))
        left -= len(values)
        if not left or depth > MAX_DEPTH:
            return None
        total += _cost(source, values)
        for value in values:
            if value.tag in _OCTET_STRINGS and whole.tag == _CONTEXT_0:
                # Contents of PKCS#12 stand in octet strings; salts and ciphers stand elsewhere.
                try:
                    inner = content_of(source, value, depth=depth)
                except ValueError:
                    return None
                waiting.append((inner, Value(_SEQUENCE, 0, len(inner), len(inner)), depth + 1))
            elif value.tag & _CONSTRUCTED and value.tag not in _OCTET_STRINGS:
                waiting.append((source, value, depth + 1))
    return total


def _cost(octets: bytes, values: list[Value]) -> int:
    tags = [value.tag for value in values[:4]]
    numbers = [int.from_bytes(_content(octets, value)) for value in values[1:4]]
    match tags:
        case [0x04, 0x02, 0x02, 0x02]:
            return _COST_OF_SCRYPT * numbers[0] * numbers[1] * numbers[2]
        case [0x04, 0x02, *_]:
            return numbers[0]
        case [0x30, 0x04, 0x02]:
            return numbers[1]
    return 0


def _head(octets: bytes, whole: Value) -> list[Value]:
    """Return the first few parts: no outline depends on more."""
    return list(islice(parts(octets, whole), 10))


def _content(octets: bytes, value: Value) -> bytes:
    return octets[value.start : value.stop]
