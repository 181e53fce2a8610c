"""The command on the largest input: time and memory."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from dev.benchmarks.hostile_inputs import hostile_inputs
from dev.benchmarks.processes import COMMAND, REFERENCE, REFERENCE_NAME, Measurement, measure
from dev.benchmarks.rows import Result, Row, megabytes, milliseconds

if TYPE_CHECKING:
    from dev.benchmarks.hostile_inputs import HostileInput

_OCTETS = 150_000_000
_RUNS = 3


def run(*, scale: float = 1, runs: int = _RUNS) -> Result:
    """
    Measure.

    Args:
        scale: The factor for all sizes.
        runs: How often each is measured; the median time counts.
    """
    with tempfile.TemporaryDirectory() as directory:
        rows: list[Row] = []
        for hostile in hostile_inputs(Path(directory), scale):
            taken: list[Measurement] = []
            references: list[Measurement] = []
            for _ in range(runs):
                taken.append(measure([COMMAND, *hostile.arguments], exit_code=hostile.exit_code))
                references.append(measure(REFERENCE))
            rows += _rows(hostile, _median(taken), _median(references))
    return Result(
        title="Hostile input",
        method=(
            "`server-certificate check`, or `inspect` where that is said, one process each, output into"
            f" a pipe; median in time of {runs} runs, with the memory at the peak of that run. Files"
            " are as large as they are read, 4 MiB, unless less of it is worse. What derives keys as"
            " long as any is derived has 3 s."
        ),
        rows=tuple(rows),
    )


def _median(measurements: list[Measurement]) -> Measurement:
    return sorted(measurements, key=lambda one: one.seconds)[len(measurements) // 2]


def _rows(hostile: HostileInput, taken: Measurement, reference: Measurement) -> tuple[Row, Row]:
    return (
        Row(
            what=f"{hostile.what}: time",
            measured=milliseconds(taken.seconds),
            against=f"{REFERENCE_NAME}: {milliseconds(reference.seconds)}",
            ratio=taken.seconds / reference.seconds,
            target=f"under {hostile.seconds} s",
            is_met=taken.seconds < hostile.seconds,
        ),
        Row(
            what=f"{hostile.what}: memory",
            measured=megabytes(taken.peak),
            against=f"{REFERENCE_NAME}: {megabytes(reference.peak)}",
            ratio=taken.peak / reference.peak,
            target=f"under {megabytes(_OCTETS)}",
            is_met=taken.peak < _OCTETS,
        ),
    )
