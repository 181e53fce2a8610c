"""Run the fault table in several processes."""

from __future__ import annotations

import multiprocessing
from typing import TYPE_CHECKING

from dev.resilience.fault_table import sweep
from dev.resilience.scenarios import SCENARIOS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dev.resilience.fault_table import Outcome


def sweep_all(*, workers: int) -> Iterator[list[Outcome]]:
    """
    Yield the outcomes, scenario by scenario.

    Args:
        workers: The number of processes.
    """
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        yield from pool.imap(_sweep, range(len(SCENARIOS)))


def _sweep(number: int) -> list[Outcome]:
    return list(sweep(SCENARIOS[number]))
