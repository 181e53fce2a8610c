"""Tell tokens from literals, without a call into the CDK for each text."""

from __future__ import annotations

import re

_TOKEN = re.compile(r"\$\{Token\[[^\]]*\]\}")
"""How the CDK writes a token into a string (aws-cdk-lib, core, Tokens)."""


def holds_token(text: str | None) -> bool:
    """Tell whether a text, or a part of it, is known at deploy time only."""
    return text is not None and _TOKEN.search(text) is not None


def without_tokens(text: str, *, replacement: str = "") -> str:
    """Return a text with its tokens taken out, or replaced."""
    return _TOKEN.sub(replacement, text)
