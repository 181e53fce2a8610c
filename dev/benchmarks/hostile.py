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
            "`server-certificate check`, or `inspect` where the row says so, each in its own "
            f"process, with output to a pipe. Median time of {runs} runs, with the peak memory of "
            "that run. Files have the largest size that is read, 4 MiB, unless a smaller one is "
            "worse. Inputs that cause as much key derivation as is done have a limit of 3 s."
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
