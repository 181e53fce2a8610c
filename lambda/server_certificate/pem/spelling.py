"""
Decode escape sequences in PEM from JSON, URLs and HTML that were not decoded.

PEM contains no backslashes, percent signs or ampersands, so decoding them loses no information.
"""

from __future__ import annotations

import re
from typing import NamedTuple


class Decoded(NamedTuple):
    """A text without escape sequences."""

    text: str
    """The text."""

    escapes: tuple[str, ...]
    """The escape sequences that were found: an example and its usual source; empty if none."""


_BACKSLASHES = re.compile(r"\\\\++")
"""Each time JSON is nested in JSON, the number of backslashes doubles."""

_PER_CENTS = re.compile("%(?:25)++(?=[0-9A-Fa-f]{2})")
"""Each time text is encoded for a URL, percent signs are encoded, too."""

_WANTED = "\n\r\t +/=-"
"""The characters of PEM that some encodings escape."""

_Table = dict[str, dict[str, str]]
"""Characters by escape sequence, grouped by prefix to search long texts less often."""

_START = 3


def _table(*spellings: tuple[str, str]) -> _Table:
    table: _Table = {}
    for spelled, character in spellings:
        table.setdefault(spelled[:_START], {})[spelled] = character
    return table


_IN_JSON = _table(
    (r"\r", "\r"),
    (r"\n", "\n"),
    (r"\t", "\t"),
    (r"\/", "/"),
    (r"\"", '"'),
    *(
        (spelled, character)
        for character in _WANTED
        for spelled in (
            rf"\u{ord(character):04x}",
            rf"\u{ord(character):04X}",
            rf"\x{ord(character):02x}",
            rf"\x{ord(character):02X}",
            rf"\{ord(character):03o}",
        )
    ),
    # A line continuation in a shell or a property file.
    ("\\\r\n", "\n"),
    ("\\\n", "\n"),
)
_OF_PROGRAMS = _table(
    ("`r", "\r"),
    ("`n", "\n"),
    ("_x000D_", "\r"),
    ("_x000A_", "\n"),
)
"""In PowerShell and in Excel cells."""

_IN_URLS = _table(
    *(
        (spelled, character)
        for character in _WANTED
        for spelled in (f"%{ord(character):02x}", f"%{ord(character):02X}")
    )
)
_IN_HTML = _table(
    *(
        (spelled, character)
        for character in _WANTED
        for spelled in (
            f"&#{ord(character)};",
            f"&#x{ord(character):x};",
            f"&#x{ord(character):X};",
        )
    ),
    ("&nbsp;", " "),
    ("&NewLine;", "\n"),
    ("&plus;", "+"),
    ("&equals;", "="),
    ("&sol;", "/"),
    ("&quot;", '"'),
)
_FORM = re.compile(r"-----BEGIN\+[A-Z0-9+]{1,64}-----")
"""A BEGIN line in an HTML form, where a plus sign is a space."""


def decoded(text: str) -> Decoded:
    """Decode escape sequences of JSON, URLs and HTML, including nested ones."""
    escapes: list[str] = []
    if "\\" in text:
        text, before = _replaced(_BACKSLASHES.sub(r"\\", text), _IN_JSON), text
        if text != before:
            escapes.append(r"'\n', as in a JSON string that was not decoded")
    if "%" in text:
        plain = _PER_CENTS.sub("%", text)
        plain = plain.replace("+", " ") if _FORM.search(plain) else plain
        text, before = _replaced(plain, _IN_URLS), text
        if text != before:
            escapes.append("'%0A', as in a URL")
    if "`" in text or "_x000" in text:
        text, before = _replaced(text, _OF_PROGRAMS), text
        if text != before:
            escapes.append("'`n' or '_x000D_', as in PowerShell or Excel")
    if "&" in text:
        text, before = _replaced(text, _IN_HTML), text
        if text != before:
            escapes.append("'&#10;', as in HTML")
    return Decoded(text, tuple(escapes))


def _replaced(text: str, table: _Table) -> str:
    for start, spellings in table.items():
        if start in text:
            for spelled, character in spellings.items():
                text = text.replace(spelled, character)
    return text
