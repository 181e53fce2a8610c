"""Find misspelled context keys, which would have no effect."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

PREFIX: Final = "cdk-iam-server-certificate"
"""The start of all context keys of this package."""


def unknown_keys(keys: Iterable[str], known: Collection[str]) -> str | None:
    """
    Explain which context keys are unknown, although they look like keys of this package.

    Args:
        keys: The context keys of the app, and of the stack.
        known: The context keys of this package.

    Returns:
        Sentences; None if all keys are known, or belong to somebody else.
    """
    problems = [
        f"The context key '{key}' is unknown; {_proposal(key, known)}"
        for key in keys
        if _looks_like_ours(key) and key not in known
    ]
    return " ".join(problems) or None


def _looks_like_ours(key: str) -> bool:
    return key.lower().replace("_", "-").startswith(PREFIX)


def _proposal(key: str, known: Collection[str]) -> str:
    alike = difflib.get_close_matches(key.lower().replace("_", "-"), known, n=1)
    if alike:
        return f"did you mean '{alike[0]}'?"
    listed = ", ".join(f"'{each}'" for each in sorted(known))
    return f"the context keys are {listed}."
