"""The command from start to exit, against the least that a command on certificates needs."""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path

from benchmarks.material import AT, Pool
from benchmarks.processes import COMMAND, REFERENCE, REFERENCE_NAME, measure
from benchmarks.rows import Result, Row, milliseconds
from support.keys import KeyType

_TARGET = 3
_RUNS = 21


def run(*, runs: int = _RUNS) -> Result:
    """
    Measure.

    Args:
        runs: How often each command is run.
    """
    triple = Pool.make(KeyType.RSA, 4).triple(0)
    with tempfile.TemporaryDirectory() as directory:
        certificate, chain, private_key = map(str, triple.write(Path(directory)))
        parts = ["--certificate", certificate, "--chain", chain, "--private-key", private_key]
        check = [COMMAND, "check", *parts, "--at", AT.isoformat()]
        commands = {REFERENCE_NAME: REFERENCE, "check": check, "check --json": [*check, "--json"]}
        for command in commands.values():
            measure(command)  # files that are read for the first time come from the disk
        # By turns, so that whatever else the machine does slows down all of them.
        times: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(runs):
            for name, command in commands.items():
                times[name].append(measure(command).seconds)
    medians = {name: statistics.median(taken) for name, taken in times.items()}
    reference = medians.pop(REFERENCE_NAME)
    return Result(
        title="Start to exit",
        method=(
            f"Median of {runs} runs of each command by turns, output into a pipe, with a leaf and"
            " key RSA 2048 and two intermediates."
        ),
        rows=tuple(
            Row(
                what=f"server-certificate {name}",
                measured=milliseconds(median),
                against=f"{REFERENCE_NAME}: {milliseconds(reference)}",
                ratio=median / reference,
                target=f"at most {_TARGET} times",
                is_met=median <= _TARGET * reference,
            )
            for name, median in medians.items()
        ),
    )
