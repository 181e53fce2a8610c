"""What a person reads: one row for each example and step, and what was wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """How a step of an example went."""

    example: str
    step: str
    seen: str
    mismatches: tuple[str, ...]
    """What is wrong, in sentences."""


def table(rows: Sequence[Row]) -> Table:
    """Return the closing table, the rows of an example together."""
    made = Table(title="The examples", title_justify="left", expand=True)
    made.add_column("Example", ratio=3, overflow="fold")
    made.add_column("Step", no_wrap=True)
    made.add_column("Seen", ratio=8, overflow="fold")
    for example in dict.fromkeys(row.example for row in rows):
        made.add_section()
        for place, row in enumerate(row for row in rows if row.example == example):
            seen = Text(row.seen)
            if row.mismatches:
                lines = "\n".join(f"WRONG: {sentence}" for sentence in row.mismatches)
                seen.append(f"\n{lines}", style="bold red")
            else:
                seen.append(" - as expected", style="green")
            made.add_row("" if place else example, row.step, seen)
    return made


def summary(rows: Sequence[Row], *, is_complete: bool, seconds: float) -> str:
    """Say in one sentence how it went."""
    wrong = sum(bool(row.mismatches) for row in rows)
    if is_complete and not wrong:
        return f"All {len(rows)} rows are as expected, in {seconds:.0f} seconds."
    return f"{wrong} of {len(rows)} rows are not as expected; the steps after them were not taken."
