"""
Text output: with colors on a terminal, without colors in a pipe, and without line breaks in commands.

Importing this module loads rich, which takes about as long as reading a certificate.
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

NARROWEST = 30
"""The minimum width of paragraphs."""


class Terminal(Console):
    """
    A console that prints text unchanged and doesn't wrap lines.

    Colors are used on a terminal and with ``FORCE_COLOR``. ``NO_COLOR`` disables them.
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
        """Raise the error, because rich would exit with the code for a rejected certificate."""
        raise BrokenPipeError

    @property
    def writes_to_terminal(self) -> bool:
        """Whether the output is a terminal, regardless of ``FORCE_COLOR``."""
        return sys.stdout.isatty()

    @property
    def is_plain(self) -> bool:
        """Whether the output's encoding only supports ASCII."""
        return not self.encoding.startswith("utf")

    def symbol(self, character: str, plain: str) -> str:
        """Return a character, or its ASCII replacement if needed."""
        return plain if self.is_plain else character

    def write_line(self, *words: Text | str | tuple[str, str]) -> None:
        """Print a line without interpreting markup."""
        self.print(Text.assemble(*words), soft_wrap=True)

    def write_paragraph(self, text: Text, *, first: Text, further: Text) -> None:
        """
        Print a paragraph: wrapped on a terminal, on one line otherwise.

        Args:
            text: The paragraph.
            first: The margin of the first line.
            further: The margin of the other lines.
        """
        width = max(NARROWEST, self.width - max(first.cell_len, further.cell_len))
        lines = text.wrap(self, width) if self.writes_to_terminal else [text]
        for number, line in enumerate(lines):
            line.rstrip()
            self.write_line(further if number else first, line)

    def write_wrapped(self, *words: Text | str | tuple[str, str], indent: int = 2) -> None:
        """
        Print a paragraph that begins at the edge.

        Args:
            words: What it says.
            indent: The margin of its further lines, if it is wrapped.
        """
        text = Text.assemble(*words)
        self.write_paragraph(text, first=Text(), further=Text(" " * indent))


def plain(text: str, style: StyleType = "") -> Text:
    """Return untrusted text without markup and control characters."""
    return Text(printable(text), style=style)
