"""Wrong usage, reported with the command that it was about."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

from server_certificate.secrecy import holds_material

if TYPE_CHECKING:
    from collections.abc import Sequence

_OPTION = re.compile(r"(--[a-z][a-z-]{0,31})=?")


def usage_error(message: str) -> click.UsageError:
    """Make the error for wrong usage: exit code 2, and where the help is."""
    return click.UsageError(message, click.get_current_context(silent=True))


def refuse_material(words: Sequence[str]) -> None:
    """
    Refuse a command line that holds key material, before anything can repeat it.

    Args:
        words: The words after the name of the program.

    Raises:
        click.UsageError: One of them does. It names the option, and quotes nothing.
    """
    for number, word in enumerate(words):
        if holds_material(word):
            option = _OPTION.match(word) or _OPTION.fullmatch(words[number - 1] if number else "")
            what = f"The value of {option[1]}" if option else "An argument"
            raise usage_error(
                f"{what} holds the text of a private key or a certificate. Give the name of the file"
                " instead. Other users and the shell's history can see a command line: if it was a"
                " private key, replace it."
            )
