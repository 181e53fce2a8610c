"""
Passphrases as files, variables and secrets hold them, whatever wrote those.

Editors and shells add to a passphrase what does not belong to it: a byte order mark (Notepad), UTF-16
(``>`` in Windows PowerShell 5.1), a line break (``echo``). That is left out. Whatever could belong to
it is kept: blanks, quotation marks. All of it is reported if the passphrase opens nothing, so that
nobody blames the key for what an editor did.
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
    """What should hold a passphrase holds none; the message says why, and quotes nothing."""

    def __init__(self, problem: str, fix: str) -> None:
        self.problem = problem
        """What is wrong, as a sentence without its subject: ``is not text in UTF-8.``"""
        self.fix = fix
        super().__init__(f"{problem} {fix}")


@dataclass(frozen=True, slots=True)
class Passphrase:
    """A passphrase. Its representation shows nothing of it."""

    text: str = field(repr=False)
    """The passphrase itself."""

    notes: tuple[str, ...] = ()
    """What may explain that it opens nothing, as sentences about it: ``It ends with a blank.``"""


def read_passphrase(content: str | bytes) -> Passphrase:
    """
    Read a passphrase from the content of a file, a variable or a secret.

    The first line counts, as for ``openssl -passin file:``. Octets are UTF-8, or UTF-16 if a byte
    order mark says so.

    Args:
        content: What was given. It may be empty.

    Raises:
        PassphraseUnusableError: It is not text, or its first line is empty and others are not.
    """
    text, notes = _decoded(content) if isinstance(content, bytes) else (content, [])
    if text.startswith(_MARK):
        text = text[1:]
        notes = [*notes, "A byte order mark before it was left out."]
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise _not_text()
    if "\0" in text:
        raise PassphraseUnusableError(
            "holds zero octets, as binary data and UTF-16 without a byte order mark do.",
            "Write the passphrase as text in UTF-8.",
        )
    lines = text.rstrip(_LINE_ENDS).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    passphrase = lines[0]
    if not passphrase and len(lines) > 1:
        raise PassphraseUnusableError(
            "begins with an empty line, and the first line counts.",
            "Write the passphrase into the first line.",
        )
    return Passphrase(passphrase, (*notes, *_noticed(passphrase, lines)))


def explained(findings: Iterable[Finding], notes: Iterable[str]) -> tuple[Finding, ...]:
    """
    Add to findings about a wrong passphrase what may be wrong with it.

    Args:
        findings: Any findings.
        notes: See ``Passphrase.notes``.
    """
    told = " ".join(notes)
    return tuple(
        replace(finding, fix=f"{finding.fix} About the passphrase: {told}")
        if told and finding.rule is PASSPHRASE_WRONG
        else finding
        for finding in findings
    )


def _decoded(content: bytes) -> tuple[str, list[str]]:
    """Return octets as text, and what was noticed about their encoding."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            return content.decode("utf-16"), ["It was read as UTF-16, as its byte order mark says."]
        except UnicodeDecodeError:
            raise _not_text() from None
    try:
        return content.decode("utf-8"), []
    except UnicodeDecodeError:
        # Which other encoding it is can't be told, and each makes another passphrase.
        raise _not_text() from None


def _not_text() -> PassphraseUnusableError:
    return PassphraseUnusableError(
        "is not text in UTF-8; it may be in another encoding, such as Latin-1, or binary data.",
        "Save it as UTF-8.",
    )


def _noticed(passphrase: str, lines: list[str]) -> Iterator[str]:
    if passphrase[:1].isspace():
        yield "It begins with a blank, which was kept."
    if passphrase[1:] and passphrase[-1].isspace():
        yield "It ends with a blank, which was kept."
    stripped = passphrase.strip()
    if stripped[1:] and stripped[0] in _QUOTES and stripped[-1] in _QUOTES:
        yield "It stands in quotation marks, which were kept."
    if stripped.startswith("{") and stripped.endswith("}"):
        yield "It looks like JSON, and was used as it is; give only the value."
    if any(ord(character) > _LARGEST_ASCII for character in passphrase):
        yield "It has characters outside ASCII, which some tools encode in another way than UTF-8."
    if len(lines) > 1:
        yield f"Its source has {len(lines):,} lines, of which only the first was used."
