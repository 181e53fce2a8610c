"""Several ways to do something, measured in turn."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from dev.benchmarks.processes import Measurement

Name = TypeVar("Name")
Measured = TypeVar("Measured")


def by_turns(
    ways: Mapping[Name, Callable[[], Measured]], rounds: int
) -> dict[Name, list[Measured]]:
    """
    Measure each way in every round, so that other load on the machine slows down all of them.

    A first round, which reads the files for the first time, doesn't count.

    Args:
        ways: The measuring functions, by name.
        rounds: The number of rounds that count.
    """
    for way in ways.values():
        way()
    measured: dict[Name, list[Measured]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            measured[name].append(way())
    return measured


def median_seconds(measurements: Iterable[Measurement]) -> float:
    """Return the median of the times."""
    return statistics.median(each.seconds for each in measurements)
