"""Why a mutant may survive, so that readers of the list needn't find out again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dev.mutants.trial import Verdict

REASONS: Final[Mapping[str, Mapping[tuple[str, str], str]]] = {
    "kernel.decide": {
        (
            "if status is EventStatus.ANSWERED and resource is not None and not is_replay:",
            "without `resource is not None`",
        ): "An answered event's resource is always listed. The check is for the type checker.",
        (
            "of.public is not None",
            "without `of.public is not None`",
        ): "What can't be read is refused before; it is for the type checker.",
    },
    "kernel.undo": {
        (
            "if there is None or not is_there or there.path != path:",
            "without `there is None`",
        ): "What is not there is not it either; it is for the type checker.",
        ("return None", "deleted"): "It is the last line, and says what the function returns.",
    },
}
"""By module, line and change; a changed line needs a new reason."""


def reason(name: str, verdict: Verdict) -> str | None:
    """Return why a mutant may survive; None if no reason is written."""
    return REASONS.get(name, {}).get((verdict.mutant.line, verdict.mutant.change))
