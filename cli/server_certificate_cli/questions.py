"""Ask the person at the terminal. Questions go to standard error, answers come from standard input."""

from __future__ import annotations

import sys

import click

from server_certificate_cli.printable import printable


def can_ask() -> bool:
    """Return whether a person can answer: standard input and standard error are a terminal."""
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr))


def ask(prompt: str) -> str:
    """
    Ask for a passphrase, which isn't shown. Nothing typed is an empty answer.

    Raises:
        click.Abort: The user pressed Ctrl-C or Ctrl-D.
    """
    answer: str = click.prompt(
        printable(prompt), default="", show_default=False, hide_input=True, err=True
    )
    return answer


def confirm(question: str) -> bool:
    """
    Ask before a change. The default is no.

    Raises:
        click.Abort: The user pressed Ctrl-C or Ctrl-D.
    """
    return click.confirm(question, default=False, err=True)
