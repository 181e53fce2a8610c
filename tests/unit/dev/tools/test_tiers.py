"""A tier runs all of its parts, tells how each went, and can be interrupted."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from dev import ROOT
from dev.tools.interruption import Interruption
from dev.tools.list_tests import lost
from dev.tools.tiers import FREE_BYTES, TIERS, Part, missing_room, run
from support.waiting import wait_for

PASSING = Part("passing", (sys.executable, "-c", "pass"))
FAILING = Part("failing", (sys.executable, "-c", "raise SystemExit(3)"))

INTERRUPTED = """
import sys
from dev.tools.interruption import Interruption
from dev.tools.tiers import Part, run

asleep = "import os, time; print(os.getpid(), flush=True); time.sleep(600)"
stubborn = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN); " + asleep
child = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {stubborn!r}])"
ended = f"import os; open({sys.argv[1]!r}, 'x').write(str(os.getpid()))"
parts = [
    Part("ended", (sys.executable, "-c", ended), is_aside=True),
    Part("gone", (sys.executable, "-c", GONE, sys.argv[1])),
    Part("aside", (sys.executable, "-c", child), is_aside=True),
    Part("asleep", (sys.executable, "-c", child)),
]
with Interruption() as interruption:
    sys.exit(run(parts, interruption))
"""

GONE = """
import os, pathlib, sys, time
file = pathlib.Path(sys.argv[1])
while True:
    time.sleep(0.01)
    try:
        os.kill(int(file.read_text() or os.getpid()), 0)
    except FileNotFoundError:
        pass
    except ProcessLookupError:
        break
"""
"""Ends when the process has, whose id is in a file."""

ASIDE = """
import os, sys, time
print("aside says this", flush=True)
while not os.path.exists(sys.argv[1]):
    time.sleep(0.01)
"""


def test_a_failure_keeps_no_part_from_running(capfd: pytest.CaptureFixture[str]) -> None:
    """What follows a failed part runs, and the report has a line for each, in order."""
    with Interruption() as interruption:
        assert run([PASSING, FAILING, PASSING], interruption) == 1
    told = capfd.readouterr().out
    assert [line.split()[:2] for line in told.splitlines()[-5:-2]] == [
        ["passing", "passed"],
        ["failing", "FAILED"],
        ["passing", "passed"],
    ]
    assert told.endswith("\n2 passed, 1 failed\n")


def test_a_tier_passes_if_all_parts_do() -> None:
    """The exit code is that of success."""
    with Interruption() as interruption:
        assert run([PASSING, PASSING], interruption) == 0


def test_a_part_aside_runs_beside_the_others(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """It ends by what the part after it does, and its output comes when all others are done."""
    done = str(tmp_path / "done")
    parts = [
        Part("aside", (sys.executable, "-c", ASIDE, done), is_aside=True),
        Part("writing", (sys.executable, "-c", f"print('written'); open({done!r}, 'w')")),
        FAILING,
    ]
    with Interruption() as interruption:
        assert run(parts, interruption) == 1
    told = capfd.readouterr().out
    assert told.index("written") < told.index("== failing") < told.index("aside says this")
    assert told.endswith("\n2 passed, 1 failed\n")


def test_nothing_temporary_is_left(capfd: pytest.CaptureFixture[str]) -> None:
    """What a part leaves among the temporary files is gone when the tier ends."""
    leaving = "import tempfile; print('left', tempfile.mkdtemp())"
    with Interruption() as interruption:
        assert run([Part("leaving", (sys.executable, "-c", leaving))], interruption) == 0
    (left,) = [line for line in capfd.readouterr().out.splitlines() if line.startswith("left ")]
    assert not Path(left.removeprefix("left ")).parent.exists()


def test_a_full_disk_is_told_before_anything_runs() -> None:
    """One sentence says how much is needed, where, and what to do."""
    assert missing_room(FREE_BYTES) is None
    told = missing_room(FREE_BYTES - 1)
    assert told is not None
    assert "2 GiB" in told
    assert "TMPDIR" in told
    assert "\n" not in told


@pytest.mark.parametrize(("number", "exit_code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interruption_ends_all_that_was_started(
    number: signal.Signals, exit_code: int, tmp_path: Path
) -> None:
    """Children that ignore Ctrl-C end, too; one sentence says so, with the exit code of a shell."""
    program = tmp_path / "interrupted.py"
    program.write_text(f"GONE = {GONE!r}\n{QUICKLY}{INTERRUPTED}")
    with subprocess.Popen(
        [sys.executable, program, tmp_path / "ended"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        lines = iter(process.stdout.readline, "")
        grandchild = int(next(line for line in lines if line.strip().isdigit()))
        process.send_signal(number)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == exit_code
    assert errors.strip().splitlines()[-1] == (
        f"Stopped by {number.name}, in 'aside' and 'asleep'; nothing is left running."
    )
    wait_for(lambda: is_gone(grandchild))


def is_gone(pid: int) -> bool:
    """Return whether a process has ended, and its parent knows."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


QUICKLY = "import dev.tools.tiers\ndev.tools.tiers._GRACE_SECONDS = 1\n"
"""What ignores Ctrl-C is killed after half a minute; not in a test."""


def test_parts_have_unique_names() -> None:
    """The parts of both tiers have different names in the report."""
    names = [part.name for parts in TIERS.values() for part in parts]
    assert len(set(names)) == len(names)


def test_a_test_that_is_lost_is_named() -> None:
    """A test that is gone, or that has fewer cases, is reported; a test that moved is not."""
    former = ["a.py::test_one", "a.py::test_two[x]", "b.py::test_one", ""]
    assert lost(former, ["c.py::test_two[x]", "c.py::test_one", "d.py::test_new"]) == ["test_one"]
    assert lost(former, [*former, "d.py::test_new"]) == []
