"""Wrong usage, told with the command that it was about."""

from __future__ import annotations

import click


def usage_error(message: str) -> click.UsageError:
    """Make the error for wrong usage: exit code 2, and where the help is."""
    return click.UsageError(message, click.get_current_context(silent=True))
