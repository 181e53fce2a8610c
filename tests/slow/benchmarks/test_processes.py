"""What the benchmarks measure processes with."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from dev.benchmarks import cpu_share as shares
from dev.benchmarks.cpu_share import cpu_share
from dev.benchmarks.processes import FailedError, measure, peak_of_all

if TYPE_CHECKING:
    from pathlib import Path

_MEGABYTES = 1_000_000
_BALLAST = f"b'1' * {80 * _MEGABYTES}"
_FAMILY = f"""
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; a = {_BALLAST}; time.sleep(1)"])
a = {_BALLAST}
child.wait()
"""
_WORK = """
import time
while time.process_time() < 0.2: pass
print(time.process_time())
"""


def test_memory_of_all_processes() -> None:
    """What a command starts counts with it; of a measured process, the largest one counts."""
    family = (sys.executable, "-c", _FAMILY)
    assert 160 * _MEGABYTES < peak_of_all(family) < 220 * _MEGABYTES
    assert 80 * _MEGABYTES < measure(family).peak < 130 * _MEGABYTES


def test_memory_of_a_failure_does_not_count() -> None:
    """A command that fails has no memory to speak of, but an output that says why."""
    with pytest.raises(FailedError, match="ended with 3, not 0:\nwhy"):
        peak_of_all((sys.executable, "-c", "print('why'); raise SystemExit(3)"))


def test_surroundings_of_a_command(tmp_path: Path) -> None:
    """It runs where it is told to, with the environment that it is given, and its output is kept."""
    program = "import os; print(os.getcwd(), os.environ['GREETING'])"
    command = (sys.executable, "-c", program)
    environment = {"GREETING": "hello"}
    assert measure(command, environment, directory=tmp_path).output == f"{tmp_path} hello\n"
    with pytest.raises(FailedError, match="KeyError"):
        measure(command, {})
    assert peak_of_all(command, environment, directory=tmp_path)


@pytest.mark.usefixtures("_cpu_share")
def test_a_share_of_a_cpu() -> None:
    """With a quarter of a CPU, work takes four times as long, and nothing is left behind."""
    parent = next(path for path in (shares._GROUPS_OF_CPU, shares._GROUPS) if path.is_dir())
    before = set(parent.iterdir())
    with cpu_share(0.25) as measured:
        worked = measured((sys.executable, "-c", _WORK), {})
    assert 0.2 < float(worked.output) < 0.3 * worked.seconds
    assert set(parent.iterdir()) == before


def test_version_2_of_control_groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without version 1, the share is written as version 2 has it."""
    monkeypatch.setattr(shares, "_GROUPS_OF_CPU", tmp_path / "cpu")
    monkeypatch.setattr(shares, "_GROUPS", tmp_path)
    with cpu_share(0.25):
        (limit,) = tmp_path.glob("*/cpu.max")
        assert limit.read_text("ascii") == "5000 20000"
        # A control group has no files that could be removed.
        limit.unlink()
    assert not list(tmp_path.iterdir())


def test_where_no_share_can_be_limited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says what is needed."""
    for name in ("_GROUPS_OF_CPU", "_GROUPS"):
        monkeypatch.setattr(shares, name, tmp_path / "nowhere")
    with pytest.raises(FailedError, match="needs a Linux control group"), cpu_share(1):
        pass
