"""Run a command and measure it: wall time and peak memory, of itself or of all that it starts."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

REFERENCE = (sys.executable, "-c", "import cryptography.x509")
"""The least that any command on certificates in Python needs."""

REFERENCE_NAME = 'python -c "import cryptography.x509"'

COMMAND = str(Path(sys.executable).parent / "server-certificate")
"""The command as it is installed."""

_TIMEOUT = 120
_PAUSE = 0.01

# A process counts the memory of the one that started it until it has begun itself: so a small one
# starts the command, and not this one, which may hold a hundred megabytes of material.
_LAUNCHER = """
import json, resource, subprocess, sys, time
start = time.perf_counter()
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
output, _ = process.communicate()
seconds = time.perf_counter() - start
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
peak *= 1 if sys.platform == "darwin" else 1024
output = output[:100_000].decode("utf-8", "replace")
print(json.dumps([seconds, peak, process.returncode, output]))
"""


class FailedError(RuntimeError):
    """What was to be measured did not do what it should."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """One run of a command."""

    seconds: float
    """From start to exit."""

    peak: int
    """Octets of memory at the peak, of the largest of its processes."""

    output: str = ""
    """What it printed, or the begin of it."""


def measure(
    command: Sequence[str],
    environment: Mapping[str, str] | None = None,
    *,
    directory: Path | None = None,
    exit_code: int = 0,
) -> Measurement:
    """
    Run a command whose output goes into a pipe.

    Args:
        command: The command.
        environment: Its environment. Default: that of this process.
        directory: Where it runs. Default: where this process does.
        exit_code: What it must end with for the measurement to count.

    Raises:
        FailedError: It ended otherwise, or with a traceback.
    """
    launcher = [sys.executable, "-I", "-S", "-c", _LAUNCHER, *command]
    answer = subprocess.run(
        launcher, check=True, capture_output=True, timeout=_TIMEOUT, env=environment, cwd=directory
    ).stdout
    seconds, peak, code, output = json.loads(answer)
    _check(command, code, output, exit_code)
    return Measurement(seconds, peak, output)


def peak_of_all(
    command: Sequence[str],
    environment: Mapping[str, str] | None = None,
    *,
    directory: Path | None = None,
) -> int:
    """
    Run a command and return the peak of the memory of all processes that it starts, in octets.

    Their memory is added up some fifty times a second. What several of them share is counted once
    where the system tells how many do (Linux: proportional set size), and else in each. Looking
    takes time, so the command's own time is measured without.

    Args:
        command: The command.
        environment: Its environment. Default: that of this process.
        directory: Where it runs. Default: where this process does.

    Raises:
        FailedError: It failed, or ended with a traceback.
    """
    peak, deadline = 0, time.monotonic() + _TIMEOUT
    with (
        tempfile.TemporaryFile() as output,
        subprocess.Popen(
            command, stdout=output, stderr=subprocess.STDOUT, env=environment, cwd=directory
        ) as process,
    ):
        root = psutil.Process(process.pid)
        while process.poll() is None:
            peak = max(peak, _memory_of_all(root))
            if time.monotonic() > deadline:
                process.kill()
            time.sleep(_PAUSE)
        output.seek(0)
        _check(command, process.returncode, output.read().decode(errors="replace"), 0)
    return peak


def _memory_of_all(root: psutil.Process) -> int:
    try:
        return sum(map(_memory, (root, *root.children(recursive=True))))
    except psutil.NoSuchProcess:
        return 0


def _memory(process: psutil.Process) -> int:
    try:
        memory = process.memory_full_info()
    except psutil.NoSuchProcess:
        # It has ended since it was found.
        return 0
    octets: int = getattr(memory, "pss", memory.rss)
    return octets


def _check(command: Sequence[str], code: int, output: str, exit_code: int) -> None:
    if code != exit_code or "Traceback" in output:
        raise FailedError(f"{' '.join(command)} ended with {code}, not {exit_code}:\n{output}")
