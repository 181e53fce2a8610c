"""Normalize extensions (RFC 5280, 4.2)."""

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
from server_certificate.normalization.texts import normalize_name, normalize_string
from server_certificate.normalization.tree import Node, read

if TYPE_CHECKING:
    from server_certificate.budget import Budget
    from server_certificate.normalization.oddities import Oddities

_TRUE, _FALSE = b"\xff", b"\0"
_MINIMUM = 0x80
"""The tag of the minimum of a subtree, 0 by default (RFC 5280, 4.2.1.10)."""

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
"""A DNS name that matches no other."""

_IDENTIFIER = re.compile(rb"((?!\x80)[\x80-\xff]*+[\x00-\x7f])++", re.DOTALL)
"""Numbers of seven bits per byte, without leading zeros (X.690, 8.19.2)."""

_BITS = 8


def normalize_critical(extension: Node, oddities: Oddities) -> None:
    """
    Normalize the critical flag of an extension: DER omits ``FALSE``.

    Args:
        extension: The extension: identifier, critical flag, content.
        oddities: Records what was normalized.

    Raises:
        DerError: The flag is neither true nor false.
    """
    identifier, critical, _ = extension.parts
    value = Value(identifier.content, identifier.tag, 0, 0, len(identifier.content))
    where = f"its {name_of_extension(dotted(value))}"
    _normalize_boolean(critical, where, oddities)
    if critical.content == _FALSE:
        oddities.add(f"{where} has critical FALSE, a default that DER omits")
        del extension.parts[1]


def normalize_content(identifier: str, content: bytes, budget: Budget, oddities: Oddities) -> bytes:
    """
    Normalize the content of an extension.

    Args:
        identifier: The dotted object identifier of the extension.
        content: The content.
        budget: The budget for parsing.
        oddities: Records what was normalized, and the names that were removed.

    Raises:
        DerError: The content is damaged.
        BudgetExceededError: It has too many values.
    """
    where = f"its {name_of_extension(identifier)}"
    tree = read(content, budget)
    if tree.end != len(content):
        oddities.add(f"{where} has extra bytes after its content")
    if not tree.is_definite:
        oddities.add(f"{where} has lengths encoded in BER, not in DER")
    for node in tree.root.everywhere():
        if node.tag == BOOLEAN:
            _normalize_boolean(node, where, oddities)
        else:
            normalize_string(node, where, oddities)
    if normalize_type := _KINDS.get(identifier):
        normalize_type(tree.root, where, oddities)
    return tree.root.encoded()


def _normalize_boolean(node: Node, where: str, oddities: Oddities) -> None:
    if len(node.content) != len(_TRUE):
        raise DerError(f"{where} is damaged")
    if node.content not in {_TRUE, _FALSE}:
        oddities.add(f"{where} has a TRUE that isn't encoded as 255, as DER requires")
        node.content = _TRUE


def _normalize_basic_constraints(root: Node, where: str, oddities: Oddities) -> None:
    _remove_default(root, Node(BOOLEAN, _FALSE), where, oddities)
    if [part.tag for part in root.parts] == [INTEGER]:
        oddities.add(f"{where} has a path length although it says CA:FALSE")
        root.parts = []


def _normalize_name_constraints(root: Node, where: str, oddities: Oddities) -> None:
    for subtrees in root.parts:
        for subtree in subtrees.parts:
            _remove_default(subtree, Node(_MINIMUM, _FALSE), where, oddities)
            base = subtree.parts[0] if subtree.parts else subtree
            if base.tag == _DNS and b"*" in base.content:
                oddities.add(f"{where} has a DNS name with an asterisk, which matches no name")
                base.content = _FITS_NOTHING
            if base.tag == _ADDRESS and len(base.content) in _SIZES_OF_NETWORKS:
                _normalize_network(base, where, oddities)


def _normalize_network(base: Node, where: str, oddities: Oddities) -> None:
    half = len(base.content) // 2
    address, mask = base.content[:half], base.content[half:]
    network = bytes(one & other for one, other in zip(address, mask, strict=True))
    if network != address:
        oddities.add(f"{where} has a network with bits outside its mask")
        base.content = network + mask


def _remove_default(node: Node, default: Node, where: str, oddities: Oddities) -> None:
    written = default.encoded()
    kept = [part for part in node.parts if part.encoded() != written]
    if len(kept) != len(node.parts):
        oddities.add(f"{where} contains a default value that DER omits")
        node.parts = kept


def _normalize_key_usage(root: Node, where: str, oddities: Oddities) -> None:
    if root.tag != BIT_STRING or len(root.content) <= 1 or root.content[0] >= _BITS:
        raise DerError(f"{where} is damaged")
    unused = root.content[0]
    last = root.content[-1] >> unused << unused
    if last != root.content[-1]:
        oddities.add(f"{where} has unused bits that are set")
        root.content = root.content[:-1] + bytes([last])


def _normalize_alternative_names(root: Node, where: str, oddities: Oddities) -> None:
    """Remove unreadable alternative names (RFC 5280, 4.2.1.6)."""
    kept: list[Node] = []
    for name in root.parts:
        is_constructed = name.tag & CONSTRUCTED
        problem = _problem_of_constructed(name) if is_constructed else _problem_of_primitive(name)
        if problem:
            oddities.add(f"{where} has {problem}")
            continue
        if name.tag == _DIRECTORY:
            normalize_name(name.parts[0], where, oddities)
        kept.append(name)
    root.parts = kept


def _problem_of_primitive(name: Node) -> str:
    problem = ""
    if name.tag in _IN_ASCII:
        # The library also accepts UTF-8, which the checks of the names report.
        problem = "" if _is_utf8(name.content) else f"{_IN_ASCII[name.tag]} that is not in ASCII"
    elif name.tag == _ADDRESS:
        size = len(name.content)
        problem = "" if size in _SIZES_OF_ADDRESSES else f"an IP address of {size:,} bytes"
    elif name.tag != _REGISTERED:
        problem = "a name of an unknown type"
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
        return f"{_RARE[name.tag]}, which hardly any program supports"
    if name.tag not in _SHAPES:
        return "a name of an unknown type"
    kind, wanted = _SHAPES[name.tag]
    shape = tuple(part.tag for part in name.parts)
    return "" if shape == wanted else f"a damaged {kind}"


_KINDS = {
    "2.5.29.15": _normalize_key_usage,
    "2.5.29.17": _normalize_alternative_names,
    "2.5.29.18": _normalize_alternative_names,
    "2.5.29.19": _normalize_basic_constraints,
    "2.5.29.30": _normalize_name_constraints,
}
