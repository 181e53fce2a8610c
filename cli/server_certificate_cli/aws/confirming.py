"""Ask before a change, on a terminal."""

from __future__ import annotations

import sys

import click


def can_ask() -> bool:
    """Return whether a person can answer: standard input and standard error are a terminal."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def confirm(question: str) -> bool:
    """Ask a question on standard error. The default is no."""
    return click.confirm(question, default=False, err=True)
