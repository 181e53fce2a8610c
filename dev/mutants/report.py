"""The survivors, on a terminal and as a page of the documentation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from dev import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dev.mutants.trial import Verdict

PAGE: Final = ROOT / "docs/mutants.md"

_INTRODUCTION: Final = """\
# What no test notices

`make mutants` prints this list and writes this page. It removes one statement or one condition at a time from the
handler's decisions, and runs the tests in which that makes a difference. What is listed here was removed and no test failed: either the
code does not need it, or a test is missing, or only the larger searches notice (`make faults`, `make search`).

A statement is deleted, or returns `None`. A condition is evaluated, but taken for true or for false, or loses its `not`;
an operand of an `and` or `or` is evaluated, but ignored. Log records and the wording of errors are left out.
"""


def survivors(name: str, verdicts: Sequence[Verdict]) -> str:
    """Write two lines for each survivor of a module, and one that counts them."""
    lines = []
    for verdict in verdicts:
        if verdict.survives:
            mutant = verdict.mutant
            lines += [f"{name}.py:{mutant.number}  {_change(verdict)}", f"    {mutant.line}"]
    return "\n".join([*lines, count(name, verdicts)])


def count(name: str, verdicts: Sequence[Verdict]) -> str:
    """Count mutants and survivors in a line."""
    survive = sum(verdict.survives for verdict in verdicts)
    return f"{name}: {survive} of {len(verdicts)} mutants survive"


def page(of_modules: Mapping[str, Sequence[Verdict]]) -> str:
    """Write the page."""
    every = [verdict for verdicts in of_modules.values() for verdict in verdicts]
    parts = [f"{_INTRODUCTION}\n{count('All modules', every)}."]
    for name, verdicts in of_modules.items():
        parts.append(f"## {name}.py\n\n{count('Here', verdicts)}.")
        rows = [
            f"| {verdict.mutant.number} | `{_cell(verdict.mutant.line)}` | {_cell(_change(verdict))} |"
            for verdict in verdicts
            if verdict.survives
        ]
        if rows:
            parts.append("\n".join(["| line | source | change |", "| ---: | --- | --- |", *rows]))
    return "\n\n".join(parts) + "\n"


def _change(verdict: Verdict) -> str:
    return verdict.mutant.change + ("" if verdict.tests else " (no test sees the difference)")


def _cell(text: str) -> str:
    return text.replace("|", r"\|")
