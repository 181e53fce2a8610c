"""The command from start to exit, compared with the minimum of a command on certificates."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path

from dev.benchmarks.processes import COMMAND, REFERENCE, REFERENCE_NAME, measure
from dev.benchmarks.rows import Result, Row, milliseconds
from dev.benchmarks.turns import by_turns, median_seconds
from dev.certificates.authority import NOW
from dev.certificates.keys import KeyType
from dev.certificates.pool import Pool

_TARGET = 2.5
_RUNS = 21


def run(*, runs: int = _RUNS) -> Result:
    """
    Measure.

    Args:
        runs: How often each command is run.
    """
    leaf = Pool.make(KeyType.RSA, 4).leaf(0)
    with tempfile.TemporaryDirectory() as directory:
        files = leaf.write_with_key(Path(directory), root=False)
        certificate, chain, private_key = map(str, files)
        parts = ["--certificate", certificate, "--chain", chain, "--private-key", private_key]
        check = [COMMAND, "check", *parts, "--at", NOW.isoformat()]
        commands = {REFERENCE_NAME: REFERENCE, "check": check, "check --json": [*check, "--json"]}
        ways = {name: partial(measure, command) for name, command in commands.items()}
        measured = by_turns(ways, runs)
    medians = {name: median_seconds(measurements) for name, measurements in measured.items()}
    reference = medians.pop(REFERENCE_NAME)
    return Result(
        title="Start to exit",
        method=(
            f"Median of {runs} runs of each command, in turn, with output to a pipe, an RSA 2048 "
            "leaf with its key, and two intermediates."
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
