"""
Read passphrases from a file or an environment variable, never from the command line.

The shell's history and the list of processes show the arguments of a command.
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
from server_certificate_cli.errors import CommandError
from server_certificate_cli.local.reading_files import read_bytes
from server_certificate_cli.usage import usage_error

MAX_BYTES = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class PassphraseSource:
    """
    The source of a passphrase.

    The repr and messages don't contain the name of the file or the variable, because a user could
    pass the passphrase itself by mistake.
    """

    file: str | None = field(default=None, repr=False)
    """A file with the passphrase in its first line."""

    variable: str | None = field(default=None, repr=False)
    """The name of an environment variable."""

    option: str = "--passphrase"
    """What the names of its two options begin with."""

    def __post_init__(self) -> None:
        if self.file is not None and self.variable is not None:
            raise usage_error(
                f"{self.option}-file and {self.option}-env can't be combined. Omit one of them."
            )

    @property
    def arguments(self) -> tuple[str, ...]:
        """The command-line option that names the source."""
        if self.file is not None:
            return (f"{self.option}-file", self.file)
        if self.variable is not None:
            return (f"{self.option}-env", self.variable)
        return ()

    def read(self) -> Passphrase | None:
        """
        Return the passphrase; None if there is no source.

        Raises:
            click.UsageError: The variable is not set.
            CommandError: The passphrase can't be read, or is empty.
        """
        if self.file is not None:
            source = f"The file of {self.option}-file"
            return _read(source, _content_of_file(source, self.file))
        if self.variable is not None:
            source = f"The environment variable of {self.option}-env"
            return _read(source, _content_of_variable(source, self.variable, self.option))
        return None


def _read(source: str, content: str | bytes) -> Passphrase:
    try:
        passphrase = read_passphrase(content)
    except PassphraseUnusableError as err:
        raise CommandError(f"{source} {err}") from None
    if not passphrase.text:
        raise CommandError(f"{source} is empty. If there is no passphrase, omit the option.")
    return passphrase


def _content_of_file(source: str, path: str) -> bytes:
    try:
        return read_bytes(path, limit=MAX_BYTES)
    except FileUnreadableError as err:
        raise CommandError(
            f"{source} can't be used: {_without_path(err)} The file must contain only the passphrase."
            " Don't pass a passphrase itself on the command line."
        ) from None


def _without_path(error: FileUnreadableError) -> str:
    """Return the problem without the path of the file or its folder."""
    return "it does not exist." if "does not exist" in error.problem else error.problem


def _content_of_variable(source: str, variable: str, option: str) -> str:
    content = os.environ.get(variable)
    if content is None:
        raise usage_error(
            f"{source} is not set. Provide the name of a variable, such as {option}-env"
            " CERTIFICATE_PASSPHRASE. Don't pass a passphrase itself on the command line."
        )
    return content
