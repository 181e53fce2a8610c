"""The survivors, on a terminal and as a page of the documentation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dev import ROOT
from dev.mutants.reasons import reason

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dev.mutants.trial import Verdict

PAGE: Final = ROOT / "docs/internals/mutants.md"

_INTRODUCTION: Final = """\
# Mutation testing

<!-- Written by `make mutants`. -->

`make mutants` removes one statement or one condition at a time from the handler's decisions, and runs the tests that
could notice. This page lists the survivors: changes that no test noticed. If the reason is known, it is in the table. If
not, either the code isn't needed, or a test is missing, or only the larger searches notice (`make faults`, `make search`).

A statement is deleted, or replaced by `return None`. A condition is evaluated, but its result is replaced by true or by
false, or its `not` is removed. An operand of `and` or `or` is evaluated, but ignored. Log records and the wording of
errors are not changed.
"""


def survivors(name: str, verdicts: Sequence[Verdict]) -> str:
    """Write each survivor of a module, why it may survive, and a line that counts them."""
    lines = []
    for verdict in verdicts:
        if verdict.survives:
            mutant = verdict.mutant
            lines += [f"{_file(name)}:{mutant.number}  {_change(verdict)}", f"    {mutant.line}"]
            if why := reason(name, verdict):
                lines.append(f"    {why}")
    return "\n".join([*lines, count(name, {name: verdicts})])


def count(title: str, of_modules: Mapping[str, Sequence[Verdict]]) -> str:
    """Count mutants, survivors, and those for which there is a reason, in a line."""
    number = sum(len(verdicts) for verdicts in of_modules.values())
    reasons = [
        reason(name, verdict)
        for name, verdicts in of_modules.items()
        for verdict in verdicts
        if verdict.survives
    ]
    text = f"{title}: {len(reasons)} of {number} mutants survive"
    explained = sum(why is not None for why in reasons)
    return f"{text}, {explained} for a reason" if explained else text


def page(of_modules: Mapping[str, Sequence[Verdict]]) -> str:
    """Write the page."""
    parts = [f"{_INTRODUCTION}\n{count('All modules', of_modules)}."]
    for name, verdicts in of_modules.items():
        parts.append(f"## {_file(name)}\n\n{count('This module', {name: verdicts})}.")
        rows = [
            f"| {verdict.mutant.number} | `{_cell(verdict.mutant.line)}` | {_cell(_change(verdict))}"
            f" | {reason(name, verdict) or ''} |"
            for verdict in verdicts
            if verdict.survives
        ]
        if rows:
            head = ["| line | source | change | reason |", "| ---: | --- | --- | --- |"]
            parts.append("\n".join([*head, *rows]))
    return "\n\n".join(parts) + "\n"


def _file(name: str) -> str:
    return f"{name.replace('.', '/')}.py"


def _change(verdict: Verdict) -> str:
    return verdict.mutant.change + ("" if verdict.tests else " (no test sees the difference)")


def _cell(text: str) -> str:
    return text.replace("|", r"\|")
