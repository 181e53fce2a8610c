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

The kernel's decisions are pure, and the state of the world at rest is a value. So small worlds need no sampling:
`make explore` visits them breadth first, and visits equal worlds once.

A world consists of two stacks that want one name, and a person:

* The stack `web` has up to two certificates, in {templates} templates. The stack `shop` has one, in {rivals} templates.
* Each template is deployed over each other one, with and without another resource that fails after each certificate.
  Templates rename, change the path, renew, adopt, stop adopting, move the construct, and exchange a name between two
  constructs.
* Either stack is deleted.
* The person uploads, removes, tags and untags certificates under the name. A certificate of somebody else has forged tags
  of the stack.
* If an operation fails, CloudFormation undoes it by Updates, undoes replacements by a Delete alone, or leaves the stack as
  it is (`--no-rollback`) until it is deleted.

Each operation meets each disturbance above at each of its calls, and lost answers to each of its events. Disturbances that
lead to the same world as another one are left out: tests of a few operations prove which ones do. In addition, the events
of the previous operation are delivered once more at each call. Two worlds that differ only in these events count as one.

After each operation, the six points above hold, and these:

* What was there before the stacks is there until its template drops `adopt_existing` or replaces it.
* The certificate with forged tags is unchanged.
* An operation succeeds if nothing disturbs it and nothing is in its way.
* Delivering its events, or those of the previous operation, once more at rest changes nothing.

These exceptions are allowed:

* After a Delete in a clean-up that failed in all of CloudFormation's three attempts, something of that resource may be
  left until its next undisturbed Update or Delete.
* The same is true after an Update that was disturbed, could not undo its changes, and is not rolled back, or whose rollback
  was disturbed as well. What is left has a name that only that Update's template declares.
* If something happens to a function that CloudFormation no longer waits for, the next Update corrects it.
* A stack that can only be deleted is not compared with its template until it is deleted.
* If a person has removed tags, the certificate matches its template after the next undisturbed Update. Until then, a
  rollback may fail, another stack may adopt the certificate, and leftovers of its own stack are not found.

| column | meaning |
| --- | --- |
| operations | Length of the sequences. |
| worlds | Worlds that no shorter or less disturbed sequence reaches. |
| runs | Operations that were run. |
| not tried | Operations that there was no time for. 0 means that the row is complete. *Exhausted* means that no further operation leads to a new world, so the row holds for sequences of any length. |

This table took {minutes:.0f} minutes on {workers} cores; {bound}.

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
        bound="it is limited by time" if is_cut else "it is limited by the requested depth",
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
