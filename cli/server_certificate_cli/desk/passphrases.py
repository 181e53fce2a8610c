"""
Passphrases: from a file or an environment variable, never from the command line.

What stands on a command line stands in the shell's history and in the list of processes.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from server_certificate.reading.files import FileUnreadableError
from server_certificate.reading.passphrases import (
    Passphrase,
    PassphraseUnusableError,
    read_passphrase,
)
from server_certificate_cli.desk.reading_files import read_bytes
from server_certificate_cli.errors import CommandError
from server_certificate_cli.usage import usage_error

MAX_BYTES = 4096
_FILE = "The file that --passphrase-file names"
_VARIABLE = "The environment variable that --passphrase-env names"


@dataclass(frozen=True, slots=True, kw_only=True)
class PassphraseSource:
    """
    Where a passphrase comes from.

    Its representation shows neither name: some people put the passphrase itself there, and for the
    same reason no message repeats them.
    """

    file: str | None = field(default=None, repr=False)
    """A file that holds the passphrase in its first line."""

    variable: str | None = field(default=None, repr=False)
    """The name of an environment variable."""

    def __post_init__(self) -> None:
        if self.file is not None and self.variable is not None:
            raise usage_error("Give either --passphrase-file or --passphrase-env, not both.")

    @property
    def arguments(self) -> tuple[str, ...]:
        """The options that name it, for a command to copy."""
        if self.file is not None:
            return ("--passphrase-file", self.file)
        if self.variable is not None:
            return ("--passphrase-env", self.variable)
        return ()

    def read(self) -> Passphrase | None:
        """
        Return the passphrase; None if there is none.

        Raises:
            click.UsageError: The variable is not set.
            CommandError: It can't be read, or is empty.
        """
        if self.file is not None:
            return _read(_FILE, _content_of_file(self.file))
        if self.variable is not None:
            return _read(_VARIABLE, _content_of_variable(self.variable))
        return None


def _read(source: str, content: str | bytes) -> Passphrase:
    try:
        passphrase = read_passphrase(content)
    except PassphraseUnusableError as err:
        raise CommandError(f"{source} {err}") from None
    if not passphrase.text:
        raise CommandError(f"{source} is empty. Leave the option out if there is no passphrase.")
    return passphrase


def _content_of_file(path: str) -> bytes:
    try:
        return read_bytes(path, limit=MAX_BYTES)
    except FileUnreadableError as err:
        raise CommandError(
            f"{_FILE} can't be used: {_without_place(err)} It must hold the passphrase and nothing"
            " else; a passphrase itself is never given on the command line."
        ) from None


def _without_place(error: FileUnreadableError) -> str:
    """Return what is wrong, with neither the path nor the folder that it was looked for in."""
    return "it does not exist." if "does not exist" in error.problem else error.problem


def _content_of_variable(variable: str) -> str:
    content = os.environ.get(variable)
    if content is None:
        raise usage_error(
            f"{_VARIABLE} is not set. Give the name of a variable, such as --passphrase-env"
            " CERTIFICATE_PASSPHRASE; a passphrase itself is never given on the command line."
        )
    return content
