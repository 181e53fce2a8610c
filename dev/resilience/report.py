"""The fault table, on a terminal and as a page of the documentation."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rich.table import Table

from dev import ROOT
from dev.simulator.disturbances import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from dev.resilience.fault_table import Outcome

PAGE: Final = ROOT / "docs/internals/faults.md"

EXPLORED: Final = "## Small worlds, explored completely"
"""Begins what `make explore` writes, at the end of the page."""

HEADINGS: Final = ("", "cases", "succeeded", "undone", "failed")

_INTRODUCTION: Final = """\
# Fault tolerance

<!-- Written by `make faults` and `make explore`. -->

What happens if AWS throttles a call, a connection breaks, or Lambda ends the function in the middle of a renewal?
`make faults` answers that question for every call. It runs the real handler in one process, against the local cloud's IAM
and a model of CloudFormation and Lambda (`dev/simulator`). It combines every operation, every call to AWS in that
operation, and every disturbance. It then writes this page, and fails if a case fails.

A case passes only if all of this holds when the stack is at rest:

1. IAM has exactly the certificates that the template declares, with the right name, path, tags and content. None is
   missing, and none is left over. (Exception: if each of CloudFormation's three attempts at a deletion was disturbed, the
   certificate is left over until the stack is deleted.)
2. No certificate of anybody else was changed or deleted. If an adoption was undone, the adopted certificate is as it was
   before. (Exception: if each of CloudFormation's three attempts at its Delete was disturbed, it keeps additional tags.)
3. A certificate that a consumer in the stack used was never missing.
4. Each event got an answer that CloudFormation accepts. A failed Update was answered with the old id.
5. Neither the log nor an answer contains a private key or a ResponseURL.
6. The stack can be deleted afterwards, and nothing of it is left.

| term | meaning |
| --- | --- |
| succeeded | The operation succeeded in spite of the disturbance. |
| undone | The operation failed, and everything is as it was before. |
| once | The next attempt is answered normally. |
| lasting | Every call of the action fails until CloudFormation gives up the event. |
| the same | The event is delivered a second time. |
| neighbor | Another resource of the stack. |

`make search` goes further. Hypothesis generates sequences of {steps} of these operations, for two stacks with up to three
certificates each. Both stacks want the same names. Up to two disturbances hit an operation, answers get lost, events
arrive late, and secrets disappear or get new versions, with or without an automatic renewal. Constructs move in the tree,
with or without another change. Stacks are nested, and their parent fails after them. A failure is rolled back by Updates,
by Deletes alone, or not at all (`OnFailure`). People rename, delete, upload, tag and untag certificates behind the stacks'
backs, and forge the construct's tags. After each step the same six points hold, except for the
[known limits](how-it-works.md#known-limits). Hypothesis reduces a failing sequence to a short one.
"""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table."""

    name: str
    cases: int
    done: int
    failed: int

    @property
    def cells(self) -> tuple[str, ...]:
        """The cells of the line."""
        undone = self.cases - self.done - self.failed
        return (
            self.name,
            *(f"{number:,}" for number in (self.cases, self.done, undone, self.failed)),
        )


def rows(outcomes: Iterable[Outcome], *, by: Callable[[Outcome], str]) -> list[Row]:
    """Count outcomes, in the order in which their names first come."""
    counted: dict[str, Counter[str]] = {}
    for outcome in outcomes:
        counts = counted.setdefault(by(outcome), Counter())
        counts["cases"] += 1
        counts["failed"] += bool(outcome.problems)
        counts["done"] += outcome.deployed and not outcome.problems
    return [
        Row(name, counts["cases"], counts["done"], counts["failed"])
        for name, counts in counted.items()
    ]


def by_disturbance(outcomes: list[Outcome]) -> list[Row]:
    """Count per disturbance, kinds in their order."""
    order = [kind.value for kind in Kind]

    def place(outcome: Outcome) -> int:
        what = outcome.case.what.partition(",")[0]
        if what == "the same":
            return order.index(Kind.TWICE.value)
        return order.index(what) if what in order else len(order)

    return rows(sorted(outcomes, key=place), by=lambda outcome: outcome.case.what)


def by_operation(outcomes: list[Outcome]) -> list[Row]:
    """Count per operation."""
    return rows(outcomes, by=lambda outcome: outcome.case.scenario.name)


def total(outcomes: list[Outcome]) -> Row:
    """Count all."""
    (row,) = rows(outcomes, by=lambda _: "all")
    return row


def table(title: str, lines: Iterable[Row]) -> Table:
    """Draw a table."""
    drawn = Table(title=title, title_justify="left", header_style="bold")
    for number, heading in enumerate(HEADINGS):
        drawn.add_column(heading, justify="right" if number else "left")
    for line in lines:
        drawn.add_row(*line.cells, style="red" if line.failed else None)
    return drawn


def page(outcomes: list[Outcome], *, steps: str) -> str:
    """Write the page."""
    parts = [_INTRODUCTION.format(steps=steps).rstrip()]
    for title, lines in (
        ("By disturbance", by_disturbance(outcomes)),
        ("By operation", by_operation(outcomes)),
    ):
        parts += [f"## {title}", _markdown([*lines, total(outcomes)])]
    return "\n\n".join(parts) + "\n"


def with_explored(text: str, section: str | None = None) -> str:
    """
    Return the page with what was explored at its end.

    Args:
        text: The page.
        section: What was explored; None to keep what the page on the disk says.
    """
    if section is None:
        _, heading, rest = PAGE.read_text("utf-8").partition(f"{EXPLORED}\n")
        section = heading + rest
    before, _, _ = text.partition(EXPLORED)
    return f"{before.rstrip()}\n\n{section.rstrip()}".rstrip() + "\n"


def _markdown(lines: Iterable[Row]) -> str:
    ruler = ("---", *("---:" for _ in HEADINGS[1:]))
    return "\n".join(
        f"| {' | '.join(cells)} |" for cells in (HEADINGS, ruler, *(line.cells for line in lines))
    )
