"""Run the demo the way a person runs it, and look at what it leaves."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dev import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST_SECONDS = 600


@dataclass(frozen=True)
class Run:
    """A demo that has ended."""

    exit_code: int
    output: str
    directory: Path
    """Its temporary directory and its home are in here."""

    def left_files(self) -> list[str]:
        """What it left in its temporary directory and its home."""
        return [str(path) for name in ("tmp", "home") for path in (self.directory / name).iterdir()]

    def left_processes(self) -> list[str]:
        """Processes that have its directory in their environment or command line."""
        if Path("/proc/self/environ").exists():
            return list(_processes_with(str(self.directory)))
        listing = subprocess.run(["/bin/ps", "-Awwo", "args="], capture_output=True, check=True)
        return [
            line for line in listing.stdout.decode().splitlines() if str(self.directory) in line
        ]


@contextmanager
def started(
    directory: Path, *, checkout: Path = ROOT, module: str = "dev.demo"
) -> Iterator[subprocess.Popen[str]]:
    """Start the demo, or another one, with a temporary directory and a home of its own; end it if it still runs."""
    for name in ("tmp", "home"):
        (directory / name).mkdir()
    environment = os.environ | {
        "TMPDIR": str(directory / "tmp"),
        "HOME": str(directory / "home"),
        "PYTHONUNBUFFERED": "1",
    }
    with subprocess.Popen(
        (sys.executable, "-m", module),
        cwd=checkout,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.terminate()


def _processes_with(marker: str) -> Iterator[str]:
    for process in Path("/proc").glob("[0-9]*"):
        try:
            environment = (process / "environ").read_bytes()
            command = (process / "cmdline").read_bytes()
        except OSError:
            continue
        if marker.encode() in environment + command:
            yield command.replace(b"\0", b" ").decode(errors="replace")
