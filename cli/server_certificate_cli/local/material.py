"""The files on the command line: a certificate or a bundle, with its chain and private key."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from server_certificate import pem
from server_certificate.assessment import Given
from server_certificate.contract.combinations import InvalidCombination, check_combination
from server_certificate.inputs import Input
from server_certificate.reading.recognition.kinds import Kind, kind_of
from server_certificate_cli.local.passphrases import PassphraseSource
from server_certificate_cli.local.reading_files import STANDARD_INPUT, is_stream, read_bytes
from server_certificate_cli.usage import usage_error

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from server_certificate.reading.passphrases import Passphrase


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The paths of the parts. ``-`` is standard input."""

    certificate: str | None = None
    chain: tuple[str, ...] = ()
    """The files of the chain, which are read as one."""

    private_key: str | None = None
    bundle: str | None = None

    either: str | None = None
    """A certificate or a bundle, which only its content tells; see ``resolved``."""

    content: bytes | None = field(default=None, repr=False)
    """The content of that file, once it was read."""

    @property
    def named(self) -> tuple[tuple[str, str], ...]:
        """All files, each with its subject in findings."""
        return tuple(
            (subject, path)
            for subject, paths in (
                ("certificate", (self.certificate,)),
                ("chain", self.chain),
                ("private-key", (self.private_key,)),
                ("bundle", (self.bundle or self.either,)),
            )
            for path in paths
            if path is not None
        )

    @property
    def files(self) -> Mapping[str, str]:
        """The paths by their subject in findings."""
        found: dict[str, str] = {}
        for subject, path in self.named:
            found[subject] = f"{found[subject]}, {path}" if subject in found else path
        return found

    @property
    def arguments(self) -> tuple[str, ...]:
        """The command-line arguments that name the files."""
        if self.either is not None:
            options = replace(self, either=None).arguments
            return (as_argument(self.either), *options)
        return tuple(word for subject, path in self.named for word in (f"--{subject}", path))

    def resolved(self) -> Parts:
        """
        Return the same parts, with a certificate or a bundle instead of either.

        Raises:
            FileUnreadableError: The file can't be read.
        """
        if self.either is None:
            return self
        content = read_bytes(self.either)
        parts = replace(self, either=None, content=content)
        if _is_bundle(content):
            return replace(parts, bundle=self.either)
        return replace(parts, certificate=self.either)

    def read(self, passphrase: Passphrase | None) -> Given:
        """
        Read the files. Resolve the parts before.

        Raises:
            FileUnreadableError: A file can't be read.
        """
        return Given(
            certificate=_read(self.certificate, self.content),
            chain=_read_several(self.chain),
            private_key=_read(self.private_key),
            bundle=_read(self.bundle, self.content),
            passphrase=passphrase.text if passphrase else None,
            passphrase_notes=passphrase.notes if passphrase else (),
        )

    def check(self) -> None:
        """
        Check that the parts can be combined.

        Raises:
            click.UsageError: They can't.
        """
        problem = check_combination(self.files, is_upload=False)
        if problem is InvalidCombination.TWO_CERTIFICATES:
            raise usage_error(
                "--bundle and --certificate can't be combined, because a bundle contains the"
                " certificate. Omit one of them. --chain and --private-key work with both."
            )
        if problem is InvalidCombination.NO_CERTIFICATE and self.files:
            options = " and ".join(f"--{subject}" for subject in self.files)
            raise usage_error(f"{options} can't be used alone. Add the certificate or the bundle.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """The values of the options for material."""

    parts: Parts = field(default_factory=Parts)
    passphrase: PassphraseSource = field(default_factory=PassphraseSource)

    def __post_init__(self) -> None:
        standard = [f"--{subject}" for subject, path in self.parts.named if path == STANDARD_INPUT]
        if self.passphrase.file == STANDARD_INPUT:
            standard.append("--passphrase-file")
        if len(standard) > 1:
            raise usage_error(
                f"Standard input ('-') can only be used once, but is used by {' and '.join(standard)}."
            )


def as_argument(path: str) -> str:
    """Return a path that isn't parsed as an option. ``-`` stays standard input."""
    return f"./{path}" if path.startswith("-") and path != STANDARD_INPUT else path


_LABELS = {Kind.CERTIFICATE: "CERTIFICATE", Kind.PKCS7: "PKCS7", Kind.PKCS12: "PKCS12"}
"""The PEM labels of DER files, which are converted to PEM to read several files as one."""


def _read_several(paths: Sequence[str]) -> Input | None:
    """Read files with certificates as one input."""
    if len(paths) < 2:  # noqa: PLR2004 - a single file is read unchanged
        return _read(paths[0] if paths else None)
    return Input(b"\n".join(_as_text(read_bytes(path)) for path in paths))


def _as_text(content: bytes) -> bytes:
    kind = kind_of(content)
    return pem.encode(_LABELS[kind], content).encode() if kind in _LABELS else content


def _read(path: str | None, content: bytes | None = None) -> Input | None:
    """Read a file, unless its content is known."""
    if path is None:
        return None
    octets = read_bytes(path) if content is None else content
    return Input(octets, None if is_stream(path) else path)


def _is_bundle(content: bytes) -> bool:
    """
    Return whether a file can have more than certificates: a private key, or anything unknown.

    A bundle must contain the private key. A certificate, with or without its chain, needn't.
    """
    if kind_of(content) in {Kind.CERTIFICATE, Kind.PKCS7}:
        return False
    has_certificates = _CERTIFICATE.search(content) and not content.lstrip().startswith(b"{")
    return not has_certificates or _PRIVATE_KEY in content


_CERTIFICATE = re.compile(rb"-----BEGIN (?:X509 |TRUSTED )?(?:CERTIFICATE|PKCS7|CMS)-----")
_PRIVATE_KEY = b"PRIVATE KEY"
