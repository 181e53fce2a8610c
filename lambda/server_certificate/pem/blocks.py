"""
PEM as users provide it: blocks and the text around them.

The grammar is a lenient version of RFC 7468. Changes made by mail programs, consoles, configuration
files and encodings are undone if the content is unambiguous, and the caller reports them. No block
is dropped silently. Reading takes linear time for any text.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, NamedTuple

from server_certificate.der import is_whole
from server_certificate.pem import armor, base64_content, spelling
from server_certificate.pem.lines import LABELS, Line

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_CHARACTERS = 4 * 1024 * 1024
"""The maximum length of a text: twice the longest that IAM accepts for any part."""

_LONGEST_LINE = 76
"""The maximum length of a base64 line: RFC 7468 uses 64, MIME (RFC 2045) 76."""

_LONGEST_PREFIX = 40

_WHITE_SPACE = " \t\r\n"
# Possessive and atomic to prevent backtracking: CRLF is one line end, never two.
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
"""The headers of an encrypted key (RFC 1421, 4.6.1), even if their lines are joined."""


@dataclass(frozen=True, slots=True)
class Block:
    """One PEM block."""

    label: str
    """
    The words between ``BEGIN`` and the hyphens, such as ``CERTIFICATE``; see ``lines.Line.label``.
    """

    der: bytes = field(repr=False)
    """The decoded content; empty if it could not be decoded."""

    armor: str | None = field(default=None, repr=False)
    """The whole block, if its headers specify its encryption (``Proc-Type``, RFC 1421)."""

    problem: str | None = None
    """Why the block can't be used, in a few words; None if it can."""

    is_laid_out: bool = True
    """Whether it follows RFC 7468, so that every parser finds it."""

    beginning: bytes = field(default=b"", repr=False)
    """The first bytes of a block with a problem, to detect its format only."""

    @property
    def is_certificate(self) -> bool:
        """Whether the label is one of a certificate."""
        return self.label in {"CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE"}

    @property
    def is_encrypted(self) -> bool:
        """Whether the block contains an encrypted key in PKCS#8 or OpenSSL's traditional format."""
        return self.armor is not None or self.label == "ENCRYPTED PRIVATE KEY"

    @property
    def is_private_key(self) -> bool:
        """Whether the label is one of a private key in any format."""
        return "PRIVATE KEY" in self.label


class PemText(NamedTuple):
    """A parsed text."""

    blocks: tuple[Block, ...]
    """The blocks in the order of the text."""

    has_other_text: bool
    """Whether there is text other than white space outside the blocks, including a byte order mark."""

    escapes: tuple[str, ...] = ()
    """The escape sequences that were found, such as ``'\\n', as in a JSON string …``; empty if none."""


def parse(text: str) -> PemText:
    """
    Parse the PEM blocks of a text.

    Args:
        text: Any text from a user.

    Returns:
        All blocks, including unusable ones, whose ``problem`` says why.
    """
    if strictly := _parse_strict(text):
        return strictly
    text, escapes = spelling.decoded(text)
    blocks: list[Block] = []
    has_other_text = False
    position = 0
    begin: Line | None = None
    for line in armor.find(text):
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
    """Parse well-formed PEM quickly; None if anything is unusual."""
    blocks: list[Block] = []
    position = 0
    while match := _STRICT_BLOCK.match(text, position):
        label, content = match.groups()
        if label not in LABELS:
            return None
        try:
            # This skips invalid characters, but the expression doesn't allow any.
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
    """Count the BEGIN lines without reading the blocks."""
    return armor.count(text)


def encode(label: str, der: bytes) -> str:
    """Encode a block as in RFC 7468: 64 characters per line, LF, no other text."""
    lines = "\n".join(_lines(base64.b64encode(der).decode("ascii")))
    return f"-----BEGIN {label}-----\n{lines}\n-----END {label}-----\n"


def length(label: str, der: bytes) -> int:
    """Return the number of characters of a block in PEM without encoding it."""
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
    """Yield the inner blocks of base64 or PEM in a block, as ``certutil -encode`` writes them."""
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
    # The plus signs of a diff are also base64 characters.
    if inner := base64_content.cleaned(content, prefix):
        return Block(label, inner, is_laid_out=False)
    if octets:
        return Block(label, octets, is_laid_out=bool(_LINES.fullmatch(content)))
    problem = "its content is not base64" if octets is None else "it is empty"
    if "4,ENCRYPTED" in content:
        problem = "its headers don't specify its encryption"
    return Block(label, b"", problem=problem, beginning=base64_content.beginning(content))


def _tail(end: Line, outside: str) -> Iterator[Block]:
    """Yield a block for an END line without a BEGIN line, if there is content before it."""
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
