"""
BEGIN and END lines of PEM, also damaged ones whose meaning is certain.

Mail programs, word processors and consoles turn five hyphens into dashes, lose or add some, change
the case of a label or its blanks. Such a line is read if its label is a known one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

LABELS = (
    "CERTIFICATE",
    "X509 CERTIFICATE",
    "TRUSTED CERTIFICATE",
    "CERTIFICATE REQUEST",
    "NEW CERTIFICATE REQUEST",
    "PRIVATE KEY",
    "ENCRYPTED PRIVATE KEY",
    "RSA PRIVATE KEY",
    "EC PRIVATE KEY",
    "DSA PRIVATE KEY",
    "OPENSSH PRIVATE KEY",
    "TSS2 PRIVATE KEY",
    "PKCS#11 PROVIDER URI",
    "PUBLIC KEY",
    "RSA PUBLIC KEY",
    "EC PUBLIC KEY",
    "PKCS7",
    "CMS",
    "PKCS12",
    "X509 CRL",
    "CRL",
    "EC PARAMETERS",
    "DH PARAMETERS",
    "DSA PARAMETERS",
    "X9.42 DH PARAMETERS",
    "ATTRIBUTE CERTIFICATE",
    "PGP MESSAGE",
    "PGP PRIVATE KEY BLOCK",
    "PGP PUBLIC KEY BLOCK",
    "SSH2 PUBLIC KEY",
    "SSH2 ENCRYPTED PRIVATE KEY",
    "AGE ENCRYPTED FILE",
)
"""The labels of PEM that are known: RFC 7468, OpenSSL's pem.h, and those of other programs."""

_SYNONYMS = {"PKCS #7 SIGNED DATA": "PKCS7", "PKCS #12": "PKCS12", "PFX": "PKCS12"}

_DASHES = "-\u00ad\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d\ufffd"
"""What hyphens become; the last is any octet that is not UTF-8, such as a dash of Windows."""

_BLANKS = " \t\u00a0\u2007\u2009\u200b\u202f\u3000\ufeff"
_GAP = f"[{_BLANKS}]*+"
_STRICT = re.compile("-----(BEGIN|END) ([A-Z0-9 #./]{1,64})-----")
_LOOSE = re.compile(
    "-----(BEGIN|END) ([A-Z0-9 #./]{1,64})-----"
    f"|(?i:(?<![A-Z0-9+/])(BEGIN|END){_GAP}("
    + "|".join(
        label.replace(".", r"\.").replace(" ", _GAP)
        for label in sorted((*LABELS, *_SYNONYMS), key=len, reverse=True)
    )
    + ")(?![A-Z0-9+/=]))"
)
_TAIL = re.compile(f"{_GAP}[{_DASHES}]*+")
_HEAD_OF_NEXT = re.compile(f"{_GAP}BEGIN", re.IGNORECASE)
_HARMLESS = re.compile("[A-Z]{1,12}(?: [A-Z]{1,12}){0,3}")
"""Labels of other kinds that may be repeated in a sentence: no key looks like this."""

_CANONICAL = {re.sub(r"[ #.]", "", label): label for label in LABELS} | {
    re.sub(r"[ #.]", "", label): known for label, known in _SYNONYMS.items()
}
_MOST_LOOSE = 20_000
"""Words of damaged lines in a text that are looked at: two for each block that is read, and more."""

_LONGEST_DASHES = 100


class Line(NamedTuple):
    """A BEGIN or END line, or what is left of it."""

    is_begin: bool
    label: str
    """
    The words between ``BEGIN`` and the hyphens. It is safe to repeat: a label that is not known,
    and might hold something secret, is ``PRIVATE KEY`` or ``UNKNOWN``.
    """

    start: int
    """Offset in the text."""

    end: int
    """Offset behind it."""

    is_strict: bool
    """Whether it is written as RFC 7468 wants it."""


def count(text: str) -> int:
    """Count the strict BEGIN lines, without reading them."""
    return text.count("-----BEGIN ")


def find(text: str) -> Iterator[Line]:
    """Yield the BEGIN and END lines of a text, in time in proportion to its length."""
    # The loose expression is an order of magnitude slower, and hardly ever needed.
    # Octets, for capital letters of other alphabets than ASCII take twelve for each character.
    words = text.encode("ascii", "replace").upper()
    mentioned = words.count(b"BEGIN") + words.count(b"END")
    del words
    strict = sum(1 for _ in _STRICT.finditer(text)) if mentioned <= _MOST_LOOSE else mentioned
    is_loose = strict < mentioned
    behind = 0
    for match in (_LOOSE if is_loose else _STRICT).finditer(text):
        start, end = match.span()
        if match.group(1):
            label = _label(match.group(2))
            is_strict = label == match.group(2) or label not in LABELS
            yield Line(match.group(1) == "BEGIN", label, start, end, is_strict=is_strict)
            behind = end
            continue
        found = _extended(text, behind, start, end)
        if found is not None:
            is_begin = match.group(3).upper() == "BEGIN"
            yield Line(is_begin, _label(match.group(4)), *found, is_strict=False)
            behind = found[1]


def _extended(text: str, behind: int, start: int, end: int) -> tuple[int, int] | None:
    """Return the extent of a line with its dashes; None if the words may be prose."""
    before = text[max(behind, start - _LONGEST_DASHES) : start]
    head = before.rstrip(_DASHES + _BLANKS)
    tail = _TAIL.match(text, end)
    stop = tail.end() if tail else end
    dashes = text[end:stop].strip(_BLANKS)
    if dashes and _HEAD_OF_NEXT.match(text, stop):
        # END and BEGIN on one line share their hyphens.
        stop -= len(dashes) - len(dashes) // 2
    begin = start - len(before) + len(head)
    has_dashes = bool(before[len(head) :].strip(_BLANKS)) or bool(dashes)
    begins_line = begin == 0 or text[begin - 1] in "\r\n"
    ends_line = stop == len(text) or text[stop] in "\r\n"
    return (begin, stop) if has_dashes or (begins_line and ends_line) else None


def _label(written: str) -> str:
    compact = "".join(character for character in written.upper() if character not in _BLANKS + "#.")
    if known := _CANONICAL.get(compact):
        return known
    if _HARMLESS.fullmatch(written):
        return written
    return "PRIVATE KEY" if "PRIVATE KEY" in written else "UNKNOWN"
