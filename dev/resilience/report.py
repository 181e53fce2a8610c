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

EXPLORED: Final = "## Small worlds, exhausted"
"""Begins what `make explore` writes, at the end of the page."""

HEADINGS: Final = ("", "cases", "done all the same", "undone", "failed")

_INTRODUCTION: Final = """\
# What survives

`make faults` prints and writes this page, and ends non-zero if a case fails. It drives the real handler against the
local cloud's IAM, in one process, with a model of CloudFormation and Lambda (`dev/simulator`): every
operation, every call to AWS in it, every disturbance, no sampling.

A case has failed unless all of this holds when the stack rests:

1. IAM holds exactly the certificates that the template says, with name, path, tags and content: none missing, none left
   over. (After a deletion that was disturbed in each of CloudFormation's three tries, the certificate is left over, and
   goes with the stack.)
2. No certificate that is not the stack's own was changed or deleted, and one that was adopted is there again as it was
   when that is undone. (After a Delete that was disturbed in each of CloudFormation's three tries it is there, with more
   tags than it had.)
3. No certificate that a consumer in the stack referred to was gone at any moment.
4. Each event was answered in the form that CloudFormation takes, a failed Update with the old id.
5. Neither the log nor an answer holds a private key or a ResponseURL.
6. Afterwards the stack can be deleted, and nothing of it is left.

*Done all the same* is an operation that succeeded in spite of the disturbance, *undone* one that failed and left
everything as it was before. *Once* means that the next try is answered, *lasting* that all calls of the action fail
until CloudFormation gives the event up.

`make search` goes further: Hypothesis draws sequences of {steps} of these operations, of two stacks with up to three
certificates each that want the same names, with up to two disturbances in an operation, lost answers, late events, secrets
that are forgotten, and stacks that adopt what somebody has uploaded. Constructs move in the tree, alone or with a change;
stacks are nested, and their parent fails when they are done; what fails is rolled back by Updates or by Deletes alone,
deleted, or left as it is (`OnFailure`). People rename, delete, upload, untag and retag certificates behind the stacks' backs,
point the construct's tags at somebody else's certificate, and copy them to it. After each step the same holds, save for what
[nobody can know](how-it-works.md#limits-of-what-can-be-known), and what it finds it shrinks.
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
        """What stands in the line."""
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
