"""Notes on standard error: what is unknown, and what was ignored."""

from __future__ import annotations

import shutil
import sys

import click

from server_certificate_cli.printable import printable


def note(text: str) -> None:
    """Write a note to standard error. On a terminal, it is broken between words."""
    text = printable(text)
    if sys.stderr.isatty():
        # Imported lazily: a pipe doesn't need it.
        from textwrap import fill  # noqa: PLC0415

        text = fill(
            text,
            shutil.get_terminal_size().columns,
            break_long_words=False,
            break_on_hyphens=False,
        )
    click.echo(text, err=True)
