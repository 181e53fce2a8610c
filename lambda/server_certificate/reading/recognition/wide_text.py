"""Text in UTF-16 or UTF-32, as written by Windows programs and Windows PowerShell."""

from __future__ import annotations

import re

_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\xc3\xbf\xc3\xbe", b"\xc3\xbe\xc3\xbf")
"""Byte order marks. The last two are the result of reading UTF-16 as Latin-1 and writing it as UTF-8."""

_WIDE = re.compile(
    b"(?:%b)?+(?:(?:[\t\r\n -~\xa0-\xff]\0){4}|(?:\0[\t\r\n -~\xa0-\xff]){4}"
    b"|(?:[\t\r\n -~\xa0-\xff]\0{3}){2}|(?:\0{3}[\t\r\n -~\xa0-\xff]){2}"
    # ">>" in Windows PowerShell appends UTF-16 to an ASCII file.
    b"|-----BEGIN )" % b"|".join((*(mark + b"\0\0" for mark in _MARKS), b"\0\0\xfe\xff", *_MARKS))
)


def narrowed(octets: bytes) -> bytes | None:
    """
    Convert UTF-16 or UTF-32 text to ASCII, even if only parts of it are in this encoding.

    PEM, JSON and base64 are ASCII, which both encodings write as the same bytes with null bytes in
    between. Other characters can only occur around the PEM, and are lost.

    Returns:
        The text; None if it has a different encoding.
    """
    if b"\0" not in octets or not _WIDE.match(octets):
        return None
    for mark in _MARKS:
        octets = octets.replace(mark, b"")
    return octets.replace(b"\0", b"")


def text_of(octets: bytes) -> str:
    """Decode bytes as text, replacing what can't be decoded."""
    return (narrowed(octets) or octets).decode("utf-8", errors="replace")
