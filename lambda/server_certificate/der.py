"""
Parse DER and BER (X.690) value by value. Every byte belongs to a value, or is reported.

Only lengths are decoded here; ``cryptography`` interprets the values. There is no recursion, and
parsing malicious input takes linear time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from server_certificate.budget import Budget

BOOLEAN, INTEGER, BIT_STRING, OCTET_STRING, NULL, OBJECT_IDENTIFIER = 1, 2, 3, 4, 5, 6
SEQUENCE, SET, UTC_TIME, GENERALIZED_TIME = 0x30, 0x31, 0x17, 0x18
CONTEXT_0, CONTEXT_1, CONTEXT_2, CONTEXT_3 = 0xA0, 0xA1, 0xA2, 0xA3
CONSTRUCTED = 0x20
"""The bit of a tag that says that the content consists of values."""

_HIGH_TAG, _LONG_FORM, _INDEFINITE = 0x1F, 0x80, 0x80
_LONGEST_MAGNITUDE = 4_096
"""
The maximum length of a number in a key, in bytes: twice that of the longest RSA key that IAM
accepts.
"""

_LONGEST_IDENTIFIER = 64
_LONGEST_LENGTH = 8
"""The maximum number of bytes in a length. No input is long enough for five."""

MAX_DEPTH = 32
"""The maximum nesting depth. A PKCS#12 bundle has about a dozen levels between two octet strings."""


MAX_PARTS = 20_000
"""The maximum number of values in a constructed value. No readable bundle has as many certificates."""


class DerError(ValueError):
    """The input is not DER or BER, or not the expected value. The message is a clause."""


_NOT_DER = "its content is not DER"
_CUT_SHORT = "its content is truncated"
_DAMAGED = "its content is damaged"
_TOO_DEEP = f"its values are nested more than {MAX_DEPTH} deep"
_EXTRA = "there are extra bytes after its content"


class Value(NamedTuple):
    """A value and its position. It is a tuple because a chain creates thousands."""

    octets: bytes
    """The input that contains it."""

    tag: int
    """The identifier octet."""

    begin: int
    """The offset of the value."""

    start: int
    """The offset of its content."""

    end: int
    """The offset after it."""

    def __repr__(self) -> str:
        """Return a representation without the content, which may be a private key."""
        return f"<Value {self.tag:#04x} at {self.begin}, {self.end - self.start} octets>"

    @property
    def content(self) -> bytes:
        """The content, without tag and length."""
        return self.octets[self.start : self.end]

    @property
    def encoded(self) -> bytes:
        """The whole value, as it is in the input."""
        return self.octets[self.begin : self.end]

    @property
    def is_constructed(self) -> bool:
        """Whether its content consists of values."""
        return bool(self.tag & CONSTRUCTED)


def first(octets: bytes, begin: int = 0, end: int | None = None) -> Value:
    """
    Return the value at an offset.

    Raises:
        DerError: There is no value, it exceeds the end, or its length is indefinite: see
            :func:`definite`.
    """
    end = len(octets) if end is None else end
    tag, start, length = header(octets, begin, end)
    if length is None:
        raise DerError("it has values of indefinite length, which only BER allows")
    if start + length > end:
        raise DerError(_CUT_SHORT)
    return Value(octets, tag, begin, start, start + length)


def is_whole(octets: bytes, tag: int = SEQUENCE) -> bool:
    """Return whether some bytes are exactly one value with a tag, by default a sequence."""
    if len(octets) > _HEADER and octets[0] == tag and octets[1] == _TWO_OCTETS:
        # The quick answer for nearly every certificate and key.
        return len(octets) == _HEADER + (octets[2] << 8 | octets[3])
    try:
        whole(octets, tag)
    except DerError:
        return False
    return True


_TWO_OCTETS, _HEADER = 0x82, 4
"""The first byte of a two-byte length, and the size of such a header."""


def whole(octets: bytes, tag: int | None = None) -> Value:
    """
    Return the value that some bytes consist of.

    Args:
        octets: The value, with nothing after it.
        tag: The expected tag. Default: any.

    Raises:
        DerError: There is no value, there are several, or its tag is wrong.
    """
    value = first(octets)
    if value.end != len(octets):
        raise DerError(_EXTRA)
    if tag is not None and value.tag != tag:
        raise DerError(_DAMAGED)
    return value


def parts(value: Value, *tags: int) -> list[Value]:
    """
    Return the values in a constructed value.

    Args:
        value: The value.
        tags: The expected tags of the first values. Default: none.

    Raises:
        DerError: Its content doesn't consist of values, or the tags are wrong.
    """
    found: list[Value] = []
    position = value.start
    while position < value.end:
        if len(found) == MAX_PARTS:
            raise DerError(f"it has a value with more than {MAX_PARTS:,} parts")
        part = first(value.octets, position, value.end)
        found.append(part)
        position = part.end
    if tuple(part.tag for part in found[: len(tags)]) != tags:
        raise DerError(_DAMAGED)
    return found


def joined(value: Value) -> bytes:
    """
    Return the content of an octet string, joining the fragments that BER allows.

    Raises:
        DerError: The fragments are not octet strings.
    """
    if not value.is_constructed:
        return value.content
    joined_octets: list[bytes] = []
    waiting = [value]
    while waiting:
        fragment = waiting.pop()
        if fragment.is_constructed:
            waiting += reversed(parts(fragment))
        elif fragment.tag == OCTET_STRING:
            joined_octets.append(fragment.content)
        else:
            raise DerError(_DAMAGED)
    return b"".join(joined_octets)


def octets_of(value: Value) -> bytes:
    """
    Return the content of a value that must be an octet string, in fragments or not.

    Raises:
        DerError: It is not an octet string.
    """
    if value.tag & ~CONSTRUCTED != OCTET_STRING:
        raise DerError(_DAMAGED)
    return joined(value)


def number(value: Value) -> int:
    """
    Return a non-negative integer.

    Raises:
        DerError: It is not a non-negative integer of at most 64 bits.
    """
    if value.tag != INTEGER or not value.content or value.content[0] & _LONG_FORM:
        raise DerError(_DAMAGED)
    if len(value.content.lstrip(b"\0")) > _LONGEST_LENGTH:
        raise DerError("it has a count of more than 64 bits")
    return int.from_bytes(value.content)


def magnitude(value: Value) -> int:
    """
    Return an unsigned integer of any size, ignoring the sign bit.

    Some tools omit the byte that keeps a number positive, or write several of them.

    Raises:
        DerError: It is not an integer, or longer than any key.
    """
    if value.tag != INTEGER or not value.content:
        raise DerError(_DAMAGED)
    if value.end - value.start > _LONGEST_MAGNITUDE:
        raise DerError("it has a number that is longer than any key")
    return int.from_bytes(value.content)


def dotted(value: Value) -> str:
    """
    Return an object identifier in dotted notation.

    Raises:
        DerError: It is not an object identifier, or longer than any in use.
    """
    octets = value.content
    if value.tag != OBJECT_IDENTIFIER or not 0 < len(octets) <= _LONGEST_IDENTIFIER:
        raise DerError(_DAMAGED)
    arcs, arc = [], 0
    for octet in octets:
        arc = arc << 7 | octet & ~_LONG_FORM
        if not octet & _LONG_FORM:
            arcs.append(arc)
            arc = 0
    if octets[-1] & _LONG_FORM:
        raise DerError(_DAMAGED)
    top = min(arcs[0] // 40, 2)
    return ".".join(map(str, (top, arcs[0] - 40 * top, *arcs[1:])))


def encode(tag: int, *contents: bytes) -> bytes:
    """Encode a value with a definite length."""
    content = b"".join(contents)
    length = len(content)
    if length < _LONG_FORM:
        return bytes((tag, length)) + content
    octets = length.to_bytes((length.bit_length() + 7) // 8)
    return bytes((tag, _LONG_FORM | len(octets))) + octets + content


def definite(octets: bytes, budget: Budget) -> bytes:
    """
    Re-encode a value with definite lengths throughout.

    The content of octet strings is not parsed.

    Args:
        octets: A value in BER.
        budget: The budget for parsing its values.

    Raises:
        DerError: It is not a value, or something follows it.
        BudgetExceededError: It has too many values.
    """
    outermost = _Open(tag=0, end=len(octets))
    open_values = [outermost]
    position, limit = 0, len(octets)
    while not (position == len(octets) and outermost.contents):
        if outermost.contents:
            raise DerError(_EXTRA)
        budget.spend_values(1)
        tag, start, length = header(octets, position, limit)
        if length is not None and start + length > limit:
            raise DerError(_CUT_SHORT)
        if tag == 0 and length == 0:
            # End-of-contents closes a value of indefinite length, and occurs nowhere else.
            if open_values[-1].end is not None:
                raise DerError(_DAMAGED)
            open_values[-1].end = position = start
        elif tag & CONSTRUCTED:
            if len(open_values) > MAX_DEPTH:
                raise DerError(_TOO_DEEP)
            open_values.append(_Open(tag, None if length is None else start + length))
            position = start
        elif length is None:
            raise DerError(_DAMAGED)
        else:
            open_values[-1].contents.append(octets[position : start + length])
            position = start + length
        limit = _close(open_values, position)
    return outermost.contents[0]


@dataclass(slots=True)
class _Open:
    """A constructed value whose end has not been reached."""

    tag: int
    end: int | None
    """The offset after it; None while unknown."""

    contents: list[bytes] = field(default_factory=list)


def _close(open_values: list[_Open], position: int) -> int:
    """Close the values that end at a position, and return the end of the innermost open one."""
    while len(open_values) > 1 and open_values[-1].end == position:
        closed = open_values.pop()
        open_values[-1].contents.append(encode(closed.tag, *closed.contents))
    return next(each.end for each in reversed(open_values) if each.end is not None)


def header(octets: bytes, begin: int, end: int) -> tuple[int, int, int | None]:
    """Return the tag, the offset of the content, and its length; None if it is indefinite."""
    if begin + 2 > end:
        raise DerError(_CUT_SHORT if begin else _NOT_DER)
    tag, length = octets[begin], octets[begin + 1]
    start = begin + 2
    if tag & _HIGH_TAG == _HIGH_TAG:
        raise DerError(_DAMAGED if begin else _NOT_DER)
    if length < _LONG_FORM:
        return tag, start, length
    if length == _INDEFINITE:
        return tag, start, None
    start += length & ~_LONG_FORM
    if start > end or length & ~_LONG_FORM > _LONGEST_LENGTH:
        raise DerError(_CUT_SHORT)
    return tag, start, int.from_bytes(octets[begin + 2 : start])


def head(octets: bytes, begin: int = 0, end: int | None = None) -> list[Value]:
    """
    Return the first few values as far as they can be read, to detect the format.

    A value that is truncated or has an indefinite length is the last one, and ends where the input
    ends.
    """
    found: list[Value] = []
    position, end = begin, len(octets) if end is None else end
    while len(found) < _HEAD and position < end:
        try:
            tag, start, length = header(octets, position, end)
        except DerError:
            break
        stop = end if length is None else min(start + length, end)
        found.append(Value(octets, tag, position, start, stop))
        if length is None or tag == 0:
            break
        position = stop
    return found


_HEAD = 10
