"""Run the fault table in several processes."""

from __future__ import annotations

import multiprocessing
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dev.resilience.fault_table import Outcome


def sweep_all(*, workers: int) -> Iterator[list[Outcome]]:
    """
    Yield the outcomes of one scenario after the other.

    Args:
        workers: Processes.
    """
    # Imported where it runs: it makes the function's sandboxes.
    from dev.resilience.fault_table import SCENARIOS  # noqa: PLC0415

    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        yield from pool.imap(_sweep, range(len(SCENARIOS)))


def _sweep(number: int) -> list[Outcome]:
    from dev.resilience.fault_table import SCENARIOS, sweep  # noqa: PLC0415

    return sweep(SCENARIOS[number : number + 1])
