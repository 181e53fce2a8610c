"""Decode base64: a PKCS#12 bundle from Azure, PEM from a Kubernetes secret, DER."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from server_certificate.openssl_commands import source_of
from server_certificate.pem import base64_content, spelling
from server_certificate.reading.recognition.formats import recognize_binary
from server_certificate.reading.recognition.kinds import Kind, kind_of
from server_certificate.reading.recognition.wide_text import narrowed

if TYPE_CHECKING:
    from server_certificate.inputs import Input

MAX_LAYERS = 2
"""The maximum number of base64 layers: two occur in practice, three have not been observed."""

SHORTEST = 64
"""The minimum length of base64, so that words don't count."""

_FOREIGN = re.compile(r"[^\s!-~\ufeff]")
"""Characters that no variant of base64 contains, to reject most texts without copying them."""

_DATA_URL = re.compile(r"data:[A-Za-z0-9.+/;=-]{0,100}?;base64,", re.IGNORECASE)
_STANDARD = re.compile(r"[A-Za-z0-9+/]++={0,2}")
_URL_SAFE = re.compile(r"[A-Za-z0-9_-]++={0,2}")
_TEXT = re.compile(rb"(?:\xef\xbb\xbf)?[\t\r\n -~]++")
_LOOKED_AT = 4096

_TARGETS = {
    Kind.CERTIFICATE: "certificate.der",
    Kind.PRIVATE_KEY: "private-key.der",
    Kind.ENCRYPTED_PRIVATE_KEY: "encrypted-private-key.pem",
    Kind.PKCS7: "bundle.p7b",
    Kind.PKCS12: "bundle.p12",
}
"""The names that the commands in other findings use for such files."""


@dataclass(frozen=True, slots=True)
class Unwrapped:
    """The content of base64 text."""

    octets: bytes = field(repr=False)

    is_plain: bool
    """Whether it contains only base64 and line breaks, so that ``base64 --decode`` works."""

    def target(self, given: Input) -> str:
        """Return a name for the decoded file that is consistent with the other commands."""
        kind = kind_of(self.octets)
        target = _TARGETS.get(kind, "decoded.bin") if kind else "decoded.pem"
        return f"decoded-{target}" if source_of(given, "") == target else target

    def command(self, given: Input) -> str | None:
        """Return the command that decodes it; None if it needs to be edited first."""
        if not self.is_plain:
            return None
        return f"base64 --decode {source_of(given, 'encoded.txt')} > {self.target(given)}"


def unwrap(text: str) -> Unwrapped | None:
    """
    Decode text that is base64 of a known format.

    Line breaks, quotation marks, a ``data:`` prefix, the URL-safe alphabet and missing padding are
    accepted.

    Returns:
        The content; None if it isn't base64, or not of a known format.
    """
    if _FOREIGN.search(text):
        return None
    bare = spelling.decoded(text.strip("\ufeff \t\r\n"))[0].strip("\"' \t\r\n,;")
    if data_url := _DATA_URL.match(bare):
        bare = bare[data_url.end() :]
    compact = "".join(bare.split())
    if len(compact) < SHORTEST or not (
        _STANDARD.fullmatch(compact) or _URL_SAFE.fullmatch(compact)
    ):
        return None
    digits = compact.rstrip("=").replace("-", "+").replace("_", "/")
    octets = base64_content.strict(digits + "=" * (-len(digits) % 4))
    if not octets or not _is_known(octets):
        return None
    is_plain = "".join(text.split("\n")) == compact and len(compact) % 4 == 0
    return Unwrapped(octets, is_plain and bool(_STANDARD.fullmatch(compact)))


def is_base64(text: str) -> bool:
    """Return whether a text is base64 of anything."""
    if _FOREIGN.search(text):
        return False
    compact = "".join(text.split())
    return len(compact) >= SHORTEST and bool(_STANDARD.fullmatch(compact))


def _is_known(octets: bytes) -> bool:
    if kind_of(octets) or recognize_binary(octets) or narrowed(octets):
        return True
    # Text: PEM, JSON, or another layer of base64. Random bytes aren't text.
    head = octets[:_LOOKED_AT]
    printable = _TEXT.match(head)
    return printable is not None and printable.end() == len(head)
