"""
The checks and tests, in two tiers: those for each commit, and everything else.

    python -m dev.tools.tiers test        what each commit must pass, in minutes
    python -m dev.tools.tiers test-all    everything that it leaves out
    python -m dev.tools.tiers test --list    the parts and their commands, without running them

All parts of a tier run, even after a failure, and a table at the end shows the results. An
interruption ends the running parts, with everything that they started.
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
"""The number of sequences of operations that the second tier tries."""

SEARCH_SEED = 20_261
"""The tier tries the same sequences each time, so that a commit doesn't fail for an older bug."""

_GIB = 1024**3

FREE_BYTES = 2 * _GIB
"""The free space that the tests need in the temporary folder: for apps, assets and functions."""

_GRACE_SECONDS = 30
"""The time that an interrupted part has to stop its clouds and remove its folders."""

_PYTHON = (sys.executable, "-m")
_PYTEST = ("--numprocesses=logical", "--dist=loadgroup", "--quiet", "--durations=10")


@dataclass(frozen=True, slots=True)
class Part:
    """One check, or one run of tests."""

    name: str
    command: tuple[str, ...]
    is_aside: bool = False
    """Whether it runs in the background; its output is shown at the end."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a part."""

    part: Part
    passed: bool
    seconds: float


TIERS = {
    "test": (
        Part("lint", ("ruff", "check", "--no-cache", ".")),
        Part("format", ("ruff", "format", "--check", ".")),
        Part("wording", (*_PYTHON, "dev.tools.wording")),
        Part("imports", ("lint-imports",)),
        Part(
            "workflows",
            (
                *("zizmor", "--offline", "--no-progress", "--quiet"),
                *("--strict-collection", "--pedantic", ".github", ".pre-commit-config.yaml"),
            ),
        ),
        Part("types", ("mypy",), is_aside=True),
        Part(
            "tests of the wheels",
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
            "slow tests of the wheels",
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
    """Return whether a part runs pytest."""
    return set(_PYTEST) <= set(part.command)


def main() -> int:
    """Run a tier, or list its parts, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m dev.tools.tiers", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("tier", choices=TIERS)
    parser.add_argument("--list", action="store_true", help="print the parts without running them")
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
    Return a message if the disk is too full for the tests, else None.

    Args:
        free: The free bytes in the temporary folder.
    """
    if free >= FREE_BYTES:
        return None
    return (
        f"The tests need {FREE_BYTES / _GIB:.0f} GiB of disk space in '{tempfile.gettempdir()}', where"
        f" {free / _GIB:.1f} GiB are free: make room, or set TMPDIR to a folder on another disk."
    )


def run(parts: Sequence[Part], interruption: Interruption) -> int:
    """Run all parts, even after a failure, print the results, and return the exit code."""
    began = time.monotonic()
    outcomes: list[Outcome] = []
    running: list[_RunningPart] = []
    # Whatever the tests leave behind is removed with their temporary folder.
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
    """Return a line for each part, and a line with the totals."""
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
    A part, running in its own session.

    Args:
        part: What to run.
        temporary: Its folder for temporary files.
    """

    def __init__(self, part: Part, temporary: str) -> None:
        self.part = part
        self._kept: Any = tempfile.TemporaryFile() if part.is_aside else None  # noqa: SIM115
        self._began = time.monotonic()
        path = os.pathsep.join((str(VENV / "bin"), os.environ.get("PATH", os.defpath)))
        color = {"FORCE_COLOR": "1"} if sys.stdout.isatty() else {}
        self._process = subprocess.Popen(
            part.command,
            cwd=ROOT,
            env={
                **os.environ,
                **color,
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
        """Whether it ran in the background and has ended: its process id may be reused by now."""
        return self.part.is_aside and not self._clock.is_alive()

    def show(self) -> None:
        """Pass on its output until it ends."""
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
        """Wait for its end, and return the result."""
        self._clock.join()
        self._process.communicate()
        return Outcome(self.part, self._process.returncode == 0, self._seconds)

    def end(self) -> None:
        """Interrupt it as a terminal would, and kill it after a while, without a traceback."""
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
