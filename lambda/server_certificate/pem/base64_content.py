"""
Decode base64 that other programs have altered.

A cleaned result is accepted only if it is exactly one DER value: its length proves that no
character is missing or was removed by mistake.
"""

from __future__ import annotations

import base64
import binascii
import re
import string
from typing import TYPE_CHECKING

from server_certificate.der import is_whole

if TYPE_CHECKING:
    from collections.abc import Iterator

_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"))
_TAGS = re.compile("<[^<>\r\n]{0,80}>")
_HEADERS = re.compile(
    "(?:[ \t]*+[A-Za-z][A-Za-z0-9-]{0,40}+:[^\r\n]*+(?:\r\n|\r|\n))++[ \t]*+(?=[\r\n])"
)
"""Headers before the content (RFC 1421, 4.4), and the empty line after them."""

_JOINTS = re.compile("[\"'][ \t]*+[+.,&]?+[ \t\r\n]*+[\"']")
"""The text between the string literals of a program."""

_SOFT_BREAKS = re.compile("=(?:\r\n|\r|\n)(?=[A-Za-z0-9+/])")
_ALPHABET = re.compile("[A-Za-z0-9+/]++")
_OTHERS = bytes(set(range(256)) - {*string.ascii_letters.encode(), *string.digits.encode(), *b"+/"})
_TO_STANDARD = str.maketrans("-_", "+/")
"""The URL-safe alphabet (RFC 4648, 5) differs in two characters."""

_FIRST_CHARACTERS = 1368
"""The number of characters that identify a format: more than a modulus of 8,192 bits."""

_CONTROLS = re.compile("\x1b\\[[0-9;]{0,20}+[A-Za-z]")
"""Terminal color sequences."""

_LINE = 64
_SHORTEST_LINE = 48
"""The minimum length of a full line; shorter lines can't be distinguished from words."""


def strict(content: str) -> bytes | None:
    """Decode base64 with white space (RFC 4648, 4); None if it is anything else."""
    try:
        return base64.b64decode("".join(content.split()), validate=True)
    except (binascii.Error, ValueError):
        return None


def cleaned(content: str, prefix: str = "") -> bytes | None:
    """
    Decode base64 mixed with other text.

    Args:
        content: The text between the BEGIN and END lines.
        prefix: The text before the BEGIN line, such as ``> `` in an email.

    Returns:
        One DER value; None if the content is anything else or incomplete.
    """
    for compact in _candidates(content, prefix):
        if not compact.isascii():
            continue
        padded = compact + "=" * (-len(compact) % 4)
        octets = strict(padded)
        if octets and is_whole(octets):
            return octets
    return None


def beginning(content: str) -> bytes:
    """
    Decode the start of damaged content to detect its format.

    Returns:
        Some bytes or none. Use them only to detect the format.
    """
    compact = _compact(content[: 4 * _FIRST_CHARACTERS], "")
    found = _ALPHABET.match(compact)
    first = found.group()[:_FIRST_CHARACTERS] if found else ""
    return strict(first[: len(first) // 4 * 4]) or b""


def _compact(content: str, prefix: str) -> str:
    if not content.isascii():
        content = content.translate(_INVISIBLE)
    if "<" in content:
        content = _TAGS.sub("\n", content)
    if ":" in content:
        headers = _HEADERS.match(content.lstrip())
        content = content.lstrip()[headers.end() :] if headers else content
    if '"' in content or "'" in content:
        content = _JOINTS.sub("", content).strip(" \t\r\n\"'.,;&")
    elif prefix := prefix.strip():
        content = "\n".join(line.strip().removeprefix(prefix) for line in content.splitlines())
    if "=" in content:
        # Quoted-printable (RFC 2045, 6.7).
        content = _SOFT_BREAKS.sub("", content.replace("=0D", "").replace("=0A", "\n"))
        content = content.replace("=3D", "=")
    return "".join(content.split()).translate(_TO_STANDARD).rstrip("=")


def _candidates(content: str, prefix: str) -> Iterator[str]:
    compact = _compact(content, prefix)
    yield compact
    # A shell that removes the backslash from '\n' leaves the letter at the end of every line.
    for ending in ("n", "rn"):
        step = _LINE + len(ending)
        lines = compact.removeprefix(ending)
        if lines != compact and compact.endswith(ending):
            pieces = [lines[start : start + step] for start in range(0, len(lines), step)]
            if all(piece.endswith(ending) for piece in pieces):
                yield "".join(piece.removesuffix(ending) for piece in pieces).rstrip("=")
    content = _CONTROLS.sub(" ", content)
    yield content.encode("ascii", "ignore").translate(None, _OTHERS).decode("ascii")
    yield _full_lines(content)
    # Decoding a form twice turns plus signs into spaces.
    yield "".join(content.strip().replace(" ", "+").split()).rstrip("=")


def _full_lines(content: str) -> str:
    """
    Return the words of maximum length and the last line, which is shorter.

    The text between two lines, such as a line number or an ``echo`` command, has the same number of
    words everywhere, which identifies the last line.
    """
    length = max((word.end() - word.start() for word in _ALPHABET.finditer(content)), default=0)
    if length < _SHORTEST_LINE:
        return ""
    lines: list[str] = []
    last, place, step = "", -1, 0
    for number, word in enumerate(_ALPHABET.finditer(content)):
        if word.end() - word.start() == length:
            between = number - place
            if lines and step not in {0, between}:
                return ""
            step = between if lines else 0
            lines.append(word.group())
            last, place = "", number
        elif lines and number == place + (step or place + 1):
            last = word.group()
    return "".join(lines) + last
