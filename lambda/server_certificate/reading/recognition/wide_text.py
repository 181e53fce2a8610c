"""Text in UTF-16 or UTF-32, as Windows programs and Windows PowerShell write it."""

from __future__ import annotations

import re

_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\xc3\xbf\xc3\xbe", b"\xc3\xbe\xc3\xbf")
"""Byte order marks; the latter are those of text that was taken for Latin-1 and written in UTF-8."""

_WIDE = re.compile(
    b"(?:%b)?+(?:(?:[\t\r\n -~\xa0-\xff]\0){4}|(?:\0[\t\r\n -~\xa0-\xff]){4}"
    b"|(?:[\t\r\n -~\xa0-\xff]\0{3}){2}|(?:\0{3}[\t\r\n -~\xa0-\xff]){2}"
    # To a file in ASCII, ">>" of Windows PowerShell appends UTF-16.
    b"|-----BEGIN )" % b"|".join((*(mark + b"\0\0" for mark in _MARKS), b"\0\0\xfe\xff", *_MARKS))
)


def narrowed(octets: bytes) -> bytes | None:
    """
    Write a text in UTF-16 or UTF-32 in ASCII, be it in parts of the text alone.

    PEM, JSON and base64 are in ASCII, of which either encoding makes the same octets with zeros
    between them. Other characters stand around the PEM at most, and are lost.

    Returns:
        The text; None when it is in no such encoding.
    """
    if b"\0" not in octets or not _WIDE.match(octets):
        return None
    for mark in _MARKS:
        octets = octets.replace(mark, b"")
    return octets.replace(b"\0", b"")


def text_of(octets: bytes) -> str:
    """Return octets as text, whatever they are."""
    return (narrowed(octets) or octets).decode("utf-8", errors="replace")
