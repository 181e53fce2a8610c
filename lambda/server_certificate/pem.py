"""
PEM as people hand it over: blocks with text around them, or something that is no PEM at all.

The grammar is that of RFC 7468, read leniently: CRLF, a byte order mark, white space at line
ends and text outside the blocks are tolerated here and reported by the caller; nothing is
dropped silently.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass, field

MAX_CHARACTERS = 4 * 1024 * 1024
"""Texts beyond this are not looked into: twice the longest that IAM takes for any part."""

_LONGEST_PATH = 1024
_SHORTEST_BASE64 = 64

_BEGIN = re.compile(r"-----BEGIN ([A-Z0-9 ]{1,64})-----")


@dataclass(frozen=True, slots=True)
class Block:
    """One PEM block."""

    label: str
    """The words between ``BEGIN`` and the dashes, such as ``CERTIFICATE``."""

    der: bytes = field(repr=False)
    """The decoded content; empty when it could not be decoded or is encrypted."""

    encrypted: bool = False
    """Whether the block holds an encrypted key (PKCS#8, or ``Proc-Type: 4,ENCRYPTED``)."""

    problem: str | None = None
    """Why the block cannot be used, in a few words; None when it can."""

    @property
    def is_certificate(self) -> bool:
        """Whether the label promises a certificate."""
        return self.label in {"CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE"}

    @property
    def is_private_key(self) -> bool:
        """Whether the label promises a private key that IAM can read (PKCS#8, PKCS#1, SEC 1)."""
        return self.label.endswith("PRIVATE KEY") and self.label != "OPENSSH PRIVATE KEY"


@dataclass(frozen=True, slots=True)
class PemText:
    """A text taken apart."""

    blocks: tuple[Block, ...]
    """The blocks in the order of the text."""

    has_other_text: bool
    """Whether anything but white space stands outside the blocks."""

    is_canonical: bool
    """Whether the text has neither a carriage return nor a byte order mark."""


def parse(text: str) -> PemText:
    """
    Take a text apart into its PEM blocks.

    Args:
        text: What the user handed over, whatever it is.

    Returns:
        All blocks, also those that cannot be used (their ``problem`` says why).
    """
    blocks: list[Block] = []
    outside: list[str] = []
    position = 0
    while begin := _BEGIN.search(text, position):
        outside.append(text[position : begin.start()])
        label = begin.group(1)
        end_line = f"-----END {label}-----"
        end = text.find(end_line, begin.end())
        next_begin = text.find("-----BEGIN ", begin.end())
        if end < 0 or 0 <= next_begin < end:
            blocks.append(Block(label, b"", problem=f"the line {end_line!r} is missing"))
            position = next_begin if next_begin >= 0 else len(text)
            continue
        blocks.append(_block(label, text[begin.end() : end]))
        position = end + len(end_line)
    outside.append(text[position:])
    return PemText(
        blocks=tuple(blocks),
        has_other_text=any(part.strip().strip("\ufeff").strip() for part in outside),
        is_canonical="\r" not in text and not text.startswith("\ufeff"),
    )


def encode(label: str, der: bytes) -> str:
    """Write one block the way RFC 7468 wants it: 64 characters a line, LF, no text around."""
    encoded = base64.b64encode(der).decode("ascii")
    lines = [encoded[start : start + 64] for start in range(0, len(encoded), 64)]
    return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----"]) + "\n"


def what_it_is(text: str) -> str:
    """
    Name a text that holds no PEM block, for the sentence "this is …".

    Args:
        text: A text in which ``parse`` found no block.

    Returns:
        A noun phrase, such as ``"a path or the name of a file"``. The text itself is not quoted:
        it may be a key that lost its armour.
    """
    stripped = text.strip().strip("\ufeff")
    lowered = stripped.lower()
    for applies, name in (
        (not stripped, "an empty text"),
        (stripped.startswith("{{resolve:"), "an unresolved dynamic reference"),
        (lowered.startswith(("<!doctype", "<html")), "an HTML page"),
        (stripped.startswith("{"), "a JSON object"),
        ("\x00" in stripped, "UTF-16 or binary data"),
        (lowered.startswith("file://"), "a file:// address, which only the AWS CLI resolves"),
        (_looks_like_path(stripped), "a path or the name of a file"),
        (stripped.startswith("ssh-"), "an OpenSSH public key"),
        (_is_base64(stripped), "base64 without BEGIN and END lines"),
    ):
        if applies:
            return name
    return "no PEM text"


def _block(label: str, content: str) -> Block:
    if label == "ENCRYPTED PRIVATE KEY" or "Proc-Type: 4,ENCRYPTED" in content:
        return Block(label, b"", encrypted=True, problem="it is encrypted")
    try:
        der = base64.b64decode("".join(content.split()), validate=True)
    except (binascii.Error, ValueError):
        return Block(label, b"", problem="its content is not base64")
    if not der:
        return Block(label, b"", problem="it is empty")
    return Block(label, der)


def _looks_like_path(text: str) -> bool:
    return (
        len(text) <= _LONGEST_PATH
        and bool(re.fullmatch(r"[^\n]*(/|\\|\.(pem|crt|cer|key|der))[^\n]*", text))
        and not _is_base64(text)
    )


def _is_base64(text: str) -> bool:
    compact = "".join(text.split())
    return len(compact) >= _SHORTEST_BASE64 and bool(re.fullmatch(r"[A-Za-z0-9+/]+={0,2}", compact))
