"""Mutations that know DER: a value changes, and every length around it fits again."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Iterator

_CONSTRUCTED, _HIGH_TAG, _LONG_FORM, _INDEFINITE = 0x20, 0x1F, 0x80, 0x80
_INTEGER, _BIT_STRING, _OCTET_STRING = 0x02, 0x03, 0x04
_HOLDS_VALUES = {_BIT_STRING: 1, _OCTET_STRING: 0}
"""Strings whose content may be DER again, and the octets in front of it."""

_MOST_NODES = 4_000
_TAGS = (0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0C, 0x13, 0x16, 0x17, 0x18, 0x1E, 0x24, 0x30, 0x31)
_TAGS_OF_FIELDS = (0x80, 0x81, 0x82, 0xA0, 0xA1, 0xA2, 0xA3)
_NUMBERS = (0, 1, 2**16, 600_000, 5_000_001, 2**31 - 1, 2**63, 2**4096)


@dataclass(slots=True)
class Node:
    """One value, and the values that it consists of."""

    tag: int
    content: bytes = b""
    """What it holds, where that is no values; the octets in front of them, where it is a string."""

    children: list[Node] = field(default_factory=list)
    is_indefinite: bool = False

    def encoded(self) -> bytes:
        """Write it."""
        content = self.content + b"".join(child.encoded() for child in self.children)
        if self.is_indefinite:
            return bytes((self.tag | _CONSTRUCTED, _INDEFINITE)) + content + b"\0\0"
        if len(content) < _LONG_FORM:
            return bytes((self.tag, len(content))) + content
        length = len(content).to_bytes((len(content).bit_length() + 7) // 8)
        return bytes((self.tag, _LONG_FORM | len(length))) + length + content

    def nodes(self) -> Iterator[Node]:
        """Return it and everything in it."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield node
            waiting += node.children


def parse(octets: bytes) -> list[Node] | None:
    """Take octets apart, strings that hold DER included; None if they are none."""
    budget = [_MOST_NODES]
    return _values(octets, budget)


def _values(octets: bytes, budget: list[int]) -> list[Node] | None:
    found: list[Node] = []
    position = 0
    while position < len(octets):
        budget[0] -= 1
        if budget[0] < 0 or position + 2 > len(octets):
            return None
        tag, length = octets[position], octets[position + 1]
        start = position + 2
        if tag & _HIGH_TAG == _HIGH_TAG or length == _INDEFINITE:
            return None
        if length > _LONG_FORM:
            start += length & ~_LONG_FORM
            length = int.from_bytes(octets[position + 2 : start])
        position = start + length
        if position > len(octets):
            return None
        found.append(_node(tag, octets[start:position], budget))
    return found


def _node(tag: int, content: bytes, budget: list[int]) -> Node:
    ahead = 0 if tag & _CONSTRUCTED else _HOLDS_VALUES.get(tag)
    if ahead is not None and len(content) > ahead + 1:
        children = _values(content[ahead:], budget)
        if children:
            return Node(tag, content[:ahead], children)
    return Node(tag, content)


def mutate_der(
    octets: bytes, chance: random.Random, change: Callable[[bytes, int], bytes]
) -> bytes | None:
    """
    Change one value, or a few.

    Args:
        octets: One value or more in DER.
        chance: Where chance comes from.
        change: Changes octets in any way; gets them and the length they may have.

    Returns:
        The octets with a change; None if they are no DER.
    """
    roots = parse(octets)
    if not roots:
        return None
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        whole = Node(0x30, children=roots)
        _change(list(whole.nodes()), chance, change)
        roots = whole.children
    return b"".join(root.encoded() for root in roots)


def _change(
    nodes: list[Node], chance: random.Random, change: Callable[[bytes, int], bytes]
) -> None:
    node, other = chance.choice(nodes), chance.choice(nodes)
    if node.children and chance.random() < 0.5:  # noqa: PLR2004 (as often what it consists of)
        _change_children(node, other, chance)
        return
    match chance.randrange(6):
        case 0:
            node.tag = chance.choice(_TAGS + _TAGS_OF_FIELDS)
        case 1:
            node.is_indefinite = not node.is_indefinite
        case 2:
            number = chance.choice(_NUMBERS)
            node.tag, node.children = _INTEGER, []
            node.content = number.to_bytes(number.bit_length() // 8 + 1)
        case 3:
            inner = Node(node.tag, node.content, node.children)
            node.tag, node.content = chance.choice((0x30, 0x31, 0xA0, 0xA3, 0x24)), b""
            node.children = [inner] * chance.choice((1, 1, 2, 12))
        case 4:
            node.children, node.content = [], b""
        case _:
            node.content = change(node.content, len(node.content) + 64)


def _change_children(node: Node, other: Node, chance: random.Random) -> None:
    match chance.randrange(5):
        case 0:
            node.children.pop(chance.randrange(len(node.children)))
        case 1:
            place = chance.randrange(len(node.children) + 1)
            node.children.insert(place, chance.choice(node.children))
        case 2:
            chance.shuffle(node.children)
        case 3 if all(each is not node for each in other.nodes()):
            node.children.append(other)
        case _:
            # The same as a string, or the values of a string in the open.
            node.tag = chance.choice((_OCTET_STRING, 0x24, 0x30, 0xA0, 0x80))
