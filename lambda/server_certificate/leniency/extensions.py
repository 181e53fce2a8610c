"""Extensions that are not written as a strict parser wants them (RFC 5280, 4.2)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from server_certificate.der import (
    BIT_STRING,
    BOOLEAN,
    CONSTRUCTED,
    CONTEXT_0,
    INTEGER,
    OBJECT_IDENTIFIER,
    SEQUENCE,
    DerError,
    Value,
    dotted,
)
from server_certificate.extension_names import name_of_extension
from server_certificate.leniency.texts import put_name_right, put_text_right
from server_certificate.leniency.tree import Node, read

if TYPE_CHECKING:
    from server_certificate.budget import Budget
    from server_certificate.leniency.oddities import Oddities

_TRUE, _FALSE = b"\xff", b"\0"
_MINIMUM = 0x80
"""The tag of the lower bound of a subtree, 0 by default (RFC 5280, 4.2.1.10)."""

_EMAIL, _DNS, _URI, _ADDRESS, _REGISTERED = 0x81, 0x82, 0x86, 0x87, 0x88
_OTHER, _X400, _DIRECTORY, _EDI = 0xA0, 0xA3, 0xA4, 0xA5
_IN_ASCII = {_EMAIL: "an email address", _DNS: "a DNS name", _URI: "a URI"}
_RARE = {_X400: "an x400Address", _EDI: "an ediPartyName"}
_SHAPES = {
    _OTHER: ("otherName", (OBJECT_IDENTIFIER, CONTEXT_0)),
    _DIRECTORY: ("directoryName", (SEQUENCE,)),
}
_SIZES_OF_ADDRESSES, _SIZES_OF_NETWORKS = {4, 16}, {8, 32}
_FITS_NOTHING = b"."
"""A DNS name that none is in."""

_IDENTIFIER = re.compile(rb"((?!\x80)[\x80-\xff]*+[\x00-\x7f])++", re.DOTALL)
"""Numbers of seven bits an octet, none of which begins with zeros (X.690, 8.19.2)."""

_BITS = 8


def put_critical_right(extension: Node, oddities: Oddities) -> None:
    """
    Write whether an extension is critical as DER wants it: ``FALSE`` by saying nothing.

    Args:
        extension: Identifier, whether it is critical, content.
        oddities: Where to note what was put right.

    Raises:
        DerError: It is neither true nor false.
    """
    identifier, critical, _ = extension.parts
    value = Value(identifier.content, identifier.tag, 0, 0, len(identifier.content))
    where = f"its {name_of_extension(dotted(value))}"
    _put_boolean_right(critical, where, oddities)
    if critical.content == _FALSE:
        oddities.add(f"{where} says critical FALSE, a default that DER leaves out")
        del extension.parts[1]


def put_content_right(identifier: str, content: bytes, budget: Budget, oddities: Oddities) -> bytes:
    """
    Write the content of an extension as a strict parser wants it.

    Args:
        identifier: What kind of extension it is, in dotted notation.
        content: The content.
        budget: What it is taken from.
        oddities: Where to note what was put right, and the names that were left out.

    Raises:
        DerError: It is no such extension.
        BudgetExceededError: It has too many values.
    """
    where = f"its {name_of_extension(identifier)}"
    tree = read(content, budget)
    if tree.end != len(content):
        oddities.add(f"{where} has more octets than its content takes")
    if not tree.is_definite:
        oddities.add(f"{where} has lengths as in BER, not as in DER")
    for node in tree.root.everywhere():
        if node.tag == BOOLEAN:
            _put_boolean_right(node, where, oddities)
        else:
            put_text_right(node, where, oddities)
    if put_this_kind_right := _KINDS.get(identifier):
        put_this_kind_right(tree.root, where, oddities)
    return tree.root.encoded()


def _put_boolean_right(node: Node, where: str, oddities: Oddities) -> None:
    if len(node.content) != len(_TRUE):
        raise DerError(f"{where} is damaged")
    if node.content not in {_TRUE, _FALSE}:
        oddities.add(f"{where} has a TRUE that is not written as 255, as DER wants it")
        node.content = _TRUE


def _put_basic_constraints_right(root: Node, where: str, oddities: Oddities) -> None:
    _leave_default_out(root, Node(BOOLEAN, _FALSE), where, oddities)
    if [part.tag for part in root.parts] == [INTEGER]:
        oddities.add(f"{where} has a path length, and says CA:FALSE")
        root.parts = []


def _put_name_constraints_right(root: Node, where: str, oddities: Oddities) -> None:
    for subtrees in root.parts:
        for subtree in subtrees.parts:
            _leave_default_out(subtree, Node(_MINIMUM, _FALSE), where, oddities)
            base = subtree.parts[0] if subtree.parts else subtree
            if base.tag == _DNS and b"*" in base.content:
                oddities.add(f"{where} has a DNS name with an asterisk, which fits no name")
                base.content = _FITS_NOTHING
            if base.tag == _ADDRESS and len(base.content) in _SIZES_OF_NETWORKS:
                _put_network_right(base, where, oddities)


def _put_network_right(base: Node, where: str, oddities: Oddities) -> None:
    half = len(base.content) // 2
    address, mask = base.content[:half], base.content[half:]
    network = bytes(one & other for one, other in zip(address, mask, strict=True))
    if network != address:
        oddities.add(f"{where} has a network with bits behind its mask")
        base.content = network + mask


def _leave_default_out(node: Node, default: Node, where: str, oddities: Oddities) -> None:
    written = default.encoded()
    kept = [part for part in node.parts if part.encoded() != written]
    if len(kept) != len(node.parts):
        oddities.add(f"{where} spells out a default that DER leaves out")
        node.parts = kept


def _put_key_usage_right(root: Node, where: str, oddities: Oddities) -> None:
    if root.tag != BIT_STRING or len(root.content) <= 1 or root.content[0] >= _BITS:
        raise DerError(f"{where} is damaged")
    unused = root.content[0]
    last = root.content[-1] >> unused << unused
    if last != root.content[-1]:
        oddities.add(f"{where} has bits among those that it says are unused")
        root.content = root.content[:-1] + bytes([last])


def _put_alternative_names_right(root: Node, where: str, oddities: Oddities) -> None:
    """Leave the alternative names out that can't be read (RFC 5280, 4.2.1.6)."""
    kept: list[Node] = []
    for name in root.parts:
        is_constructed = name.tag & CONSTRUCTED
        problem = _problem_of_constructed(name) if is_constructed else _problem_of_primitive(name)
        if problem:
            oddities.add(f"{where} has {problem}")
            continue
        if name.tag == _DIRECTORY:
            put_name_right(name.parts[0], where, oddities)
        kept.append(name)
    root.parts = kept


def _problem_of_primitive(name: Node) -> str:
    problem = ""
    if name.tag in _IN_ASCII:
        # The library takes UTF-8, which is no better, and whoever looks at the names sees that.
        problem = "" if _is_utf8(name.content) else f"{_IN_ASCII[name.tag]} that is not in ASCII"
    elif name.tag == _ADDRESS:
        size = len(name.content)
        problem = "" if size in _SIZES_OF_ADDRESSES else f"an IP address of {size:,} octets"
    elif name.tag != _REGISTERED:
        problem = "a name of an unknown kind"
    elif not _IDENTIFIER.fullmatch(name.content):
        problem = "a damaged registeredID"
    return problem


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def _problem_of_constructed(name: Node) -> str:
    if name.tag in _RARE:
        return f"{_RARE[name.tag]}, which hardly any program reads"
    if name.tag not in _SHAPES:
        return "a name of an unknown kind"
    kind, wanted = _SHAPES[name.tag]
    shape = tuple(part.tag for part in name.parts)
    return "" if shape == wanted else f"a damaged {kind}"


_KINDS = {
    "2.5.29.15": _put_key_usage_right,
    "2.5.29.17": _put_alternative_names_right,
    "2.5.29.18": _put_alternative_names_right,
    "2.5.29.19": _put_basic_constraints_right,
    "2.5.29.30": _put_name_constraints_right,
}
