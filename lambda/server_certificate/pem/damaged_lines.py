"""
Damaged BEGIN and END lines that can still be recognized.

Mail programs, word processors and consoles replace hyphens with dashes, remove or add some, or
change the case or the spaces of a label. Such a line is accepted if its label is known.

Compiling the expression takes longer than reading a certificate, so this module is imported lazily.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from server_certificate.pem.lines import (
    BLANKS,
    LABELS,
    STRICT,
    SYNONYMS,
    Line,
    label_of,
    strict_line,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

_DASHES = "-\u00ad\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d\ufffd"
"""Replacements of hyphens. The last one is any byte that isn't UTF-8, such as a Windows dash."""

_LONGEST_DASHES = 100
_HYPHENS = "-----"
_GAP = f"[{BLANKS}]*+"
_WORDS = re.compile(b"BEG[I?]N|END")
"""Possible lines. A question mark is any non-ASCII character, such as a dotless i."""

_LOOSE = re.compile(
    f"(?<![A-Z0-9+/])(BEGIN|END){_GAP}("
    + "|".join(
        label.replace(".", r"\.").replace(" ", _GAP)
        for label in sorted((*LABELS, *SYNONYMS), key=len, reverse=True)
    )
    + ")(?![A-Z0-9+/=])",
    re.IGNORECASE,
)
_TAIL = re.compile(f"{_GAP}[{_DASHES}]*+")
_HEAD_OF_NEXT = re.compile(f"{_GAP}BEGIN", re.IGNORECASE)


def find(text: str, words: bytes) -> Iterator[Line]:
    """
    Yield the lines of a text, damaged or not.

    Args:
        text: The text.
        words: The text in upper case, with a question mark for each non-ASCII character.
    """
    reached = behind = 0
    # Matching at every character takes ten times as long.
    for word in _WORDS.finditer(words):
        start = word.start()
        hyphens = start - len(_HYPHENS)
        if hyphens >= reached and (match := STRICT.match(text, hyphens)):
            reached = behind = match.end()
            yield strict_line(match)
        elif start >= reached and (match := _LOOSE.match(text, start)):
            reached = match.end()
            if extent := _extended(text, behind, start, reached):
                behind = extent[1]
                is_begin = match[1].upper() == "BEGIN"
                yield Line(is_begin, label_of(match[2]), *extent, is_strict=False)


def _extended(text: str, behind: int, start: int, end: int) -> tuple[int, int] | None:
    """Return the extent of a line with its dashes; None if the words may be prose."""
    before = text[max(behind, start - _LONGEST_DASHES) : start]
    head = before.rstrip(_DASHES + BLANKS)
    tail = _TAIL.match(text, end)
    stop = tail.end() if tail else end
    dashes = text[end:stop].strip(BLANKS)
    if dashes and _HEAD_OF_NEXT.match(text, stop):
        # END and BEGIN on one line share their hyphens.
        stop -= len(dashes) - len(dashes) // 2
    begin = start - len(before) + len(head)
    has_dashes = bool(before[len(head) :].strip(BLANKS)) or bool(dashes)
    begins_line = begin == 0 or text[begin - 1] in "\r\n"
    ends_line = stop == len(text) or text[stop] in "\r\n"
    return (begin, stop) if has_dashes or (begins_line and ends_line) else None
