"""Certificates as texts and files, which are known when the app is synthesised."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from cdk_iam_server_certificate.sources.source import Problem, Source, Unusable
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

if TYPE_CHECKING:
    from pathlib import Path

    from cdk_iam_server_certificate.permissions import Permission

_CERTIFICATE = re.compile(
    r"-----BEGIN CERTIFICATE-----\s[A-Za-z0-9+/=\s]*-----END CERTIFICATE-----"
)
_ARMOUR = re.compile("-----(BEGIN|END) CERTIFICATE-----")
_NOT_LOOKED_THROUGH = {PRIVATE_KEY_AMONG_CERTIFICATES, TOO_LARGE, TOO_MANY_BLOCKS}
"""What holds a private key, or may hold one where nobody looked."""

KEY_TO_STORE = (
    "Store it with the command 'server-certificate store', give it with"
    " PrivateKeySource.from_secret, and remove it here."
)


@dataclass(frozen=True, slots=True)
class Literal:
    """A text of certificates, perhaps with tokens."""

    text: str | None = field(repr=False)
    """The text as it was given; None for a file."""

    content: Input
    origin: str | None
    problem: ClassVar[None] = None

    @property
    def given(self) -> Input | None:
        """The content; None while a part of it is a token."""
        return None if holds_token(self.text) else self.content

    def render(self) -> dict[str, str]:
        """Return the certificates in PEM, in the order in which they were given."""
        if self.given is None:
            return {Key.TEXT.value: self.text or ""}
        elements = read(self.given, subject="chain").elements
        return {Key.TEXT.value: to_pem(element.certificate for element in elements)}

    def permissions(self) -> tuple[Permission, ...]:
        """Return none: it stands in the template."""
        return ()


def text_source(text: str) -> Source:
    """Return the source of a text, which is dropped where it may hold a key."""
    if not isinstance(text, str):
        return Unusable(
            Problem(
                f"it is no text, but {_kind_of(text)}.", "Give the text of a certificate in PEM."
            )
        )
    return _literal(text, Input.of_text(text), origin=None)


def file_source(path: str | Path) -> Source:
    """Return the source of a file's content, which is dropped where it may hold a key."""
    origin = f"file '{path}'"
    if holds_token(str(path)):
        return Unusable(
            Problem(
                "its path is a token, and the file is read when the app is synthesised.",
                "Give the path as a literal.",
            )
        )
    try:
        given = Input(read_file(path), file=str(path))
    except FileUnreadableError as err:
        return Unusable(Problem(err.problem, err.fix, FILE_UNREADABLE), origin)
    except TypeError:
        problem = f"it is no path, but {_kind_of(path)}."
        return Unusable(Problem(problem, "Give the path of a file."))
    return _literal(None, given, origin=origin)


def _literal(text: str | None, given: Input, *, origin: str | None) -> Source:
    if text is not None and holds_token(text) and _beside_tokens(text):
        problem = Problem(
            "it holds something else than certificates beside a token, and becomes part of the"
            " template.",
            "Leave whole certificates in PEM and tokens only; private keys belong in a secret.",
            WRONG_KIND,
        )
        return Unusable(problem)
    for finding in read(given, subject="certificate").findings:
        if finding.rule is PRIVATE_KEY_AMONG_CERTIFICATES:
            message = (
                "it holds a private key, and a certificate's text becomes part of the template."
            )
            return Unusable(Problem(message, KEY_TO_STORE, finding.rule), origin)
        if finding.rule in _NOT_LOOKED_THROUGH:
            return Unusable(Problem(finding.message, finding.fix, finding.rule), origin)
    return Literal(text, given, origin)


def _beside_tokens(text: str) -> str:
    """Return what stands beside tokens, certificates and their armour."""
    return _ARMOUR.sub("", _CERTIFICATE.sub("", without_tokens(text))).strip()


def _kind_of(value: object) -> str:
    return type(value).__name__
