"""
Keep key material out of everything that is printed, logged or written to a template.

If a private key is pasted in place of a name, a path or an ARN, an error message must not quote it.
This module decides what is safe to quote for the construct, the command and the function. It treats
certificates like private keys, because a label doesn't prove what a block contains.
"""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

WITHHELD = "(not shown: it looks like a private key or a certificate)"
"""The replacement for key material."""

MISPLACED = "it contains a private key or a certificate (not shown)."
"""The message about a name, a path or an ARN that contains key material."""

REMEDY = (
    "Provide a name here, never the content of a file. Replace the private key if this value was"
    " stored or shared."
)
"""The fix for it."""

_BEGIN = r"(?:-{2,5}(?i:BEGIN)|BEGIN [A-Z0-9 ]{0,40}(?:KEY|CERTIFICATE|PKCS7|CMS)\b)"
_ARMOR = re.compile(_BEGIN)
_BLOCK = re.compile(rf"{_BEGIN}.*?(?:-{{2,5}}(?i:END[A-Z0-9 ]{{0,64}})-{{2,5}}|\Z)", re.DOTALL)
_CONTENT = re.compile(r"[A-Za-z0-9+/]{16}")
"""Content after a BEGIN line."""

_ENCODED = re.compile(
    r"[A-Za-z0-9+/]{40,}+={0,2}|(?<![A-Za-z0-9+/])M[A-P][A-Za-z0-9_-]{38,}+={0,2}"
)
"""
Possible base64: the shortest private key has 64 characters, and its first half identifies it.

In the URL-safe alphabet, only text that begins like a key counts, because names contain ``-`` and
``_``.
"""

_FURTHER = re.compile(r"[A-Za-z0-9+/_=-]*+(?:(?:\\[nr]|\s){1,4}+[A-Za-z0-9+/_-]{16,}+=*+)*+")
"""The rest of the base64, including further lines."""

_DUMP = re.compile(r"(?<![0-9A-Fa-f])[0-9A-Fa-f]{96,}+")
"""Hexadecimal digits: the shortest private key, Ed25519 in PKCS#8, has 96; a fingerprint has 64."""

_LINE = 64
"""The length of a base64 line in PEM (RFC 7468, 2). Such lines are not shown either."""

_ENCODED_ARMOR = "LS0tLS1CRUdJTi"
"""``-----BEGIN`` in base64."""

_SEQUENCE, _INTEGER, _LONG_FORM = 0x30, 0x02, 0x80
_LONGEST_LENGTH = 4


def holds_material(text: str) -> bool:
    """
    Return whether a text contains a private key or certificate in PEM, base64 or hexadecimal.

    A ``BEGIN`` line counts, even a damaged one, as do base64 and hexadecimal digits that begin like
    a key or a certificate in DER, and base64 of PEM.
    """
    return (
        bool(_ARMOR.search(text))
        or any(_is_material(run[0]) for run in _ENCODED.finditer(text))
        or any(_begins_like_material(bytes.fromhex(run[0][:24])) for run in _DUMP.finditer(text))
    )


def without_material(text: str) -> str:
    """
    Return a text with key material replaced by ``WITHHELD``.

    Parts of a key are replaced, too: unbroken base64 of at least 64 characters with upper-case
    letters, lower-case letters and digits, and hexadecimal digits long enough to be part of a key.
    """
    shown = _BLOCK.sub(lambda block: WITHHELD if _CONTENT.search(block[0]) else block[0], text)
    shown = _DUMP.sub(WITHHELD, shown)
    return "".join(_without_base64(shown))


def _without_base64(text: str) -> Iterator[str]:
    position = 0
    while run := _ENCODED.search(text, position):
        yield text[position : run.start()]
        position = run.end()
        if _is_material(run[0]):
            position = (_FURTHER.match(text, position) or run).end()
            yield WITHHELD
        else:
            yield WITHHELD if _is_dense(run[0]) else run[0]
    yield text[position:]


def quoted(value: object) -> str:
    """Quote a value like ``repr``, unless it contains key material."""
    text = repr(value)
    shown = value.decode("latin-1") if isinstance(value, bytes) else str(value)
    return WITHHELD if holds_material(shown) or holds_material(text) else text


def _is_material(encoded: str) -> bool:
    encoded = encoded.lstrip("/").replace("-", "+").replace("_", "/")
    if encoded.startswith(_ENCODED_ARMOR):
        return True
    return _begins_like_material(base64.b64decode(encoded[:24].ljust(24, "A")))


def _begins_like_material(head: bytes) -> bool:
    return head[0] == _SEQUENCE and _first_within(head) in {_SEQUENCE, _INTEGER}


def _first_within(head: bytes) -> int:
    """Return the tag of the first value inside the first value."""
    octets = head[1] - _LONG_FORM if head[1] > _LONG_FORM else 0
    return head[2 + octets] if octets <= _LONGEST_LENGTH else 0


def _is_dense(encoded: str) -> bool:
    """Distinguish base64 from paths, which have more slashes, and from hexadecimal numbers."""
    return (
        len(encoded) >= _LINE
        and encoded.count("/") <= len(encoded) // 12
        and any(map(str.isupper, encoded))
        and any(map(str.islower, encoded))
        and any(map(str.isdigit, encoded))
    )
