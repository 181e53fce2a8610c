"""
Try what happens when anything fails.

    python -m dev.resilience faults [--write]          every operation, call and disturbance
    python -m dev.resilience search --sequences 2000   random sequences of them
"""

from __future__ import annotations

import argparse
import os
import random
import sys
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from dev.resilience.report import (
    PAGE,
    by_disturbance,
    by_operation,
    page,
    table,
    total,
    with_explored,
)
from dev.resilience.searching import LONGEST, SHORTEST, search
from dev.resilience.sweeping import sweep_all

if TYPE_CHECKING:
    from dev.resilience.fault_table import Outcome

_PIPE_WIDTH = 160
_MOST_TOLD = 20


def main() -> int:
    """Run the command; the exit code is 1 if an invariant is broken."""
    parser = argparse.ArgumentParser(
        prog="python -m dev.resilience", description="Try what happens when anything fails."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    faults = commands.add_parser("faults", help="disturb every call of every operation")
    faults.add_argument("--write", action="store_true", help=f"write docs/internals/{PAGE.name}")
    searching = commands.add_parser("search", help="random sequences")
    searching.add_argument(
        "--sequences", type=int, default=2000, help="the number of sequences. Default: 2000"
    )
    searching.add_argument("--seed", type=int, help="the random seed. Default: another each time")
    chosen = parser.parse_args()
    console = Console() if sys.stdout.isatty() else Console(width=_PIPE_WIDTH)
    if chosen.command == "faults":
        return _faults(console, write=chosen.write)
    seed = random.randrange(10**6) if chosen.seed is None else chosen.seed  # noqa: S311 (no secret)
    return _search(console, chosen.sequences, seed)


def _faults(console: Console, *, write: bool) -> int:
    outcomes: list[Outcome] = []
    for of_scenario in sweep_all(workers=_workers()):
        console.print(f"{of_scenario[0].case.scenario.name}: {len(of_scenario)} cases")
        outcomes += of_scenario
    console.print(table("By operation", by_operation(outcomes)))
    console.print(table("By disturbance", [*by_disturbance(outcomes), total(outcomes)]))
    failed = [outcome for outcome in outcomes if outcome.problems]
    for outcome in failed[:_MOST_TOLD]:
        case = outcome.case
        console.print(f"[red]{case.scenario.name}[/]: {case.what} at {case.where}")
        for problem in outcome.problems:
            console.print(f"    {problem}")
    if write:
        written = page(outcomes, steps=f"{SHORTEST} to {LONGEST}")
        PAGE.write_text(with_explored(written), encoding="utf-8")
    return 1 if failed else 0


def _search(console: Console, sequences: int, seed: int) -> int:
    console.print(f"seed {seed}")
    found = search(sequences=sequences, workers=_workers(), first_seed=seed)
    tallied = Table(title=f"{found.seconds:.0f} seconds", title_justify="left", show_header=False)
    for what, number in found.tally.items():
        tallied.add_row(what, f"{number:,}")
    console.print(tallied)
    if found.counterexample is None:
        console.print("No sequence broke an invariant.")
        return 0
    console.print(found.counterexample, markup=False)
    return 1


def _workers() -> int:
    return os.cpu_count() or 1


if __name__ == "__main__":
    sys.exit(main())
