"""
Try everything that can happen to two stacks that want one name.

    python -m dev.exploration --minutes 30 --write    for this long; writes docs/internals/faults.md
    python -m dev.exploration --quick                 to a depth that takes about a minute
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
import time
from typing import Final

from rich.console import Console

from dev.exploration.report import section, story, table
from dev.exploration.search import COLUMNS, Exploration
from dev.resilience.report import PAGE, with_explored

QUICK: Final = (3, 1, 0, 0)
"""The number of operations in the sequences of each column."""

_SHARES: Final = (0.25, 0.35, 0.5, 1)
"""The share of the remaining time that a column may take."""

_DEEPEST: Final = 99
_MOST_TOLD: Final = 10
_PIPE_WIDTH: Final = 160


def main() -> int:
    """Explore; the exit code is 1 if an invariant is broken."""
    parser = argparse.ArgumentParser(prog="python -m dev.exploration", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    how_far = parser.add_mutually_exclusive_group()
    how_far.add_argument("--minutes", type=float, default=30, help="the time limit. Default: 30")
    how_far.add_argument("--quick", action="store_true", help="explore to a fixed depth instead")
    parser.add_argument(
        "--write", action="store_true", help=f"write into docs/internals/{PAGE.name}"
    )
    chosen = parser.parse_args()
    # The function's log is tested elsewhere.
    logging.disable(logging.CRITICAL)
    console = Console() if sys.stdout.isatty() else Console(width=_PIPE_WIDTH)
    workers = os.cpu_count() or 1
    begin = time.monotonic()
    exploration = Exploration(workers)
    try:
        for number, column in enumerate(COLUMNS):
            left = chosen.minutes * 60 - (time.monotonic() - begin)
            seconds = float("inf") if chosen.quick else _SHARES[number] * left
            depth = QUICK[number] if chosen.quick else _DEEPEST
            exploration.explore(number, depth=depth, seconds=seconds)
            console.print(f"{column.name}: {time.monotonic() - begin:.0f} seconds so far")
    finally:
        exploration.close()
    console.print(table(exploration))
    for found in exploration.shortest()[:_MOST_TOLD]:
        console.print("\n".join(story(found)), markup=False)
    if chosen.write:
        written = section(exploration, seconds=time.monotonic() - begin, workers=workers)
        PAGE.write_text(with_explored(PAGE.read_text("utf-8"), written), encoding="utf-8")
    console.print(f"{len(exploration.found):,} found.")
    return 1 if exploration.found else 0


if __name__ == "__main__":
    sys.exit(main())
