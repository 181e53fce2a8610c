"""Where ``convert`` writes to, and in which format."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING

from server_certificate_cli.errors import CommandError
from server_certificate_cli.local.layouts import CONVERTED
from server_certificate_cli.local.reading_files import STANDARD_INPUT, is_folder
from server_certificate_cli.local.writing import SECRET, NewFile
from server_certificate_cli.usage import usage_error

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from server_certificate.assessment import Assessment
    from server_certificate_cli.local.passphrases import PassphraseSource

CERTIFICATE, CHAIN, KEY = CONVERTED.certificate, CONVERTED.chain[0], CONVERTED.private_key[0]


class Format(Enum):
    """What ``convert`` writes."""

    PEM = "pem"
    """Three files in the format that IAM requires."""

    PKCS12 = "pkcs12"
    """One file, encrypted with a passphrase."""

    JSON = "json"
    """One file, with the fields that ``store`` writes to a secret."""


_EXAMPLES = {Format.PKCS12: "www.p12", Format.JSON: "www.json"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """The files to write."""

    format: Format
    path: str
    """The folder for PEM; otherwise, the file."""

    passphrase: PassphraseSource
    """The source of the passphrase for a new PKCS#12 file."""

    @property
    def folder(self) -> Path:
        """The folder to write to."""
        return Path(self.path) if self.format is Format.PEM else Path(self.path).parent

    @property
    def single(self) -> str | None:
        """The name of the only file; None for PEM."""
        return None if self.format is Format.PEM else Path(self.path).name

    def check(self, used: Iterable[str | None]) -> None:
        """
        Check that the options fit each other.

        Args:
            used: The paths that the command reads.

        Raises:
            click.UsageError: They don't.
        """
        if not self.path:
            raise usage_error("--output is empty. Provide a folder, or '.' for the current folder.")
        if self.format is not Format.PKCS12 and self.passphrase.arguments:
            raise usage_error(f"{self.passphrase.arguments[0]} requires --format pkcs12.")
        if [*used, self.passphrase.file].count(STANDARD_INPUT) > 1:
            raise usage_error("Standard input ('-') can only be used once.")
        if self.format is not Format.PEM and (self.path == STANDARD_INPUT or is_folder(self.path)):
            folder = "" if self.path == STANDARD_INPUT else self.path
            raise usage_error(
                f"--output '{self.path}' is not a file. With --format {self.format.value}, provide the"
                f" file to write, such as {Path(folder, _EXAMPLES[self.format])}."
            )

    def files(self, assessment: Assessment) -> Sequence[NewFile]:
        """
        Return the files with the content of an assessment; none if it was rejected.

        Raises:
            CommandError: The format requires something that is missing.
            click.UsageError: There is no passphrase for a new PKCS#12 file.
        """
        public, key = assessment.public, assessment.private_key
        if public is None or not assessment.accepted:
            return ()
        if self.single is None:
            files = [NewFile(name=CERTIFICATE, content=public.certificate_pem)]
            if public.chain_pem is not None:
                files.append(NewFile(name=CHAIN, content=public.chain_pem))
            if key is not None:
                files.append(NewFile(name=KEY, content=key.pem, mode=SECRET))
            return files
        if key is None:
            raise CommandError(
                f"Nothing was written, because --format {self.format.value} requires the private key."
                " Add --private-key."
            )
        # Imported lazily: few conversions are of this kind.
        from server_certificate_cli.local import formats  # noqa: PLC0415

        content: str | bytes
        if self.format is Format.JSON:
            content = formats.as_json(public, key)
        else:
            content = formats.as_pkcs12(public, key, formats.new_passphrase(self.passphrase))
        return (NewFile(name=self.single, content=content, mode=SECRET),)
