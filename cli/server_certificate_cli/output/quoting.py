"""Quote commands that users copy to a shell."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def command_line(words: Iterable[str]) -> str:
    """
    Return a command on one line without unprintable characters.

    Words with control characters or other unprintable characters are quoted as ``$'…'``, which works
    in bash, ksh and zsh, but not in every shell.
    """
    return " ".join(shlex.quote(word) if word.isprintable() else _escaped(word) for word in words)


def _escaped(word: str) -> str:
    return "$'" + "".join(map(_escape, word)) + "'"


def _escape(character: str) -> str:
    if character in {"'", "\\"}:
        return f"\\{character}"
    if character.isprintable():
        return character
    # An escape of three octal digits can't be confused with the next character.
    return "".join(f"\\{octet:03o}" for octet in os.fsencode(character))
