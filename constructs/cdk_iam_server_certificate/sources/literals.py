"""Certificates as texts and files, which are known when the app is synthesised."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cdk_iam_server_certificate.sources.source import PartSource, Problem, Source
from cdk_iam_server_certificate.tokens import holds_token, without_tokens
from server_certificate.contract.sources import Source as Key
from server_certificate.inputs import Input
from server_certificate.material import to_pem
from server_certificate.reading.files import FileUnreadableError, read_file
from server_certificate.reading.reader import read
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

_CERTIFICATE = re.compile(
    r"-----BEGIN CERTIFICATE-----\s[A-Za-z0-9+/=\s]*-----END CERTIFICATE-----"
)
_ARMOUR = re.compile("-----(BEGIN|END) CERTIFICATE-----")
_NOT_LOOKED_THROUGH = {TOO_LARGE, TOO_MANY_BLOCKS}
"""What may hold a private key where nobody looked."""


class FromLiteral(PartSource):
    """A part that the template may hold."""

    __slots__ = ()

    @classmethod
    def from_text(cls, text: str) -> Self:
        """
        Take a text in PEM.

        A private key in it stops the synthesis, and does not reach the template: store it in a
        secret and use ``PrivateKeySource.from_secret``.

        Args:
            text: One or more certificates in PEM. Text around them and a wrong order are fixed
                when the app is synthesised. May be a token; it is judged at deploy time then.
        """
        return cls(_text_source(text))

    @classmethod
    def from_file(cls, path: str | Path) -> Self:
        """
        Take a file in PEM, DER or PKCS#7, read when the app is synthesised.

        A file that is missing, unreadable, larger than 4 MiB, or that holds a private key
        stops the synthesis.

        Args:
            path: The file, absolute or relative to the directory the app runs in. No token.
        """
        return cls(_file_source(path))


def _text_source(text: str) -> Source:
    if not isinstance(text, str):
        problem = f"it is no text, but {type(text).__name__}."
        return Source(problem=Problem(problem, "Give the text of a certificate in PEM."))
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
        return Source(problem=Problem(problem, "Give the path of the file, or use from_text."))
    if holds_token(written):
        problem = "its path is a token, and the file is read when the app is synthesised."
        return Source(problem=Problem(problem, "Give the path as a literal."))
    origin = f"file '{path}'"
    try:
        given = Input(read_file(path), file=str(path))
    except FileUnreadableError as err:
        return Source(problem=Problem(err.problem, err.fix, FILE_UNREADABLE), origin=origin)
    except TypeError:
        problem = f"it is no path, but {type(path).__name__}."
        return Source(problem=Problem(problem, FILE_UNREADABLE.fix))
    return _source(given, origin=origin)


def _source(given: Input, *, origin: str | None = None) -> Source:
    """Return the source of certificates in PEM, in the order in which they were given."""
    reading = read(given, subject="certificate")
    if problem := _problem(reading.findings):
        return Source(problem=problem, origin=origin)
    text = to_pem(element.certificate for element in reading.certificates)
    return Source(keys={Key.TEXT: text}, given=given, origin=origin)


def _problem(findings: Iterable[Finding]) -> Problem | None:
    for finding in findings:
        if finding.rule is PRIVATE_KEY_AMONG_CERTIFICATES:
            return Problem(
                "it holds a private key, and a certificate's text becomes part of the template.",
                "Store it with the command 'server-certificate store', give it with"
                " PrivateKeySource.from_secret, and remove it here.",
                finding.rule,
            )
        if finding.rule in _NOT_LOOKED_THROUGH:
            return Problem(finding.message, finding.fix, finding.rule)
    return None


def _problem_next_to_tokens(text: str) -> Problem | None:
    if not _ARMOUR.sub("", _CERTIFICATE.sub("", without_tokens(text))).strip():
        return None
    return Problem(
        "it holds something else than certificates beside a token, and becomes part of the"
        " template.",
        "Leave whole certificates in PEM and tokens only; private keys belong in a secret.",
        WRONG_KIND,
    )
