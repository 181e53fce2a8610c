"""Normalize strings and names with invalid characters (X.680, 41; RFC 5280, 4.1.2.4)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from server_certificate.der import OBJECT_IDENTIFIER, SEQUENCE, SET, DerError
from server_certificate.normalization.tree import (
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
    from server_certificate.normalization.oddities import Oddities
    from server_certificate.normalization.tree import Node

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
"""The maximum number of characters named in a clause."""

_UNIQUE_IDENTIFIER = bytes.fromhex("55042d")
"""The attribute 2.5.4.45, x500UniqueIdentifier, which is a bit string."""


def normalize_string(node: Node, where: str, oddities: Oddities) -> None:
    """
    Convert a string to UTF-8 if its type doesn't allow its characters.

    Bytes above 127 in string types older than Unicode are decoded as UTF-8 if possible, and as
    Latin-1 otherwise.

    Args:
        node: Any value; values other than strings are not changed.
        where: A noun phrase for it, such as ``its subject``.
        oddities: Records what was normalized.

    Raises:
        DerError: It is not valid in its Unicode encoding, which OpenSSL rejects, too.
    """
    if node.tag in _UNICODE:
        kind, encoding = _UNICODE[node.tag]
        try:
            node.content.decode(encoding)
        except UnicodeDecodeError:
            raise DerError(f"{where} is not a valid {kind}") from None
    elif node.tag in _OLDER:
        text = _decoded(node.content)
        odd = set(_NOT_PRINTABLE.findall(text)) if node.tag == PRINTABLE_STRING else set()
        if not odd and node.content.isascii():
            return
        some = ", ".join(ascii(character) for character in sorted(odd)[:_NAMED])
        kind = _OLDER[node.tag]
        oddities.add(
            f"{where} has characters that {kind} doesn't allow: {some}"
            if some
            else f"{where} is of type {kind} and has characters outside ASCII"
        )
        node.tag, node.content = UTF8_STRING, text.encode()


def normalize_name(name: Node, where: str, oddities: Oddities) -> None:
    """
    Normalize a distinguished name.

    Args:
        name: The name, a sequence of sets of attributes.
        where: A noun phrase for it, such as ``its subject``.
        oddities: Records what was normalized.

    Raises:
        DerError: It is not a name.
    """
    for part in name.parts:
        if part.tag != SET:
            raise DerError(f"{where} is not a name")
        for attribute in part.parts:
            _normalize_attribute(attribute, where, oddities)
        _sort_attributes(part, where, oddities)
    if not all(part.parts for part in name.parts):
        oddities.add(f"{where} has a part without attributes")
        name.parts = [part for part in name.parts if part.parts]


def _normalize_attribute(attribute: Node, where: str, oddities: Oddities) -> None:
    if (
        attribute.tag != SEQUENCE
        or len(attribute.parts) != len(("type", "value"))
        or attribute.parts[0].tag != OBJECT_IDENTIFIER
    ):
        raise DerError(f"{where} is not a name")
    identifier, value = attribute.parts
    if value.tag in _UNICODE or value.tag in _OLDER:
        normalize_string(value, where, oddities)
    elif value.tag == BIT_STRING and identifier.content == _UNIQUE_IDENTIFIER:
        return
    elif value.tag in {BIT_STRING, SEQUENCE}:
        # RFC 4514, 2.4, represents other values than strings in hexadecimal.
        text = "#" + value.encoded().hex()
        oddities.add(f"{where} has an attribute that is not a string")
        value.tag, value.content, value.parts = UTF8_STRING, text.encode(), []
    else:
        raise DerError(f"{where} has an attribute of a type that OpenSSL rejects, too")


def _sort_attributes(part: Node, where: str, oddities: Oddities) -> None:
    """Sort the attributes of a set, and remove repetitions (X.690, 11.6)."""
    if len(part.parts) == 1:
        return
    encoded = [attribute.encoded() for attribute in part.parts]
    by_encoding = dict(sorted(zip(encoded, part.parts, strict=True), key=lambda pair: pair[0]))
    if [*by_encoding] != encoded:
        oddities.add(f"{where} has attributes that are out of order or repeated")
        part.parts = [*by_encoding.values()]


def _decoded(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError:
        return content.decode("latin-1")
