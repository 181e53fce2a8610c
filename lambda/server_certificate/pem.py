"""
PEM as people hand it over: blocks, and whatever stands around them.

The grammar is that of RFC 7468, read leniently: CRLF, a byte order mark, white space at line
ends and text outside the blocks are tolerated here and reported by the caller; no block is
dropped silently. Reading takes time in proportion to the text, whatever it holds.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass, field, replace

MAX_CHARACTERS = 4 * 1024 * 1024
"""Texts beyond this are not looked into: twice the longest that IAM takes for any part."""

_BEGINNING = "-----BEGIN "
_LONGEST_LINE = 76
"""Characters of a line of base64: RFC 7468 writes 64, MIME (RFC 2045) 76."""

_WHITE_SPACE = " \t\r\n"
# Possessive and atomic, so that no text is tried in two ways: CRLF is one line end, never two.
_LINE_ENDS = "(?:[ \t]*+(?>\r\n|\n|\r))++"
_LINES = re.compile(f"{_LINE_ENDS}(?:[A-Za-z0-9+/=]{{1,{_LONGEST_LINE}}}+{_LINE_ENDS})++")
_BEGIN = re.compile(_BEGINNING + "([A-Z0-9 ]{1,64})-----")


@dataclass(frozen=True, slots=True)
class Block:
    """One PEM block."""

    label: str
    """The words between ``BEGIN`` and the dashes, such as ``CERTIFICATE``."""

    der: bytes = field(repr=False)
    """The decoded content; empty when it could not be decoded."""

    armour: str | None = field(default=None, repr=False)
    """The whole block, if its headers say how it is encrypted (``Proc-Type``, RFC 1421)."""

    problem: str | None = None
    """Why the block cannot be used, in a few words; None when it can."""

    is_laid_out: bool = True
    """Whether its lines stand as RFC 7468 wants them, so that every reader finds them."""

    @property
    def is_certificate(self) -> bool:
        """Whether the label promises a certificate."""
        return self.label in {"CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE"}

    @property
    def is_encrypted(self) -> bool:
        """Whether the block holds an encrypted key, PKCS#8 or OpenSSL's traditional form."""
        return self.armour is not None or self.label == "ENCRYPTED PRIVATE KEY"

    @property
    def is_private_key(self) -> bool:
        """Whether the label promises a private key, in whatever format."""
        return "PRIVATE KEY" in self.label


@dataclass(frozen=True, slots=True)
class PemText:
    """A text taken apart."""

    blocks: tuple[Block, ...]
    """The blocks in the order of the text."""

    has_other_text: bool
    """Whether anything but white space stands outside the blocks, be it a byte order mark."""

    has_escapes: bool = False
    """Whether line breaks are spelled ``\\n``, as in a JSON string that was not decoded."""


def parse(text: str) -> PemText:
    """
    Take a text apart into its PEM blocks.

    Args:
        text: What the user handed over, whatever it is.

    Returns:
        All blocks, also those that cannot be used (their ``problem`` says why).
    """
    # No character of base64 is a backslash, so this loses nothing.
    unescaped = text.replace("\\r", "\r").replace("\\n", "\n")
    has_escapes = unescaped != text
    text = unescaped
    blocks: list[Block] = []
    has_other_text = False
    position = 0
    begin = _BEGIN.search(text)
    while begin:
        has_other_text |= _is_visible(text[position : begin.start()])
        following = _BEGIN.search(text, begin.end())
        # A block ends before the next one begins: so no part of the text is searched twice.
        limit = following.start() if following else len(text)
        label = begin.group(1)
        end_line = f"-----END {label}-----"
        end = text.find(end_line, begin.end(), limit)
        if end < 0:
            blocks.append(Block(label, b"", problem=f"the line {end_line!r} is missing"))
            position = limit
        else:
            position = end + len(end_line)
            block = _block(label, text[begin.end() : end])
            stands_alone = _begins_line(text, begin.start()) and _ends_line(text, position)
            blocks.append(replace(block, is_laid_out=block.is_laid_out and stands_alone))
        begin = following
    return PemText(tuple(blocks), has_other_text or _is_visible(text[position:]), has_escapes)


def count(text: str) -> int:
    """Count the lines that look like the beginning of a block, without reading the blocks."""
    return text.count(_BEGINNING)


def encode(label: str, der: bytes) -> str:
    """Write one block the way RFC 7468 wants it: 64 characters a line, LF, no text around."""
    encoded = base64.b64encode(der).decode("ascii")
    lines = [encoded[start : start + 64] for start in range(0, len(encoded), 64)]
    return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----"]) + "\n"


def length(label: str, der: bytes) -> int:
    """Return how many characters a block takes in PEM, without writing it."""
    characters = (len(der) + 2) // 3 * 4
    armour = len(f"-----BEGIN {label}-----\n-----END {label}-----\n")
    return armour + characters + (characters + 63) // 64


def _block(label: str, content: str) -> Block:
    if "Proc-Type: 4,ENCRYPTED" in content:
        lines = "\n".join(line.strip() for line in content.strip().splitlines())
        armour = f"-----BEGIN {label}-----\n{lines}\n-----END {label}-----\n"
        return Block(label, b"", armour)
    try:
        der = base64.b64decode("".join(content.split()), validate=True)
    except (binascii.Error, ValueError):
        return Block(label, b"", problem="its content is not base64")
    if not der:
        return Block(label, b"", problem="it is empty")
    return Block(label, der, is_laid_out=bool(_LINES.fullmatch(content)))


def _begins_line(text: str, position: int) -> bool:
    return position == 0 or text[position - 1] in "\r\n\ufeff"


def _ends_line(text: str, position: int) -> bool:
    following = text[position : position + _LONGEST_LINE].lstrip(" \t")
    return not following or following[0] in "\r\n"


def _is_visible(outside: str) -> bool:
    return bool(outside.strip(_WHITE_SPACE))
