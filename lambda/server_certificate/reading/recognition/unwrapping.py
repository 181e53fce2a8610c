"""Base64 around something: a PKCS#12 bundle from Azure, PEM from a Kubernetes secret, bare DER."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from server_certificate.openssl_commands import source_of
from server_certificate.pem import base64_content, spelling
from server_certificate.reading.recognition.formats import recognise_octets
from server_certificate.reading.recognition.kinds import Kind, kind_of
from server_certificate.reading.recognition.wide_text import narrowed

if TYPE_CHECKING:
    from server_certificate.inputs import Input

MAX_LAYERS = 2
"""How often something may be encoded: twice happens, three times was never seen."""

SHORTEST = 64
"""Characters of base64 that may be something else than a word."""

_FOREIGN = re.compile(r"[^\s!-~\ufeff]")
"""What is in no base64, however it is spelled: few texts have to be copied to see that."""

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
"""What the commands in other findings call such a file."""


@dataclass(frozen=True, slots=True)
class Unwrapped:
    """What a text in base64 holds."""

    octets: bytes = field(repr=False)

    is_plain: bool
    """Whether it is base64 and nothing but line breaks, so that ``base64 --decode`` decodes it."""

    def target(self, given: Input) -> str:
        """Return what to call the file with what is in it, as the other commands do."""
        kind = kind_of(self.octets)
        target = _TARGETS.get(kind, "decoded.bin") if kind else "decoded.pem"
        return f"decoded-{target}" if source_of(given, "") == target else target

    def command(self, given: Input) -> str | None:
        """Return the command that decodes it by hand; None when none does without a change."""
        if not self.is_plain:
            return None
        return f"base64 --decode {source_of(given, 'encoded.txt')} > {self.target(given)}"


def unwrap(text: str) -> Unwrapped | None:
    """
    Decode a text that is base64 of something that is known.

    Line breaks, quotes, a ``data:`` prefix, the alphabet for URLs and missing padding are no
    hindrance.

    Returns:
        What it holds; None when it is no base64, or base64 of nothing that is known.
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
    """Whether a text is base64, be it of anything."""
    if _FOREIGN.search(text):
        return False
    compact = "".join(text.split())
    return len(compact) >= SHORTEST and bool(_STANDARD.fullmatch(compact))


def _is_known(octets: bytes) -> bool:
    if kind_of(octets) or recognise_octets(octets) or narrowed(octets):
        return True
    # Text: PEM, JSON, or base64 once more. A random value is none.
    head = octets[:_LOOKED_AT]
    printable = _TEXT.match(head)
    return printable is not None and printable.end() == len(head)
