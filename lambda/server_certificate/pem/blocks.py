"""
PEM as people hand it over: blocks, and whatever is around them.

The grammar is that of RFC 7468, read leniently: what mail programs, consoles, configuration files
and encodings do to a text is undone where the meaning is certain, and reported by the caller. No
block is dropped silently. Reading takes time in proportion to the text, whatever it holds.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from server_certificate.der import is_whole
from server_certificate.pem import armour, base64_content, spelling
from server_certificate.pem.lines import LABELS, Line

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_CHARACTERS = 4 * 1024 * 1024
"""Texts beyond this are not looked into: twice the longest that IAM takes for any part."""

_LONGEST_LINE = 76
"""Characters of a line of base64: RFC 7468 writes 64, MIME (RFC 2045) 76."""

_LONGEST_PREFIX = 40

_WHITE_SPACE = " \t\r\n"
# Possessive and atomic, so that no text is tried in two ways: CRLF is one line end, never two.
_LINE_ENDS = "(?:[ \t]*+(?>\r\n|\n|\r))++"
_LINES = re.compile(f"{_LINE_ENDS}(?:[A-Za-z0-9+/=]{{1,{_LONGEST_LINE}}}+{_LINE_ENDS})++")
_STRICT_BLOCK = re.compile(
    "-----BEGIN ([A-Z0-9. ]{1,30}+)-----\n"
    f"((?:[A-Za-z0-9+/]{{1,{_LONGEST_LINE}}}+\n)++"
    f"(?:[A-Za-z0-9+/]{{1,{_LONGEST_LINE - 1}}}+={{1,2}}+\n)?+)"
    r"-----END \1-----(?:\n|\Z)"
)
_ENCRYPTED = re.compile(
    r"\s*+Proc-Type:\s*+4,ENCRYPTED\s++DEK-Info:\s*+([A-Za-z0-9-]{1,32}+(?:,[0-9A-Fa-f]{1,64}+)?+)\s++"
)
"""The headers of an encrypted key (RFC 1421, 4.6.1), also where their lines were run together."""


@dataclass(frozen=True, slots=True)
class Block:
    """One PEM block."""

    label: str
    """
    The words between ``BEGIN`` and the hyphens, such as ``CERTIFICATE``; see ``lines.Line.label``.
    """

    der: bytes = field(repr=False)
    """The decoded content; empty when it could not be decoded."""

    armour: str | None = field(default=None, repr=False)
    """The whole block, if its headers say how it is encrypted (``Proc-Type``, RFC 1421)."""

    problem: str | None = None
    """Why the block cannot be used, in a few words; None when it can."""

    is_laid_out: bool = True
    """Whether it is written as RFC 7468 wants it, so that every reader finds it."""

    beginning: bytes = field(default=b"", repr=False)
    """Of a block with a problem, the first octets: they may tell what it was, and are no use."""

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


class PemText(NamedTuple):
    """A text taken apart."""

    blocks: tuple[Block, ...]
    """The blocks in the order of the text."""

    has_other_text: bool
    """Whether anything but white space is outside the blocks, be it a byte order mark."""

    escapes: tuple[str, ...] = ()
    """How characters are spelled out: ``'\\n', as in a JSON string …``; empty if none is."""


def parse(text: str) -> PemText:
    """
    Take a text apart into its PEM blocks.

    Args:
        text: What the user handed over, whatever it is.

    Returns:
        All blocks, also those that cannot be used (their ``problem`` says why).
    """
    if strictly := _parse_strict(text):
        return strictly
    text, escapes = spelling.decoded(text)
    blocks: list[Block] = []
    has_other_text = False
    position = 0
    begin: Line | None = None
    for line in armour.find(text):
        if begin is not None:
            end = line if not line.is_begin else None
            stop = end.end if end else line.start
            blocks += _unfolded(_block(text, begin, end, stop))
            position = stop
        outside = text[position : line.start]
        if line.is_begin:
            has_other_text |= _is_visible(outside)
            begin = line
            continue
        if begin is None:
            blocks += _tail(line, outside)
            has_other_text = True
            position = line.end
        begin = None
    if begin is not None:
        blocks += _unfolded(_block(text, begin, None, len(text)))
        position = len(text)
    has_other_text |= _is_visible(text[position:])
    return PemText(tuple(blocks), has_other_text, escapes)


def _parse_strict(text: str) -> PemText | None:
    """Take a text apart that is PEM as everybody writes it; None when anything is different."""
    blocks: list[Block] = []
    position = 0
    while match := _STRICT_BLOCK.match(text, position):
        label, content = match.groups()
        if label not in LABELS:
            return None
        try:
            # It passes over what isn't of the alphabet, and the expression lets no such pass.
            octets = binascii.a2b_base64(content)
        except binascii.Error:
            return None
        if not is_whole(octets):
            return None
        blocks.append(Block(label, octets))
        position = match.end()
    is_all = blocks and position == len(text)
    return PemText(tuple(blocks), has_other_text=False) if is_all else None


def count(text: str) -> int:
    """Count the lines that look like the beginning of a block, without reading the blocks."""
    return armour.count(text)


def encode(label: str, der: bytes) -> str:
    """Write one block the way RFC 7468 wants it: 64 characters a line, LF, no text around."""
    lines = "\n".join(_lines(base64.b64encode(der).decode("ascii")))
    return f"-----BEGIN {label}-----\n{lines}\n-----END {label}-----\n"


def length(label: str, der: bytes) -> int:
    """Return how many characters a block takes in PEM, without writing it."""
    characters = (len(der) + 2) // 3 * 4
    lines = len(f"-----BEGIN {label}-----\n-----END {label}-----\n")
    return lines + characters + (characters + 63) // 64


def _block(text: str, begin: Line, end: Line | None, stop: int) -> Block:
    label = begin.label
    if end is None or end.label != label:
        content = text[begin.end : end.start if end else stop]
        problem = f"the line '-----END {label}-----' is missing"
        if end is not None:
            problem = f"it ends with '-----END {end.label}-----'"
        return Block(label, b"", problem=problem, beginning=base64_content.beginning(content))
    before = text[max(0, begin.start - _LONGEST_PREFIX) : begin.start]
    prefix = before[max(before.rfind("\n"), before.rfind("\r")) + 1 :]
    block = _read(label, text[begin.end : end.start], prefix)
    stands_alone = (not prefix or prefix == "\ufeff") and _ends_line(text, stop)
    is_strict = begin.is_strict and end.is_strict and stands_alone
    return block if is_strict else replace(block, is_laid_out=False)


def _unfolded(block: Block) -> Iterator[Block]:
    """Yield what a block holds if that is base64 or PEM once more, as ``certutil -encode`` does it."""
    if not block.der.isascii() or is_whole(block.der):
        yield block
        return
    inner = block.der.decode("ascii")
    octets = base64_content.strict(inner)
    if octets and is_whole(octets):
        yield replace(block, der=octets, is_laid_out=False)
    elif (found := _parse_strict(inner.replace("\r\n", "\n"))) is not None:
        yield from (replace(each, is_laid_out=False) for each in found.blocks)
    else:
        yield block


def _read(label: str, content: str, prefix: str) -> Block:
    if headers := _ENCRYPTED.match(content):
        encoded = "\n".join(_lines("".join(content[headers.end() :].split())))
        header_lines = f"Proc-Type: 4,ENCRYPTED\nDEK-Info: {headers.group(1)}"
        written = f"-----BEGIN {label}-----\n{header_lines}\n\n{encoded}\n-----END {label}-----\n"
        return Block(label, b"", written, is_laid_out="\n" in content or "\r" in content)
    octets = base64_content.strict(content)
    if octets and is_whole(octets):
        return Block(label, octets, is_laid_out=bool(_LINES.fullmatch(content)))
    # The plus signs of a patch are characters of base64 as well.
    if inner := base64_content.cleaned(content, prefix):
        return Block(label, inner, is_laid_out=False)
    if octets:
        return Block(label, octets, is_laid_out=bool(_LINES.fullmatch(content)))
    problem = "its content is not base64" if octets is None else "it is empty"
    if "4,ENCRYPTED" in content:
        problem = "its headers do not tell how it is encrypted"
    return Block(label, b"", problem=problem, beginning=base64_content.beginning(content))


def _tail(end: Line, outside: str) -> Iterator[Block]:
    """Yield what an END line without a BEGIN line ends, if that is more than a stray line."""
    lines = outside[-4 * _LONGEST_LINE :].split()
    if lines and base64_content.strict(lines[-1]):
        problem = f"the line '-----BEGIN {end.label}-----' is missing"
        start = base64_content.beginning(outside)
        yield Block(end.label, b"", problem=problem, beginning=start)


def _lines(encoded: str) -> Iterator[str]:
    return (encoded[start : start + 64] for start in range(0, len(encoded), 64))


def _ends_line(text: str, position: int) -> bool:
    following = text[position : position + _LONGEST_LINE].lstrip(" \t")
    return not following or following[0] in "\r\n"


def _is_visible(outside: str) -> bool:
    return bool(outside.strip(_WHITE_SPACE))
