"""Run the benchmarks and print one table: `python -m dev.benchmarks [--write] [NAME …]`."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from rich.console import Console

from dev.benchmarks import (
    calls,
    cdk_synth,
    checking,
    cold_start,
    hostile,
    many_certificates,
    memory,
    renewal,
    start_up,
    synth,
)
from dev.benchmarks.processes import FailedError
from dev.benchmarks.report import PAGE, page, table

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dev.benchmarks.rows import Result

BENCHMARKS: dict[str, Callable[[], Result]] = {
    "checking": checking.run,
    "start-up": start_up.run,
    "hostile": hostile.run,
    "synth": synth.run,
    "cdk-synth": cdk_synth.run,
    "calls": calls.run,
    "many-certificates": many_certificates.run,
    "renewal": renewal.run,
    "cold-start": cold_start.run,
    "memory": memory.run,
}

_PIPE_WIDTH = 160


def main(arguments: Sequence[str] | None = None) -> int:
    """
    Run the chosen benchmarks.

    Returns:
        The exit code: 1 if a target is missed or something can't be measured.
    """
    parser = argparse.ArgumentParser(
        prog="python -m dev.benchmarks", description="Measure the checks and the function."
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHMARKS)}")
    parser.add_argument(
        "--write", action="store_true", help=f"write docs/internals/{PAGE.name}, of all"
    )
    chosen = parser.parse_args(arguments)
    if unknown := [name for name in chosen.names if name not in BENCHMARKS]:
        parser.error(f"there is no benchmark {unknown[0]!r}; choose from {', '.join(BENCHMARKS)}")
    if chosen.write and chosen.names:
        parser.error("--write needs all benchmarks: leave out their names")
    progress = Console(stderr=True)
    results = []
    is_complete = True
    for name in chosen.names or BENCHMARKS:
        progress.print(f"{name} …", style="dim")
        try:
            results.append(BENCHMARKS[name]())
        except FailedError as err:
            is_complete = False
            progress.print(f"{name}: {err}", style="red", markup=False)
    Console(width=None if sys.stdout.isatty() else _PIPE_WIDTH).print(table(results))
    if chosen.write and is_complete:
        PAGE.write_text(page(results), encoding="utf-8")
    are_met = all(row.is_met for result in results for row in result.rows)
    return 0 if is_complete and are_met else 1


if __name__ == "__main__":
    sys.exit(main())
