"""The material that a user names: three parts, or a bundle."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from server_certificate.assessment import Given
from server_certificate.inputs import Input
from server_certificate.reading.files import FileUnreadableError
from server_certificate_cli.desk.passphrases import PassphraseSource
from server_certificate_cli.desk.reading_files import STANDARD_INPUT, read_bytes
from server_certificate_cli.errors import CommandError
from server_certificate_cli.usage import usage_error

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Paths of the parts, or of the bundle; ``-`` is standard input."""

    certificate: str | None = None
    chain: str | None = None
    private_key: str | None = None
    bundle: str | None = None

    @property
    def files(self) -> Mapping[str, str]:
        """What was named, by the subject of findings."""
        named = {
            "certificate": self.certificate,
            "chain": self.chain,
            "private-key": self.private_key,
            "bundle": self.bundle,
        }
        return {subject: path for subject, path in named.items() if path is not None}

    @property
    def arguments(self) -> tuple[str, ...]:
        """The options that name them, for a command to copy."""
        return tuple(
            word for subject, path in self.files.items() for word in (f"--{subject}", path)
        )

    def read(self, passphrase: str | None) -> Given:
        """
        Read the files.

        Raises:
            FileUnreadableError: One of them can't be read; they are read in order.
        """
        return Given(
            certificate=_read(self.certificate),
            chain=_read(self.chain),
            private_key=_read(self.private_key),
            bundle=_read(self.bundle),
            passphrase=passphrase,
        )

    def demand(self) -> None:
        """
        See that they make sense together.

        Raises:
            click.UsageError: They don't.
        """
        parts = [f"--{subject}" for subject in self.files if subject != "bundle"]
        if self.bundle is not None and parts:
            raise usage_error(
                f"--bundle holds certificates and key in one; {' and '.join(parts)} can't stand"
                " beside it."
            )
        if self.certificate is None and parts:
            raise usage_error(f"{' and '.join(parts)} can't stand alone: give --certificate, too.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What the options for material say."""

    parts: Parts = field(default_factory=Parts)
    passphrase: PassphraseSource = field(default_factory=PassphraseSource)

    def __post_init__(self) -> None:
        self.parts.demand()
        standard = [f"--{subject}" for subject, path in self.parts.files.items() if path == "-"]
        if self.passphrase.file == STANDARD_INPUT:
            standard.append("--passphrase-file")
        if len(standard) > 1:
            raise usage_error(
                f"Standard input ('-') can be read once only, and {' and '.join(standard)} want it."
            )

    @property
    def uses_standard_input(self) -> bool:
        """Whether one of the options reads standard input."""
        return STANDARD_INPUT in {*self.parts.files.values(), self.passphrase.file}

    def read(self) -> Given:
        """
        Read everything that was named.

        Raises:
            click.UsageError: Nothing was.
            CommandError: A file or the passphrase can't be read.
        """
        if not self.parts.files:
            raise usage_error(
                "There is nothing to read. Give --certificate and --private-key, or --bundle."
            )
        passphrase = self.passphrase.read()
        try:
            return self.parts.read(passphrase)
        except FileUnreadableError as err:
            raise CommandError(str(err)) from err


def _read(path: str | None) -> Input | None:
    if path is None:
        return None
    return Input(read_bytes(path), None if path == STANDARD_INPUT else path)
