"""
Read passphrases from files, variables and secrets.

Editors and shells add things that don't belong to a passphrase: a byte order mark (Notepad), UTF-16
(``>`` in Windows PowerShell 5.1), a line break (``echo``). These are removed. What could be part of
the passphrase is kept: white space, quotation marks. If the passphrase turns out to be wrong, all
of this is reported.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from server_certificate.reading.rules import PASSPHRASE_WRONG

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from server_certificate.findings import Finding

_LINE_ENDS = "\r\n"
_MARK = "\ufeff"
_QUOTES = "\"'`\u201c\u201d\u2018\u2019"
_LARGEST_ASCII = 0x7F


class PassphraseUnusableError(ValueError):
    """The content can't be used as a passphrase. The message says why, without quoting it."""

    def __init__(self, problem: str, fix: str) -> None:
        self.problem = problem
        """The problem, as a sentence without its subject: ``is not text in UTF-8.``"""
        self.fix = fix
        super().__init__(f"{problem} {fix}")


@dataclass(frozen=True, slots=True)
class Passphrase:
    """A passphrase. Its representation doesn't show it."""

    text: str = field(repr=False)
    """The passphrase itself."""

    notes: tuple[str, ...] = ()
    """Possible reasons why it is wrong, as sentences: ``It ends with a space.``"""


def read_passphrase(content: str | bytes) -> Passphrase:
    """
    Read a passphrase from the content of a file, a variable or a secret.

    Only the first line is used, as for ``openssl -passin file:``. Bytes are UTF-8, or UTF-16 with a
    byte order mark.

    Args:
        content: The content. It can be empty.

    Raises:
        PassphraseUnusableError: It is not text, or its first line is empty and a later one isn't.
    """
    text, notes = _decoded(content) if isinstance(content, bytes) else (content, [])
    if text.startswith(_MARK):
        text = text[1:]
        notes = [*notes, "A byte order mark before it was ignored."]
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise _not_text()
    if "\0" in text:
        raise PassphraseUnusableError(
            "contains null bytes, like binary data or UTF-16 without a byte order mark.",
            "Store the passphrase as text in UTF-8.",
        )
    lines = text.rstrip(_LINE_ENDS).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    passphrase = lines[0]
    if not passphrase and len(lines) > 1:
        raise PassphraseUnusableError(
            "begins with an empty line, but only the first line is used.",
            "Put the passphrase on the first line.",
        )
    return Passphrase(passphrase, (*notes, *_noticed(passphrase, lines)))


def explain_wrong_passphrase(
    findings: Iterable[Finding], notes: Iterable[str]
) -> tuple[Finding, ...]:
    """
    Add the possible reasons to findings about a wrong passphrase.

    Args:
        findings: Any findings.
        notes: The reasons; see ``Passphrase.notes``.
    """
    notes_text = " ".join(notes)
    return tuple(
        replace(finding, fix=f"{finding.fix} About the passphrase: {notes_text}")
        if notes_text and finding.rule is PASSPHRASE_WRONG
        else finding
        for finding in findings
    )


def _decoded(content: bytes) -> tuple[str, list[str]]:
    """Return bytes as text, with notes about their encoding."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            return content.decode("utf-16"), ["It was read as UTF-16, as its byte order mark says."]
        except UnicodeDecodeError:
            raise _not_text() from None
    try:
        return content.decode("utf-8"), []
    except UnicodeDecodeError:
        # The encoding can't be detected, and each would result in a different passphrase.
        raise _not_text() from None


def _not_text() -> PassphraseUnusableError:
    return PassphraseUnusableError(
        "is not UTF-8 text; it may have another encoding, such as Latin-1, or be binary data.",
        "Save it as UTF-8.",
    )


def _noticed(passphrase: str, lines: list[str]) -> Iterator[str]:
    if passphrase[:1].isspace():
        yield "It begins with white space, which was kept."
    if passphrase[1:] and passphrase[-1].isspace():
        yield "It ends with white space, which was kept."
    stripped = passphrase.strip()
    if stripped[1:] and stripped[0] in _QUOTES and stripped[-1] in _QUOTES:
        yield "It is enclosed in quotation marks, which were kept."
    if stripped.startswith("{") and stripped.endswith("}"):
        yield "It looks like JSON, and all of it was used; provide only the value."
    if any(ord(character) > _LARGEST_ASCII for character in passphrase):
        yield "It has non-ASCII characters, which some tools don't encode in UTF-8."
    if len(lines) > 1:
        yield f"Its source has {len(lines):,} lines, but only the first was used."
