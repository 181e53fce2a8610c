"""What was explored, on a terminal and as a part of the page of faults."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.table import Table

from dev.exploration.operations import OF_RIVAL, TEMPLATES
from dev.exploration.search import COLUMNS
from dev.exploration.transitions import step
from dev.resilience.report import EXPLORED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dev.exploration.search import Cell, Exploration, Found

_HEADINGS: Final = ("disturbances", "operations", "worlds", "runs", "not tried")

_LONGEST: Final = 600
"""Of what is told of an event: its calls, and the cause at the head of the reason."""

_TEXT: Final = """\
{heading}

The kernel's decisions are pure, and a world at rest is a value. So small worlds are not sampled: `make explore` goes
through them breadth first, by the number of operations, and meets equal worlds once.

A world is two stacks that want one name, and a person. The stack `web` has up to two certificates, in {templates} templates,
`shop` one, in {rivals}. Each template is deployed over each other, with and without another resource that fails after each
of the certificates; either stack is deleted; the person uploads, removes, untags and retags certificates under the name.
Templates rename, re-path, renew, adopt, stop adopting, move the construct, and exchange a name between two constructs.
A certificate of somebody else carries the stack's tags, forged. When an operation fails, CloudFormation undoes it by Updates,
undoes replacements by a Delete alone, or leaves the stack as it is (`--no-rollback`) until it is deleted: each is explored.

Each operation meets each disturbance of the table above at each of its calls, and lost answers to each of its events.
Left out is what leads where another disturbance leads, or none; tests of a few operations show that. Besides, the events of
the operation before are delivered once more at each call; two worlds that differ in these alone count as one.
After each operation the six points above hold, and these:

* What was there before the stacks is there, until its template gives up `adopt_existing` or has replaced it.
* The forged certificate is as it was.
* An operation that nothing disturbs and nothing is in the way of succeeds.
* Each event of such an operation, and of the one before, changes nothing when it is delivered once more at rest.

What is excused: after a Delete of a clean-up that CloudFormation has tried three times in vain, something of that
resource may be left until the next Update or Delete of it that nothing disturbs; and so it may be after an Update that
was disturbed, could not undo what it had done, and is not rolled back, under a name that only its own template
declares, or whose rollback was disturbed as well. Where something happens to a function that CloudFormation has left
behind, the next Update puts it in order. A stack that can only be deleted is not compared with its template until then.
What a person has untagged is expected to fit its template after the next Update that nothing disturbs, and until then
its rollback may fail, another stack may adopt it, and what its own has left is not found.

`operations` is the length of the sequences, `worlds` counts those that no shorter or less disturbed sequence reaches,
`runs` the operations that were carried out. `not tried` counts operations that there was no time for; where it is 0, the
line is complete. *Exhausted* means that no further operation leads to a new world, so that the line holds for sequences
of any length. This table took {minutes:.0f} minutes on {workers} cores; {bound}.

{table}
"""


def table(exploration: Exploration) -> Table:
    """Draw what was explored."""
    drawn = Table(title="Explored", title_justify="left", header_style="bold")
    for number, heading in enumerate(_HEADINGS):
        drawn.add_column(heading, justify="right" if number else "left")
    for cells in _rows(exploration):
        drawn.add_row(*cells)
    return drawn


def section(exploration: Exploration, *, seconds: float, workers: int) -> str:
    """Write the part of the page."""
    ruler = ("---", *("---:" for _ in _HEADINGS[1:]))
    lines = (_HEADINGS, ruler, *_rows(exploration))
    is_cut = any(cell.left for cells in exploration.cells for cell in cells)
    return _TEXT.format(
        heading=EXPLORED,
        templates=len(TEMPLATES),
        rivals=len(OF_RIVAL),
        minutes=max(1, seconds / 60),
        workers=workers,
        bound="time is what bounds it" if is_cut else "the depth asked for is what bounds it",
        table="\n".join(f"| {' | '.join(cells)} |" for cells in lines),
    )


def story(found: Found) -> Iterator[str]:
    """Tell how something that does not hold is reached: operations, disturbances, calls."""
    yield from found.problems
    state = found.root
    yield f"  When an operation fails, {state.undoing}."
    for number, (operation, plan) in enumerate(found.ways, start=1):
        yield f"  {number}. {operation}: {plan}"
        after = step(state, operation, plan)
        state = after.state
    yield from (f"     {_cut(told)}" for told in after.messages)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} …"


def _rows(exploration: Exploration) -> Iterator[tuple[str, ...]]:
    for number, (column, cells) in enumerate(zip(COLUMNS, exploration.cells, strict=True)):
        for cell in cells:
            # Two operations can't be disturbed where there is only one.
            if cell.transitions or cell.left:
                is_last = exploration.is_exhausted(number, cell)
                yield (column.name, *_numbers(cell, is_last=is_last))


def _numbers(cell: Cell, *, is_last: bool) -> tuple[str, ...]:
    left = "exhausted" if is_last else f"{cell.left:,}"
    return f"{cell.depth}", f"{cell.states:,}", f"{cell.transitions:,}", left
