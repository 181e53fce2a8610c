"""
Output for people: colours where somebody looks, none in pipes, no line broken that is to be copied.

Whoever imports this loads rich, which takes about as long as reading a certificate does.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, NoReturn

from rich.console import Console
from rich.text import Text

from server_certificate_cli.printable import printable

if TYPE_CHECKING:
    from rich.style import StyleType

_NARROWEST = 40
"""Prose is never broken into columns narrower than this."""


class Terminal(Console):
    """
    A console that takes every text as it is, and breaks no line by itself.

    Colours are used on a terminal and with ``FORCE_COLOR``; ``NO_COLOR`` switches them off.
    """

    def __init__(self) -> None:
        super().__init__(
            markup=False,
            emoji=False,
            highlight=False,
            soft_wrap=True,
            color_system=None if os.environ.get("NO_COLOR") else "auto",
        )

    def on_broken_pipe(self) -> NoReturn:
        """Let ``errors.ending`` decide; rich would exit with the code for rejected material."""
        raise BrokenPipeError

    @property
    def writes_to_terminal(self) -> bool:
        """Whether the output goes to a terminal, whatever ``FORCE_COLOR`` says."""
        return sys.stdout.isatty()

    @property
    def is_plain(self) -> bool:
        """Whether the output's encoding has ASCII only."""
        return not self.encoding.startswith("utf")

    def symbol(self, character: str, plain: str) -> str:
        """Return a character, or what stands for it in ASCII."""
        return plain if self.is_plain else character

    def write_line(self, *words: Text | str | tuple[str, str]) -> None:
        """Print one line; nothing in it is interpreted."""
        self.print(Text.assemble(*words), soft_wrap=True)

    def write_paragraph(self, text: Text, *, first: Text, further: Text) -> None:
        """
        Print a sentence: broken between words if somebody looks at it, on one line if not.

        Args:
            text: The sentence.
            first: What stands before its first line.
            further: What stands before the others.
        """
        width = max(_NARROWEST, self.width - max(first.cell_len, further.cell_len))
        lines = text.wrap(self, width) if self.writes_to_terminal else [text]
        for number, line in enumerate(lines):
            line.rstrip()
            self.write_line(further if number else first, line)


def plain(text: str, style: StyleType = "") -> Text:
    """Return a text of others: nothing in it is interpreted, by rich or by the terminal."""
    return Text(printable(text), style=style)
