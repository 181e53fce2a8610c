"""Ways are gone by turns, and the first round does not count."""

from __future__ import annotations

from functools import partial

from dev.benchmarks.processes import Measurement
from dev.benchmarks.turns import by_turns, median_seconds


def test_by_turns() -> None:
    """Each round goes every way; what is told of it begins with the second."""
    gone: list[str] = []

    def go(way: str) -> int:
        gone.append(way)
        return len(gone)

    ways = {way: partial(go, way) for way in ("there", "back")}
    assert by_turns(ways, 2) == {"there": [3, 5], "back": [4, 6]}
    assert gone == ["there", "back"] * 3


def test_median_seconds() -> None:
    """One that took long by accident changes nothing."""
    measurements = [Measurement(seconds, 1, "") for seconds in (1.0, 90.0, 2.0)]
    assert median_seconds(measurements) == 2
