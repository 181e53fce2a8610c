"""Extensions that are not written as a strict parser wants them (RFC 5280, 4.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server_certificate.der import (
    BIT_STRING,
    BOOLEAN,
    CONTEXT_0,
    CONTEXT_1,
    OBJECT_IDENTIFIER,
    SEQUENCE,
    DerError,
)
from server_certificate.leniency.texts import put_name_right, put_text_right
from server_certificate.leniency.tree import Node, read

if TYPE_CHECKING:
    from server_certificate.budget import Budget
    from server_certificate.leniency.oddities import Oddities

_TRUE, _FALSE = b"\xff", b"\0"
_KEY_USAGE, _BASIC_CONSTRAINTS, _NAME_CONSTRAINTS = "2.5.29.15", "2.5.29.19", "2.5.29.30"
_ALTERNATIVE_NAMES = {"2.5.29.17", "2.5.29.18"}

_EMAIL, _DNS, _URI, _ADDRESS, _REGISTERED = 0x81, 0x82, 0x86, 0x87, 0x88
_OTHER, _X400, _DIRECTORY, _EDI = 0xA0, 0xA3, 0xA4, 0xA5
_IN_ASCII = {_EMAIL: "an email address", _DNS: "a DNS name", _URI: "a URI"}
_RARE = {_X400: "an x400Address", _EDI: "an ediPartyName"}
_OCTETS_OF_ADDRESSES = {4, 16}
_BITS = 8


def put_critical_right(extension: Node, where: str, oddities: Oddities) -> None:
    """
    Write whether an extension is critical as DER wants it: ``FALSE`` by saying nothing.

    Args:
        extension: Identifier, whether it is critical, content.
        where: What to call the extension, such as ``its keyUsage``.
        oddities: Where to note what was put right.

    Raises:
        DerError: It is neither true nor false.
    """
    critical = extension.parts[1]
    _put_boolean_right(critical, where, oddities)
    if critical.content == _FALSE:
        oddities.add(f"{where} says critical FALSE, a default that DER leaves out")
        del extension.parts[1]


def put_content_right(
    identifier: str, content: bytes, where: str, budget: Budget, oddities: Oddities
) -> bytes:
    """
    Write the content of an extension as a strict parser wants it.

    Args:
        identifier: What kind of extension it is, in dotted notation.
        content: The content.
        where: What to call the extension, such as ``its keyUsage``.
        budget: What it is taken from.
        oddities: Where to note what was put right, and the names that were left out.

    Raises:
        DerError: It is no such extension.
        BudgetExceededError: It has too many values.
    """
    tree = read(content, budget)
    root = tree.root
    if tree.end != len(content):
        oddities.add(f"{where} has more octets than its content takes")
    if not tree.is_definite:
        oddities.add(f"{where} has lengths as in BER, not as in DER")
    for node in root.everywhere():
        if node.tag == BOOLEAN:
            _put_boolean_right(node, where, oddities)
        else:
            put_text_right(node, where, oddities)
    if identifier == _BASIC_CONSTRAINTS:
        _leave_default_out(root, Node(BOOLEAN, _FALSE), where, oddities)
    elif identifier == _KEY_USAGE:
        _clear_unused_bits(root, where, oddities)
    elif identifier == _NAME_CONSTRAINTS:
        for subtrees in root.parts:
            for subtree in subtrees.parts if subtrees.tag in {CONTEXT_0, CONTEXT_1} else ():
                _leave_default_out(subtree, Node(0x80, _FALSE), where, oddities)
    elif identifier in _ALTERNATIVE_NAMES:
        root.parts = [name for name in root.parts if _put_alternative_right(name, where, oddities)]
    return root.encoded()


def _put_boolean_right(node: Node, where: str, oddities: Oddities) -> None:
    if len(node.content) != len(_TRUE):
        raise DerError(f"{where} is damaged")
    if node.content not in {_TRUE, _FALSE}:
        oddities.add(f"{where} has a TRUE that is not written as 255, as DER wants it")
        node.content = _TRUE


def _leave_default_out(node: Node, default: Node, where: str, oddities: Oddities) -> None:
    kept = [part for part in node.parts if (part.tag, part.content) != (default.tag, default.content)]
    if len(kept) != len(node.parts):
        oddities.add(f"{where} spells out a default that DER leaves out")
        node.parts = kept


def _clear_unused_bits(node: Node, where: str, oddities: Oddities) -> None:
    if node.tag != BIT_STRING or len(node.content) <= 1 or node.content[0] >= _BITS:
        raise DerError(f"{where} is damaged")
    unused = node.content[0]
    last = node.content[-1] >> unused << unused
    if last != node.content[-1]:
        oddities.add(f"{where} has bits among those that it says are unused")
        node.content = node.content[:-1] + bytes([last])


def _put_alternative_right(name: Node, where: str, oddities: Oddities) -> bool:
    """Put an alternative name right, or return that it can't be read (RFC 5280, 4.2.1.6)."""
    what = ""
    if name.tag in _IN_ASCII and not name.content.isascii():
        what = f"{_IN_ASCII[name.tag]} that is not in ASCII"
    elif name.tag == _ADDRESS and len(name.content) not in _OCTETS_OF_ADDRESSES:
        what = f"an IP address of {len(name.content):,} octets"
    elif name.tag in _RARE:
        what = f"{_RARE[name.tag]}, which hardly any program reads"
    elif name.tag == _DIRECTORY:
        if [part.tag for part in name.parts] == [SEQUENCE]:
            put_name_right(name.parts[0], where, oddities)
        else:
            what = "a damaged directoryName"
    elif name.tag == _OTHER:
        if [part.tag for part in name.parts] != [OBJECT_IDENTIFIER, CONTEXT_0]:
            what = "a damaged otherName"
    elif name.tag == _REGISTERED:
        if not _is_identifier(name.content):
            what = "a damaged registeredID"
    elif name.tag not in {*_IN_ASCII, _ADDRESS}:
        what = "a name of an unknown kind"
    if what:
        oddities.add(f"{where} has {what}")
    return not what


def _is_identifier(content: bytes) -> bool:
    """Tell whether octets are an object identifier: none of its numbers begins with a zero."""
    ends = b"\0" + content
    return (
        bool(content)
        and content[-1] < 0x80  # noqa: PLR2004 (the bit that says that a number goes on)
        and all(
            before >= 0x80 or octet != 0x80  # noqa: PLR2004 (likewise)
            for before, octet in zip(ends, content, strict=False)
        )
    )
