"""Node.js functions: which Node.js runs them, and what they miss of Lambda's runtimes."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ministack.core import lambda_runtime

from local_cloud import functions
from local_cloud.emulator.internals import function, instance

if TYPE_CHECKING:
    from collections.abc import Callable

INTERNALS = (
    function(lambda_runtime, "_detect_runtime_binary", "runtime"),
    instance(lambda_runtime, "_NODEJS_WORKER_SCRIPT", str),
)

_SDK = Path(functions.__file__).with_name("node-sdk.js")


class NodeFunctions:
    """Runs Node.js functions with the Node.js next to this Python, or the one in the ``PATH``."""

    def __init__(self) -> None:
        # At the end: it wraps what the emulator's script does with the SDK.
        lambda_runtime._NODEJS_WORKER_SCRIPT += _SDK.read_text(encoding="utf-8")  # noqa: SLF001 - no public way in
        self._detect: Callable[[str], tuple[str, str]] = lambda_runtime._detect_runtime_binary  # noqa: SLF001 - the same
        lambda_runtime._detect_runtime_binary = self._detect_runtime_binary  # noqa: SLF001 - the same

    def _detect_runtime_binary(self, runtime: str) -> tuple[str, str]:
        binary, script = self._detect(runtime)
        if binary != "node":
            return binary, script
        found = node()
        if found is None:
            raise RuntimeError(
                f"The runtime {runtime} needs the command node, which isn't in the PATH of the "
                "local cloud. Install Node.js, and restart the local cloud."
            )
        return found, script


def node() -> str | None:
    """Return the path of Node.js; None if there is none."""
    return shutil.which("node", path=str(Path(sys.executable).parent)) or shutil.which("node")
