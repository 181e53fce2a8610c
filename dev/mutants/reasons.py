"""Why a mutant may survive, in writing: whoever reads the list need not find it out again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dev.mutants.trial import Verdict

_NO_BOOKS: Final = "Only an Update goes on where the books can't be read, so there always are some here; it is for the type checker."
_IN_VAIN: Final = "For one certificate to fit, two resources of a stack, or two contents of one event, would have to claim one name."

REASONS: Final[Mapping[str, Mapping[tuple[str, str], str]]] = {
    "kernel.decide": {
        (
            "resource = own_resource(stack, want) if stack is not None else None",
            "`stack is not None`: always True",
        ): _NO_BOOKS,
        (
            "is_replay = stack is not None and stack.phase.is_at_rest and not seen.has_acted",
            "without `stack is not None`",
        ): _NO_BOOKS,
        (
            "if how is Standing.ACCEPTED and resource is not None and not is_replay:",
            "without `resource is not None`",
        ): "What was accepted is in the books; it is for the type checker.",
        ("and stack is not None", "without `stack is not None`"): _NO_BOOKS,
        ("stack is not None", "without `stack is not None`"): _NO_BOOKS,
        (
            "if stack is not None and is_late(stack, want):",
            "without `stack is not None`",
        ): _NO_BOOKS,
        (
            "if stack is not None and stack.holder(stored.certificate_id, but=want.owner.logical_id):",
            "without `stack is not None`",
        ): _NO_BOOKS,
        (
            "elif stack is not None and stack.phase.is_undoing and resource is not None and not is_held:",
            "without `stack is not None`",
        ): _NO_BOOKS,
        (
            "and stack.holder(stored.certificate_id) is None",
            "without `stack.holder(stored.certificate_id) is None`",
        ): _IN_VAIN,
        (
            "and stored.provenance.request_id != want.request_id",
            "without `stored.provenance.request_id != want.request_id`",
        ): _IN_VAIN,
        (
            "of.public is not None",
            "without `of.public is not None`",
        ): "What can't be read is refused before; it is for the type checker.",
    },
    "kernel.leftovers": {
        (
            'replaced = names.get(stored.provenance.replaces or "")',
            "without `''`",
        ): "No name belongs to None either; it is for the type checker.",
    },
    "kernel.undo": {
        (
            "if there is None or not is_there or there.path != path:",
            "without `there is None`",
        ): "What is not there is not it either; it is for the type checker.",
        ("return None", "deleted"): "It is the last line, and says what the function returns.",
    },
}
"""By module, line and change; a line that changes needs its reason anew."""


def reason(name: str, verdict: Verdict) -> str | None:
    """Return why a survivor of a module may survive; None when nobody has written that."""
    return REASONS.get(name, {}).get((verdict.mutant.line, verdict.mutant.change))
