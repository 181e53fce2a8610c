"""Texts and names with characters that their kind doesn't have (X.680, 41; RFC 5280, 4.1.2.4)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from server_certificate.der import OBJECT_IDENTIFIER, SEQUENCE, SET, DerError
from server_certificate.leniency.tree import (
    BIT_STRING,
    BMP_STRING,
    IA5_STRING,
    NUMERIC_STRING,
    PRINTABLE_STRING,
    TELETEX_STRING,
    UNIVERSAL_STRING,
    UTF8_STRING,
    VISIBLE_STRING,
)

if TYPE_CHECKING:
    from server_certificate.leniency.oddities import Oddities
    from server_certificate.leniency.tree import Node

_UNICODE = {
    UTF8_STRING: ("UTF8String", "utf-8"),
    BMP_STRING: ("BMPString", "utf-16-be"),
    UNIVERSAL_STRING: ("UniversalString", "utf-32-be"),
}
_OLDER = {
    PRINTABLE_STRING: "PrintableString",
    NUMERIC_STRING: "NumericString",
    TELETEX_STRING: "TeletexString",
    IA5_STRING: "IA5String",
    VISIBLE_STRING: "VisibleString",
}
_NOT_PRINTABLE = re.compile(r"[^A-Za-z0-9 '()+,./:=?-]")
_NAMED = 5
"""Characters that are named in a clause."""

_UNIQUE_IDENTIFIER = bytes.fromhex("55042d")
"""The attribute 2.5.4.45, x500UniqueIdentifier, which is a bit string."""


def put_text_right(node: Node, where: str, oddities: Oddities) -> None:
    """
    Write a text in UTF-8 if it has characters that its kind doesn't have.

    Octets above 127 in the kinds that are older than Unicode are taken as UTF-8 if they can be,
    and as Latin-1 otherwise.

    Args:
        node: Any value; what is no text is left alone.
        where: What to call it, such as ``its subject``.
        oddities: Where to note what was put right.

    Raises:
        DerError: It says that it is Unicode, and isn't; OpenSSL refuses that, too.
    """
    if node.tag in _UNICODE:
        kind, encoding = _UNICODE[node.tag]
        try:
            node.content.decode(encoding)
        except UnicodeDecodeError:
            raise DerError(f"{where} says that it is a {kind}, and is not") from None
    elif node.tag in _OLDER:
        text = _decoded(node.content)
        odd = set(_NOT_PRINTABLE.findall(text)) if node.tag == PRINTABLE_STRING else set()
        if not odd and node.content.isascii():
            return
        some = ", ".join(ascii(character) for character in sorted(odd)[:_NAMED])
        kind = _OLDER[node.tag]
        oddities.add(
            f"{where} has characters that a {kind} does not allow: {some}"
            if some
            else f"{where} has characters outside ASCII in a text of type {kind}"
        )
        node.tag, node.content = UTF8_STRING, text.encode()


def put_name_right(name: Node, where: str, oddities: Oddities) -> None:
    """
    Write a distinguished name as a strict parser wants it.

    Args:
        name: The name, a sequence of sets of attributes.
        where: What to call it, such as ``its subject``.
        oddities: Where to note what was put right.

    Raises:
        DerError: It is no name.
    """
    for part in name.parts:
        if part.tag != SET:
            raise DerError(f"{where} is not a name")
        for attribute in part.parts:
            _put_attribute_right(attribute, where, oddities)
        _put_in_order(part, where, oddities)
    if not all(part.parts for part in name.parts):
        oddities.add(f"{where} has a part without any attribute")
        name.parts = [part for part in name.parts if part.parts]


def _put_attribute_right(attribute: Node, where: str, oddities: Oddities) -> None:
    if (
        attribute.tag != SEQUENCE
        or len(attribute.parts) != len(("type", "value"))
        or attribute.parts[0].tag != OBJECT_IDENTIFIER
    ):
        raise DerError(f"{where} is not a name")
    identifier, value = attribute.parts
    if value.tag in _UNICODE or value.tag in _OLDER:
        put_text_right(value, where, oddities)
    elif value.tag == BIT_STRING and identifier.content == _UNIQUE_IDENTIFIER:
        return
    elif value.tag in {BIT_STRING, SEQUENCE}:
        # RFC 4514, 2.4, writes values that are no texts in hexadecimal.
        text = "#" + value.encoded().hex()
        oddities.add(f"{where} has an attribute that is not a text")
        value.tag, value.content, value.parts = UTF8_STRING, text.encode(), []
    else:
        raise DerError(f"{where} has an attribute of a type that OpenSSL refuses as well")


def _put_in_order(part: Node, where: str, oddities: Oddities) -> None:
    """Sort the attributes of a set, and leave repetitions out (X.690, 11.6)."""
    if len(part.parts) == 1:
        return
    encoded = [attribute.encoded() for attribute in part.parts]
    by_encoding = dict(sorted(zip(encoded, part.parts, strict=True), key=lambda pair: pair[0]))
    if [*by_encoding] != encoded:
        oddities.add(f"{where} has attributes in one part that are not in order, or repeated")
        part.parts = [*by_encoding.values()]


def _decoded(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content.decode("latin-1")
