"""Certificates from text and files, which are known at synth."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

from cdk_iam_server_certificate.sources.source import PartSource, Problem, Source
from cdk_iam_server_certificate.tokens import holds_token, without_tokens
from server_certificate.contract.sources import Source as Key
from server_certificate.inputs import Input
from server_certificate.material import to_pem
from server_certificate.reading.files import FileUnreadableError, read_file
from server_certificate.reading.reader import read
from server_certificate.reading.recognition.naming import A_PATH
from server_certificate.reading.rules import (
    FILE_UNREADABLE,
    PRIVATE_KEY_AMONG_CERTIFICATES,
    TOO_MANY_BLOCKS,
    WRONG_KIND,
)
from server_certificate.reading.sizes import TOO_LARGE
from server_certificate.secrecy import MISPLACED, holds_material

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path
    from typing import Self

    from server_certificate.findings import Finding
    from server_certificate.reading.contents import Contents

_CERTIFICATE = re.compile(
    r"-----BEGIN CERTIFICATE-----\s[A-Za-z0-9+/=\s]*-----END CERTIFICATE-----"
)
_ARMOR = re.compile("-----(BEGIN|END) CERTIFICATE-----")
_NOT_FULLY_READ = {TOO_LARGE, TOO_MANY_BLOCKS}
"""Rules about input that is not fully read, and so could contain a private key."""


class FromLiteral(PartSource):
    """A part whose content can be in the template."""

    __slots__ = ()

    @classmethod
    def from_text(cls, text: str) -> Self:
        """
        Use certificates from a text in PEM.

        A private key in the text stops the synthesis and is not written to the template. Store it in
        a secret, and use ``PrivateKeySource.from_secret``.

        Args:
            text: One or more certificates in PEM. Text around them is removed, and their order is
                fixed, at synth. A token is also allowed; its value is checked at deploy time.
        """
        return cls(_text_source(text))

    @classmethod
    def from_file(cls, path: str | Path) -> Self:
        """
        Use certificates from a file in PEM, DER or PKCS#7, which is read at synth.

        A file that is missing, can't be read, is larger than 4 MiB or contains a private key stops
        the synthesis.

        Args:
            path: The path of the file, absolute or relative to the app's working directory. Tokens
                are not allowed.
        """
        return cls(_file_source(path))


def _text_source(text: str) -> Source:
    if not isinstance(text, str):
        problem = f"it is of type {type(text).__name__}, not str."
        return Source(problem=Problem(problem, "Provide the text of a certificate in PEM."))
    given = Input.of_text(text)
    if not holds_token(text):
        return _source(given)
    if problem := _problem_next_to_tokens(text) or _problem(
        read(given, subject="certificate").findings
    ):
        return Source(problem=problem)
    return Source(keys={Key.TEXT: text})


def _file_source(path: str | Path) -> Source:
    if holds_material(written := str(path)):
        problem = f"its path: {MISPLACED}"
        return Source(problem=Problem(problem, "Provide the path of the file, or use from_text."))
    if holds_token(written):
        problem = "its path is a token, but the file is read at synth."
        return Source(problem=Problem(problem, "Provide a literal path."))
    origin = f"file '{path}'"
    try:
        given = Input(read_file(path), file=str(path))
    except FileUnreadableError as err:
        return Source(problem=Problem(err.problem, err.fix, FILE_UNREADABLE), origin=origin)
    except TypeError:
        problem = f"its path is of type {type(path).__name__}, not str or Path."
        return Source(problem=Problem(problem, FILE_UNREADABLE.fix))
    return _source(given, origin=origin)


def _source(given: Input, *, origin: str | None = None) -> Source:
    """Return a source with the certificates in PEM, in their original order."""
    contents = _contents(given)
    problem = _problem(contents.findings)
    if contents.kind == A_PATH and origin is None:
        problem = Problem(
            f"it is {A_PATH}, not a certificate in PEM.",
            "Read the file with CertificateSource.from_file, or provide its content.",
            WRONG_KIND,
        )
    if problem is not None:
        return Source(problem=problem, origin=origin)
    text = to_pem(element.certificate for element in contents.certificates)
    return Source(keys={Key.TEXT: text}, given=contents, origin=origin)


@functools.lru_cache(maxsize=16)
def _contents(given: Input) -> Contents:
    """Read a literal. Many certificates of an app often have the same chain, which is read once."""
    return read(given, subject="certificate")


def _problem(findings: Iterable[Finding]) -> Problem | None:
    for finding in findings:
        if finding.rule is PRIVATE_KEY_AMONG_CERTIFICATES:
            return Problem(
                "it contains a private key, which would become part of the template.",
                "Store the private key with the command 'server-certificate store', pass it with"
                " PrivateKeySource.from_secret, and remove it here.",
                finding.rule,
            )
        if finding.rule in _NOT_FULLY_READ:
            return Problem(finding.message, finding.fix, finding.rule)
    return None


def _problem_next_to_tokens(text: str) -> Problem | None:
    if not _ARMOR.sub("", _CERTIFICATE.sub("", without_tokens(text))).strip():
        return None
    return Problem(
        "it contains a token and something other than certificates, and would become part of the"
        " template.",
        "Keep only tokens and complete certificates in PEM. Store private keys in a secret.",
        WRONG_KIND,
    )
