"""Whether mutants are noticed, tried with tests of an example."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from dev import ROOT

if TYPE_CHECKING:
    from pathlib import Path

SUBJECT = """
def count(numbers: list[int], most: int) -> int:
    left = list(numbers)
    left.sort()
    number = 0
    while left:
        left.pop()
        number += 1
    return number if number < most else most
"""
TESTS = """
from subject import count

def test_counts():
    assert count([5, 6], 9) == 2
"""
_TOO_LONG = 60
"""Seconds that nothing takes that was interrupted."""

SCRIPT = """
import signal
import sys
from pathlib import Path
from dev.mutants.report import survivors
from dev.mutants.trial import Trial, UntestableError, try_out

# What runs in the background of a shell ignores the signal, and so does what it starts.
signal.signal(signal.SIGINT, signal.default_int_handler)
folder = sys.argv[1]
trial = Trial(
    {"subject": Path(folder, "subject.py")},
    2,
    lambda name, verdicts, _: print(survivors(name, verdicts)),
)
try:
    try_out(trial, [folder, "--rootdir", folder, "-c", f"{folder}/pytest.ini"])
except UntestableError as err:
    print(err)
except KeyboardInterrupt:
    print("interrupted")
"""


def start(folder: Path, tests: str = TESTS) -> subprocess.Popen[str]:
    """Try the mutants of the example with tests."""
    folder.joinpath("subject.py").write_text(SUBJECT, encoding="utf-8")
    folder.joinpath("test_subject.py").write_text(tests, encoding="utf-8")
    folder.joinpath("pytest.ini").write_text(
        "[pytest]\npythonpath = .\naddopts = --import-mode=importlib\n", encoding="utf-8"
    )
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(folder)],
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(folder)},
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return what is told of the example."""
    with start(tmp_path_factory.mktemp("example")) as process:
        return process.communicate()[0]


def test_what_a_test_notices_is_killed(told: str) -> None:
    """A mutant with which a test fails is not listed."""
    assert "number += 1" not in told
    assert "`left`: always False" not in told


def test_what_no_test_notices_survives(told: str) -> None:
    """A mutant with which all tests pass is listed, with whether any could have noticed."""
    assert told == (
        "subject.py:4  deleted\n    left.sort()\n"
        "subject.py:9  `number < most`: always True (no test sees the difference)\n"
        "    return number if number < most else most\n"
        "subject: 2 of 9 mutants survive\n"
    )


def test_an_endless_loop_is_killed(told: str) -> None:
    """A mutant that never ends is ended, and is not listed."""
    assert "left.pop()" not in told


def test_tests_that_fail_anyway_tell_nothing(tmp_path: Path) -> None:
    """A test that fails without any mutant is named, and no mutant is tried."""
    with start(tmp_path, f"{TESTS}\ndef test_fails():\n    assert False\n") as process:
        told = process.communicate()[0]
    assert "These tests fail without a mutant: test_subject.py::test_fails\n" in told
    assert "survive" not in told


def test_interrupting_leaves_nothing(tmp_path: Path) -> None:
    """Ctrl-C while mutants are tried ends it at once, and no file of the tests is left."""
    # With a mutant, in a process of its own, the test would take long, so that it is surely under way.
    slow = (
        "import os, time\nfrom pathlib import Path\nFIRST = os.getpid()\n"
        f"{TESTS}    if os.getpid() != FIRST:\n"
        f"        Path({str(tmp_path)!r}, 'tried').touch()\n"
        f"        time.sleep({_TOO_LONG})\n"
    )
    with start(tmp_path, slow) as process:
        while not tmp_path.joinpath("tried").exists():
            assert process.poll() is None, "it ended before a mutant was tried"
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        told = process.communicate(timeout=_TOO_LONG / 2)[0]
    assert told.endswith("interrupted\n")
    assert {each.name for each in tmp_path.iterdir()} - {"__pycache__"} == {
        "tried",
        "pytest.ini",
        "subject.py",
        "test_subject.py",
    }
