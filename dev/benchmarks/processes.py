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
"""The minimum of any command on certificates in Python."""

REFERENCE_NAME = 'python -c "import cryptography.x509"'

COMMAND = str(Path(sys.executable).parent / "server-certificate")
"""The command as it is installed."""

_TIMEOUT = 120
_PAUSE = 0.01

# Until it has started, a process counts its parent's memory. So a small process starts the command, not
# this one, which may have a hundred megabytes.
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
    """The measured command didn't do what it must."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """One run of a command."""

    seconds: float
    """The time from start to exit."""

    peak: int
    """The peak memory of its largest process, in octets."""

    output: str = ""
    """Its output, or the beginning of it."""


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
        exit_code: The expected exit code.

    Raises:
        FailedError: It ended with another exit code, or with a traceback.
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
    Run a command and return the peak memory of all its processes, in octets.

    Their memory is added up about fifty times a second. Shared memory is counted once if the system
    supports that (Linux: proportional set size), otherwise in each process. Sampling takes time, so
    the command's own time is measured without it.

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
        # It has ended meanwhile.
        return 0
    octets: int = getattr(memory, "pss", memory.rss)
    return octets


def _check(command: Sequence[str], code: int, output: str, exit_code: int) -> None:
    if code != exit_code or "Traceback" in output:
        raise FailedError(f"{' '.join(command)} ended with {code}, not {exit_code}:\n{output}")
