"""What a person reads: one row for each step, and what was wrong."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dev.demo.facts import Evidence
    from dev.demo.steps import Step

_OUTPUT_LINES: Final = 25
_REASON: Final = re.compile(r"_FAILED *\|[^|]*\| .*? \(\w+\) (?P<reason>\S.*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How a step went."""

    step: Step
    evidence: Evidence
    mismatches: tuple[str, ...]
    """What is wrong, in sentences."""

    seconds: float

    @property
    def passed(self) -> bool:
        """Whether all is as expected."""
        return not self.mismatches


def table(steps: Sequence[Step], results: Sequence[Result]) -> Table:
    """
    Return the closing table.

    Args:
        steps: All steps.
        results: Those of the first steps; the others were not reached.
    """
    made = Table(
        title="The life of a certificate", title_justify="left", show_lines=True, expand=True
    )
    made.add_column("Step", ratio=3)
    made.add_column("Expected", ratio=4)
    made.add_column("Seen", ratio=7, overflow="fold")
    made.add_column("Seconds", justify="right")
    for number, step in enumerate(steps):
        title = f"{number + 1}. {step.title}"
        if number >= len(results):
            made.add_row(title, step.expectation, Text("not reached", style="dim"), "")
            continue
        result = results[number]
        seen = Text(describe(result.evidence))
        seen.append(f"\n{_verdict(result)}", style="green" if result.passed else "bold red")
        made.add_row(title, step.expectation, seen, f"{result.seconds:.1f}")
    return made


def describe(evidence: Evidence) -> str:
    """Say what was seen after a step, in one line for each thing."""
    outcome = evidence.outcome
    lines = [
        f"{stored.certificate_id} is {stored.place}"
        + (", the listener serves it" if stored.arn in evidence.after.listener_arns else "")
        for stored in evidence.ours
    ] or ["no certificate of ours"]
    if found := _REASON.search(outcome.output):
        lines.insert(0, f"failed: {found['reason'].strip()}")
    elif outcome.exit_code:
        lines.insert(0, f"failed with exit code {outcome.exit_code}")
    if not evidence.ours and evidence.foreign in evidence.after.certificates:
        lines.append(f"{evidence.foreign.place} of somebody else is untouched")
    if watch := outcome.watch:
        lines.append(f"{watch.looks} looks while it ran, {len(watch.missing)} found one missing")
    if texts := outcome.texts:
        lines = [
            f"{sum(map(len, texts.values())):,} bytes in {len(texts)} logs and files were read"
        ]
    return "\n".join(lines)


def summary(steps: Sequence[Step], results: Sequence[Result], *, seconds: float) -> str:
    """Say in one sentence how it went."""
    if has_passed(steps, results):
        return f"All {len(steps)} steps went as expected, in {seconds:.0f} seconds."
    wrong = results[-1].step.title if results else "the start"
    return f"Step {len(results)} of {len(steps)}, '{wrong}', did not go as expected."


def has_passed(steps: Sequence[Step], results: Sequence[Result]) -> bool:
    """Whether every step was reached and went as expected."""
    return len(results) == len(steps) and all(result.passed for result in results)


def end_of_output(output: str) -> str:
    """Return the last lines of what a command said."""
    lines = output.rstrip().splitlines()
    return "\n".join(("The end of its output:", *(f"  {line}" for line in lines[-_OUTPUT_LINES:])))


def _verdict(result: Result) -> str:
    return "as expected" if result.passed else "\n".join(f"WRONG: {e}" for e in result.mismatches)
