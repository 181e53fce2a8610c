"""A share of one CPU, like the one that Lambda gives to a function with its memory."""

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
"""The period of the share, in microseconds."""

_GROUPS, _GROUPS_OF_CPU = Path("/sys/fs/cgroup"), Path("/sys/fs/cgroup/cpu")
"""The folders of Linux control groups, version 2 and version 1."""

# It joins the group itself, so that the command starts in it.
_ENTER = ("sh", "-c", 'echo $$ >"$0" && exec "$@"')


@contextmanager
def cpu_share(share: float) -> Iterator[Measure]:
    """
    Yield a function that measures commands with a share of one CPU.

    Args:
        share: At most 1, which is a whole CPU.

    Raises:
        FailedError: The share can't be limited here.
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
            f"Limiting the CPU needs a Linux control group, which only root can create: {err}."
        ) from err
    try:
        yield measure_in_group
    finally:
        group.rmdir()
