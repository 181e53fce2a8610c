"""
The checks and tests in two tiers: those of each commit, and everything else.

    python -m dev.tools.tiers test        what each commit must pass, in minutes
    python -m dev.tools.tiers test-all    all that it leaves out
    python -m dev.tools.tiers test --list    the parts and their commands, without running them

All parts of a tier run, whatever fails, and a table at the end shows how each of them went. An
interruption ends the parts that run, with everything that they started.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dev import ROOT
from dev.tools.installers import VENV
from dev.tools.interruption import InterruptedBySignalError, Interruption

if TYPE_CHECKING:
    from collections.abc import Sequence

SEARCHED_SEQUENCES = 2_000
"""Sequences of operations that each run of the second tier tries."""

SEARCH_SEED = 20_261
"""The tier tries the same sequences each time: no commit fails for what another one broke."""

_GIB = 1024**3

FREE_BYTES = 2 * _GIB
"""What the tests need of the temporary folder: apps, assets, and clouds with the code of functions."""

_GRACE_SECONDS = 30
"""What an interrupted part has for stopping its clouds and for removing its folders."""

_PYTHON = (sys.executable, "-m")
_PYTEST = ("--numprocesses=logical", "--dist=loadgroup", "--quiet", "--durations=10")


@dataclass(frozen=True, slots=True)
class Part:
    """One check, or one run of tests."""

    name: str
    command: tuple[str, ...]
    is_aside: bool = False
    """Whether it runs beside those after it; its output is shown when they are done."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a part went."""

    part: Part
    passed: bool
    seconds: float


TIERS = {
    "test": (
        Part("lint", ("ruff", "check", "--no-cache", ".")),
        Part("format", ("ruff", "format", "--check", ".")),
        Part("imports", ("lint-imports",)),
        Part("types", ("mypy",), is_aside=True),
        Part(
            "tests of the wheel",
            (
                *_PYTHON,
                "dev.tools.shipped",
                *_PYTEST,
                "--cov",
                "--cov-report=",
                "--ignore=tests/slow",
                "tests",
            ),
        ),
    ),
    "test-all": (
        Part(
            "slow tests of the wheel",
            (*_PYTHON, "dev.tools.shipped", *_PYTEST, "tests/slow"),
        ),
        Part(
            "tests of the checkout",
            (*_PYTHON, "pytest", *_PYTEST, "-m", "checkout"),
        ),
        Part("faults", (*_PYTHON, "dev.resilience", "faults")),
        Part("exploration", (*_PYTHON, "dev.exploration", "--quick")),
        Part(
            "search",
            (
                *(*_PYTHON, "dev.resilience", "search"),
                *("--sequences", str(SEARCHED_SEQUENCES), "--seed", str(SEARCH_SEED)),
            ),
        ),
    ),
}


def is_test_run(part: Part) -> bool:
    """Return whether a part runs tests by pytest."""
    return set(_PYTEST) <= set(part.command)


def main() -> int:
    """Run a tier, or list its parts; the exit code tells whether all of them passed."""
    parser = argparse.ArgumentParser(prog="python -m dev.tools.tiers", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("tier", choices=TIERS)
    parser.add_argument("--list", action="store_true", help="show the parts and run none of them")
    chosen = parser.parse_args()
    parts = TIERS[chosen.tier]
    if chosen.list:
        sys.stdout.writelines(f"{part.name}: {shlex.join(part.command)}\n" for part in parts)
        return 0
    if problem := missing_room(shutil.disk_usage(tempfile.gettempdir()).free):
        sys.stderr.write(f"{problem}\n")
        return 1
    with Interruption() as interruption:
        return run(parts, interruption)


def missing_room(free: int) -> str | None:
    """
    Return what to do about a disk that is too full for the tests; None if it isn't.

    Args:
        free: Bytes that are free in the temporary folder.
    """
    if free >= FREE_BYTES:
        return None
    return (
        f"The tests need {FREE_BYTES / _GIB:.0f} GiB of disk in '{tempfile.gettempdir()}', where"
        f" {free / _GIB:.1f} GiB are free: make room, or set TMPDIR to a folder on another disk."
    )


def run(parts: Sequence[Part], interruption: Interruption) -> int:
    """Run all parts, whatever fails, print how each went, and return the exit code."""
    began = time.monotonic()
    outcomes: list[Outcome] = []
    running: list[_RunningPart] = []
    # Whatever the tests leave in their temporary folder goes with it.
    temporary = tempfile.TemporaryDirectory(prefix="tests-", ignore_cleanup_errors=True)
    try:
        for part in parts:
            with interruption.held():
                running.append(_RunningPart(part, temporary.name))
            if not part.is_aside:
                _finish(running, outcomes, interruption)
        while running:
            _finish(running, outcomes, interruption)
    except InterruptedBySignalError as stop:
        unfinished = [each for each in running if not each.ended_aside]
        names = " and ".join(repr(each.part.name) for each in unfinished)
        for each in unfinished:
            each.end()
        sys.stderr.write(f"\nStopped by {stop}, in {names}; nothing is left running.\n")
        return stop.exit_code
    finally:
        temporary.cleanup()
    sys.stdout.write(report(outcomes, time.monotonic() - began))
    return 0 if all(outcome.passed for outcome in outcomes) else 1


def report(outcomes: Sequence[Outcome], seconds: float) -> str:
    """Return a line for each part, and one that counts them."""
    width = max(len(outcome.part.name) for outcome in outcomes)
    lines = [
        f"{each.part.name:{width}}  {'passed' if each.passed else 'FAILED'}  {each.seconds:7.1f} s"
        for each in outcomes
    ]
    failed = sum(not outcome.passed for outcome in outcomes)
    counted = f"{len(outcomes) - failed} passed, {failed} failed"
    return "\n".join(("", *lines, f"all {len(outcomes)} parts in {seconds:.0f} s:", counted, ""))


class _RunningPart:
    """
    A part in a session of its own.

    Args:
        part: What to run.
        temporary: Its folder for temporary files.
    """

    def __init__(self, part: Part, temporary: str) -> None:
        self.part = part
        self._kept: Any = tempfile.TemporaryFile() if part.is_aside else None  # noqa: SIM115
        self._began = time.monotonic()
        path = os.pathsep.join((str(VENV / "bin"), os.environ.get("PATH", os.defpath)))
        colour = {"FORCE_COLOR": "1"} if sys.stdout.isatty() else {}
        self._process = subprocess.Popen(
            part.command,
            cwd=ROOT,
            env={
                **os.environ,
                **colour,
                "PATH": path,
                "PYTHONUNBUFFERED": "1",
                "TMPDIR": temporary,
            },
            stdin=subprocess.DEVNULL,
            stdout=self._kept or subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._clock = threading.Thread(target=self._note_end, daemon=True)
        self._clock.start()

    @property
    def ended_aside(self) -> bool:
        """Whether it ran beside others and has ended: its process id may be another's by now."""
        return self.part.is_aside and not self._clock.is_alive()

    def show(self) -> None:
        """Pass on what it says, until it ends."""
        sys.stdout.write(f"\n== {self.part.name}: {shlex.join(self.part.command)}\n")
        sys.stdout.flush()
        if self._kept:
            self._process.wait()
            with self._kept as kept:
                kept.seek(0)
                shutil.copyfileobj(kept, sys.stdout.buffer)
        else:
            said: Any = self._process.stdout
            while chunk := said.read1():
                sys.stdout.buffer.write(chunk)
                sys.stdout.buffer.flush()

    def outcome(self) -> Outcome:
        """Return how it went, once it has ended."""
        self._clock.join()
        self._process.communicate()
        return Outcome(self.part, self._process.returncode == 0, self._seconds)

    def end(self) -> None:
        """Ask for an end as a terminal would, insist after a while, and pass on no traceback."""
        for number in (signal.SIGINT, signal.SIGKILL):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.communicate(timeout=_GRACE_SECONDS)

    def _note_end(self) -> None:
        self._process.wait()
        self._seconds = time.monotonic() - self._began


def _finish(
    running: list[_RunningPart], outcomes: list[Outcome], interruption: Interruption
) -> None:
    """Wait for the part that was started last."""
    part = running[-1]
    with interruption.allowed():
        part.show()
    outcomes.append(part.outcome())
    running.pop()


if __name__ == "__main__":
    sys.exit(main())
