"""A share of one CPU, as Lambda gives it to a function with its memory."""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from dev.benchmarks.processes import FailedError, Measurement, measure

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from dev.benchmarks.cold_create import Measure

_PERIOD = 20_000
"""Microseconds: how often the share is dealt out anew."""

_GROUPS, _GROUPS_OF_CPU = Path("/sys/fs/cgroup"), Path("/sys/fs/cgroup/cpu")
"""Where Linux has its control groups, in version 2 and in version 1."""

# It enters the group itself, so that the command begins in it.
_ENTER = ("sh", "-c", 'echo $$ >"$0" && exec "$@"')


@contextmanager
def cpu_share(share: float) -> Iterator[Measure]:
    """
    Yield what measures commands that have no more than a share of one CPU.

    Args:
        share: Up to 1, which is a CPU of its own.

    Raises:
        FailedError: The share cannot be limited here.
    """
    quota = round(share * _PERIOD)
    if _GROUPS_OF_CPU.is_dir():
        parent = _GROUPS_OF_CPU
        limits = {"cpu.cfs_period_us": f"{_PERIOD}", "cpu.cfs_quota_us": f"{quota}"}
    else:
        parent, limits = _GROUPS, {"cpu.max": f"{quota} {_PERIOD}"}
    group = parent / f"benchmarks-{os.getpid()}-{quota}"

    def measure_in_group(command: Sequence[str], environment: Mapping[str, str]) -> Measurement:
        return measure((*_ENTER, str(group / "cgroup.procs"), *command), environment)

    try:
        group.mkdir()
        for name, value in limits.items():
            (group / name).write_text(value, "ascii")
    except OSError as err:
        with suppress(OSError):
            group.rmdir()
        raise FailedError(
            f"A share of a CPU takes a control group of Linux, which root may make: {err}."
        ) from err
    try:
        yield measure_in_group
    finally:
        group.rmdir()
