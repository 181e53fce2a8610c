"""Commands for a person to copy into a shell."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def command_line(words: Iterable[str]) -> str:
    """
    Return a command on one line that a terminal shows as it is.

    Where a word holds control characters or others that nobody sees, it stands in ``$'…'``, which
    bash, ksh and zsh know, and not every shell.
    """
    return " ".join(shlex.quote(word) if word.isprintable() else _escaped(word) for word in words)


def _escaped(word: str) -> str:
    return "$'" + "".join(map(_escape, word)) + "'"


def _escape(character: str) -> str:
    if character in {"'", "\\"}:
        return f"\\{character}"
    if character.isprintable():
        return character
    # Three octal digits end by themselves, whatever follows.
    return "".join(f"\\{octet:03o}" for octet in os.fsencode(character))
