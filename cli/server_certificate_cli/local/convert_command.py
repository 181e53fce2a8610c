"""The ``convert`` command that a report suggests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from server_certificate.description import timestamp
from server_certificate_cli.local.reading_files import STANDARD_INPUT, is_stream

if TYPE_CHECKING:
    from server_certificate.assessment import Criteria
    from server_certificate_cli.local.passphrases import PassphraseSource
    from server_certificate_cli.local.targets import Target

OUTPUT = "converted"
"""The suggested output folder."""


def convert_command(
    target: Target, passphrase: PassphraseSource, criteria: Criteria
) -> tuple[str, ...]:
    """
    Return the words of the command that converts a target with the same criteria.

    Returns no words if the target or the file with the passphrase is a pipe that the shell opened,
    which can't be read again.
    """
    named = (*target.arguments, *passphrase.arguments)
    if any(is_stream(word) and word != STANDARD_INPUT for word in named):
        return ()
    return (
        "server-certificate",
        "convert",
        *named,
        *_check_options(criteria),
        "--output",
        OUTPUT,
    )


def _check_options(criteria: Criteria) -> tuple[str, ...]:
    """Return the options that the target may need to be accepted."""
    words = [word for code in sorted(criteria.acknowledged) for word in ("--ignore", code)]
    context = click.get_current_context(silent=True)
    if context and context.get_parameter_source("at") is ParameterSource.COMMANDLINE:
        words += ["--at", timestamp(criteria.at)]
    return tuple(words)
