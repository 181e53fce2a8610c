"""Tell tokens from literals, without a call into the CDK for each text, and key material from ids."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from server_certificate.secrecy import MISPLACED, REMEDY, holds_material

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOKEN = re.compile(r"\$\{Token\[[^\]]*\]\}")
"""How the CDK writes a token into a string (aws-cdk-lib, core, Tokens)."""


def holds_token(text: str | None) -> bool:
    """Return whether a text, or a part of it, is known at deploy time only."""
    return text is not None and _TOKEN.search(text) is not None


def harmless_id(construct_id: str) -> str:
    """
    Return the id of a construct, which becomes part of the template and of every message.

    Raises:
        ValueError: It is key material, which is not quoted.
    """
    if holds_material(construct_id):
        raise ValueError(f"The id of a construct can't be used: {MISPLACED} {REMEDY}")
    return construct_id


def without_tokens(text: str, *, replacement: str = "") -> str:
    """Return a text with its tokens taken out, or replaced."""
    return _TOKEN.sub(replacement, text)


def split_at_tokens(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the pieces of a text in order, each with whether it is a token."""
    end = 0
    for token in _TOKEN.finditer(text):
        yield text[end : token.start()], False
        yield token.group(), True
        end = token.end()
    yield text[end:], False
