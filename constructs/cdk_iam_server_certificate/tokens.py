"""Find tokens in strings without calling the CDK, and refuse construct ids that contain key material."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from server_certificate.secrecy import MISPLACED, REMEDY, holds_material

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOKEN = re.compile(r"\$\{Token\[[^\]]*\]\}")
"""The CDK's format for a token in a string (aws-cdk-lib, core, Tokens)."""


def holds_token(text: str | None) -> bool:
    """Return whether a text, or a part of it, is only known at deploy time."""
    return text is not None and _TOKEN.search(text) is not None


def checked_id(construct_id: object) -> str:
    """
    Return a construct's id, which becomes part of the template and of messages.

    Raises:
        ValueError: It isn't a string, or contains key material, which the message doesn't quote.
    """
    if not isinstance(construct_id, str):
        raise ValueError(  # noqa: TRY004 - like any other invalid argument
            f"The construct id is of type {type(construct_id).__name__}, but must be a string."
        )
    if holds_material(construct_id):
        raise ValueError(f"The construct id is invalid: {MISPLACED} {REMEDY}")
    return construct_id


def without_tokens(text: str, *, replacement: str = "") -> str:
    """Return a text with its tokens removed or replaced."""
    return _TOKEN.sub(replacement, text)


def split_at_tokens(text: str) -> Iterator[tuple[str, bool]]:
    """Yield the pieces of a text in order, and whether each is a token."""
    end = 0
    for token in _TOKEN.finditer(text):
        yield text[end : token.start()], False
        yield token.group(), True
        end = token.end()
    yield text[end:], False
