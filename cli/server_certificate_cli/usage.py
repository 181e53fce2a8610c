"""Errors about invalid usage, with a hint at the command's help."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

from server_certificate.secrecy import holds_material

if TYPE_CHECKING:
    from collections.abc import Sequence

_OPTION = re.compile(r"(--[a-z][a-z-]{0,31})=?")


def usage_error(message: str) -> click.UsageError:
    """Return an error for invalid usage, with exit code 2 and a hint at the command's help."""
    return click.UsageError(message, click.get_current_context(silent=True))


def refuse_material(words: Sequence[str]) -> None:
    """
    Reject a command line that contains key material, before a message can quote it.

    Args:
        words: The arguments of the program.

    Raises:
        click.UsageError: An argument contains key material. The message names only the option.
    """
    for number, word in enumerate(words):
        if holds_material(word):
            option = _OPTION.match(word) or _OPTION.fullmatch(words[number - 1] if number else "")
            what = f"The value of {option[1]}" if option else "An argument"
            raise usage_error(
                f"{what} contains the text of a private key or a certificate. Provide the name of a"
                " file instead. Other users and the shell's history can see the command line. If it"
                " was a private key, replace it."
            )
