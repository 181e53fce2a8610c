"""Run a command and measure it: wall time and peak memory."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

REFERENCE = (sys.executable, "-c", "import cryptography.x509")
"""The least that any command on certificates in Python needs."""

REFERENCE_NAME = 'python -c "import cryptography.x509"'

COMMAND = str(Path(sys.executable).parent / "server-certificate")
"""The command as it is installed."""

_TIMEOUT = 120

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
    """Octets of memory at the peak."""


def measure(command: Sequence[str], *, exit_code: int = 0) -> Measurement:
    """
    Run a command whose output goes into a pipe.

    Args:
        command: The command.
        exit_code: What it must end with for the measurement to count.

    Raises:
        FailedError: It ended otherwise, or with a traceback.
    """
    launcher = [sys.executable, "-I", "-S", "-c", _LAUNCHER, *command]
    answer = subprocess.run(launcher, check=True, capture_output=True, timeout=_TIMEOUT).stdout
    seconds, peak, code, output = json.loads(answer)
    if code != exit_code or "Traceback" in output:
        raise FailedError(f"{' '.join(command)} ended with {code}, not {exit_code}:\n{output}")
    return Measurement(seconds, peak)
