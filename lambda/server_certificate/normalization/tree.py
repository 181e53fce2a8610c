"""Parse BER (X.690) to a tree that can be changed and encoded as DER."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from server_certificate.der import CONSTRUCTED, MAX_DEPTH, DerError, encode, header

if TYPE_CHECKING:
    from collections.abc import Iterator

    from server_certificate.budget import Budget

BIT_STRING, OCTET_STRING = 0x03, 0x04
UTF8_STRING, NUMERIC_STRING, PRINTABLE_STRING, TELETEX_STRING = 0x0C, 0x12, 0x13, 0x14
IA5_STRING, VISIBLE_STRING, UNIVERSAL_STRING, BMP_STRING = 0x16, 0x1A, 0x1C, 0x1E

_STRINGS = frozenset(
    {
        BIT_STRING,
        OCTET_STRING,
        UTF8_STRING,
        NUMERIC_STRING,
        PRINTABLE_STRING,
        TELETEX_STRING,
        IA5_STRING,
        VISIBLE_STRING,
        UNIVERSAL_STRING,
        BMP_STRING,
    }
)
_SHORTEST_LONG_LENGTH = 0x80


@dataclass(slots=True)
class Node:
    """A mutable value."""

    tag: int
    content: bytes = field(default=b"", repr=False)
    """The content of a primitive value."""

    parts: list[Node] = field(default_factory=list)
    """The parts of a constructed value."""

    begin: int = 0
    """The offset in the input."""

    end: int | None = None
    """The offset after it; None while unknown."""

    def encoded(self) -> bytes:
        """Encode the value with DER lengths."""
        if not self.parts:
            return encode(self.tag, self.content)
        return encode(self.tag, self.content, *[part.encoded() for part in self.parts])

    def everywhere(self) -> Iterator[Node]:
        """Yield the value and everything in it, outer values first."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield node
            if node.parts:
                waiting += reversed(node.parts)


@dataclass(frozen=True, slots=True)
class Tree:
    """A parsed value."""

    root: Node
    is_definite: bool
    """Whether all lengths are valid in DER, and no string is in fragments."""

    @property
    def end(self) -> int:
        """The offset after it."""
        return self.root.end or 0


def read(octets: bytes, budget: Budget) -> Tree:
    """
    Parse the first value of some bytes, and join the fragments of strings.

    Raises:
        DerError: There is no value, it is truncated, or its values are nested too deeply.
        BudgetExceededError: It has too many values.
    """
    outermost = Node(CONSTRUCTED, end=len(octets))
    open_nodes, limits = [outermost], [len(octets)]
    position, is_definite = 0, True
    while not outermost.parts or len(open_nodes) > 1:
        budget.spend_values(1)
        limit = limits[-1]
        tag, start, length = header(octets, position, limit)
        parent = open_nodes[-1]
        if tag == 0 and length == 0 and parent.end is None:
            parent.end = position = start
        else:
            node = Node(tag, begin=position)
            parent.parts.append(node)
            if length is None:
                is_definite = False
            else:
                is_definite &= start - position == _shortest_header(length)
                node.end = start + length
                if node.end > limit:
                    raise DerError("its content is truncated")
                limit = node.end
            if tag & CONSTRUCTED:
                if len(open_nodes) > MAX_DEPTH:
                    raise DerError(f"its values are nested more than {MAX_DEPTH} deep")
                open_nodes.append(node)
                limits.append(limit)
                position = start
            elif node.end is None:
                raise DerError("its content is damaged")
            else:
                node.content = octets[start : node.end]
                position = node.end
        while len(open_nodes) > 1 and open_nodes[-1].end == position:
            limits.pop()
            is_definite &= not _joined(open_nodes.pop())
    return Tree(outermost.parts[0], is_definite)


def _shortest_header(length: int) -> int:
    return 2 if length < _SHORTEST_LONG_LENGTH else 2 + (length.bit_length() + 7) // 8


def _joined(node: Node) -> bool:
    """Join the fragments of a string, and return whether it is one."""
    tag = node.tag & ~CONSTRUCTED
    if tag not in _STRINGS:
        return False
    if any(part.tag & CONSTRUCTED for part in node.parts):
        raise DerError("its content is damaged")
    contents = [part.content for part in node.parts]
    if tag == BIT_STRING:
        # Each fragment begins with its number of unused bits. Only the last one can have any.
        unused = contents[-1][:1] if contents else b"\0"
        contents = [unused, *(content[1:] for content in contents)]
    node.tag, node.content, node.parts = tag, b"".join(contents), []
    return True
