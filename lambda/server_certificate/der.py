"""
DER and BER (X.690), value by value: every octet of an input belongs to a value, or is reported.

Nothing is decoded here but lengths; ``cryptography`` loads what the values mean. There is no
recursion, and looking at hostile octets takes time in proportion to their number.
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
"""Bit of an identifier octet: the content consists of values."""

_HIGH_TAG, _LONG_FORM, _INDEFINITE = 0x1F, 0x80, 0x80
_LONGEST_MAGNITUDE = 4_096
"""Octets of a number in a key: twice what the longest RSA key has that IAM takes."""

_LONGEST_IDENTIFIER = 64
_LONGEST_LENGTH = 8
"""Octets of a length; no input is as long as five can say."""

MAX_DEPTH = 32
"""Values within values; a PKCS#12 bundle has about a dozen levels between two octet strings."""


MAX_PARTS = 20_000
"""Values that one consists of; no bundle that is read has as many certificates."""


class DerError(ValueError):
    """Octets are not DER or BER, or not what they should be; the message is a clause."""


_NOT_DER = "its content is not DER"
_CUT_SHORT = "its content is cut short"
_DAMAGED = "its content is damaged"
_TOO_DEEP = f"its values are nested more than {MAX_DEPTH} deep"
_EXTRA = "there are more octets than its content takes"


class Value(NamedTuple):
    """One value, and where it stands. Thousands are made for a chain, which takes a tuple."""

    octets: bytes
    """What it is a part of."""

    tag: int
    """Its identifier octet."""

    begin: int
    """Offset of the value."""

    start: int
    """Offset of its content."""

    end: int
    """Offset behind it."""

    def __repr__(self) -> str:
        """Tell what it is, and not what it holds, which may be a private key."""
        return f"<Value {self.tag:#04x} at {self.begin}, {self.end - self.start} octets>"

    @property
    def content(self) -> bytes:
        """What it holds, without tag and length."""
        return self.octets[self.start : self.end]

    @property
    def encoded(self) -> bytes:
        """All of it, as it stands there."""
        return self.octets[self.begin : self.end]

    @property
    def is_constructed(self) -> bool:
        """Whether it consists of values."""
        return bool(self.tag & CONSTRUCTED)


def first(octets: bytes, begin: int = 0, end: int | None = None) -> Value:
    """
    Return the value that begins at an offset.

    Raises:
        DerError: None does, it goes on behind the end, or its length is indefinite: see
            :func:`definite`.
    """
    end = len(octets) if end is None else end
    tag, start, length = header(octets, begin, end)
    if length is None:
        raise DerError("it has values of indefinite length, which only BER has")
    if start + length > end:
        raise DerError(_CUT_SHORT)
    return Value(octets, tag, begin, start, start + length)


def is_whole(octets: bytes, tag: int = SEQUENCE) -> bool:
    """Tell whether octets are one value with a tag, a sequence by default, and nothing else."""
    if len(octets) > _HEADER and octets[0] == tag and octets[1] == _TWO_OCTETS:
        # As nearly every certificate and every key is.
        return len(octets) == _HEADER + (octets[2] << 8 | octets[3])
    try:
        whole(octets, tag)
    except DerError:
        return False
    return True


_TWO_OCTETS, _HEADER = 0x82, 4
"""A length of two octets, and where the content begins then."""


def whole(octets: bytes, tag: int | None = None) -> Value:
    """
    Return the one value that octets consist of.

    Args:
        octets: The value, and nothing behind it.
        tag: The tag that it must have. Default: any.

    Raises:
        DerError: There is none, there are more, or it has another tag.
    """
    value = first(octets)
    if value.end != len(octets):
        raise DerError(_EXTRA)
    if tag is not None and value.tag != tag:
        raise DerError(_DAMAGED)
    return value


def parts(value: Value, *tags: int) -> list[Value]:
    """
    Return the values that a constructed value consists of.

    Args:
        value: The value.
        tags: The tags of the first few, which must be there. Default: none must.

    Raises:
        DerError: Its content is something else, or begins with other tags.
    """
    found: list[Value] = []
    position = value.start
    while position < value.end:
        if len(found) == MAX_PARTS:
            raise DerError(f"it has more than {MAX_PARTS:,} values in one")
        part = first(value.octets, position, value.end)
        found.append(part)
        position = part.end
    if tuple(part.tag for part in found[: len(tags)]) != tags:
        raise DerError(_DAMAGED)
    return found


def joined(value: Value) -> bytes:
    """
    Return the octets of an octet string, also of one in fragments, as BER has them.

    Raises:
        DerError: The fragments are no octet strings.
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
    Return the octets of what must be an octet string, in fragments or not.

    Raises:
        DerError: It is none.
    """
    if value.tag & ~CONSTRUCTED != OCTET_STRING:
        raise DerError(_DAMAGED)
    return joined(value)


def number(value: Value) -> int:
    """
    Return an integer that is not negative.

    Raises:
        DerError: It is none, or longer than any number that counts something.
    """
    if value.tag != INTEGER or not value.content or value.content[0] & _LONG_FORM:
        raise DerError(_DAMAGED)
    if len(value.content.lstrip(b"\0")) > _LONGEST_LENGTH:
        raise DerError("it has a number of more than 64 bits where something is counted")
    return int.from_bytes(value.content)


def magnitude(value: Value) -> int:
    """
    Return an integer of any size that is meant without a sign, whatever its first bit says.

    Tools have left out the octet that keeps a number positive, or written several.

    Raises:
        DerError: It is no integer, or longer than any key.
    """
    if value.tag != INTEGER or not value.content:
        raise DerError(_DAMAGED)
    if value.end - value.start > _LONGEST_MAGNITUDE:
        raise DerError("it has a number that is longer than any key")
    return int.from_bytes(value.content)


def dotted(value: Value) -> str:
    """
    Write an object identifier with dots.

    Raises:
        DerError: It is none, or longer than any that is in use.
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
    """Write a value with a definite length."""
    content = b"".join(contents)
    length = len(content)
    if length < _LONG_FORM:
        return bytes((tag, length)) + content
    octets = length.to_bytes((length.bit_length() + 7) // 8)
    return bytes((tag, _LONG_FORM | len(octets))) + octets + content


def definite(octets: bytes, budget: Budget) -> bytes:
    """
    Write the one value that octets consist of with definite lengths throughout.

    Octet strings are not looked into: what they hold is a matter of its own.

    Args:
        octets: A value in BER.
        budget: What looking at its values is taken from.

    Raises:
        DerError: It is none, or anything follows it.
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
            # The end of contents closes a value of indefinite length, and appears nowhere else.
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
    """Offset behind it; None as long as it is not known."""

    contents: list[bytes] = field(default_factory=list)


def _close(open_values: list[_Open], position: int) -> int:
    """Close the values that end at a position, and return where the innermost open one must."""
    while len(open_values) > 1 and open_values[-1].end == position:
        closed = open_values.pop()
        open_values[-1].contents.append(encode(closed.tag, *closed.contents))
    return next(each.end for each in reversed(open_values) if each.end is not None)


def header(octets: bytes, begin: int, end: int) -> tuple[int, int, int | None]:
    """Return tag, offset of the content, and its length; None where that is indefinite."""
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
    Return the first few values of octets, as far as they can be read: enough to tell what it is.

    A value that is cut short, or whose length is indefinite, is the last one, and ends where the
    octets do.
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
