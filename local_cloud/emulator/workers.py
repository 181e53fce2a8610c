"""The processes in which Lambda functions run: whose calls are theirs, and their sudden end."""

from __future__ import annotations

import secrets
import threading
from typing import TYPE_CHECKING, Any

from ministack.core import lambda_runtime

from local_cloud.emulator.internals import function, instance

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterable, Mapping

INTERNALS = (
    function(lambda_runtime, "execution_credentials", "config"),
    function(lambda_runtime.Worker, "_spawn", "self"),
    instance(lambda_runtime, "_lock", type(threading.Lock())),
    instance(lambda_runtime, "_workers", dict),
    instance(lambda_runtime, "_PYTHON_WORKER_SCRIPT", str),
)

# Lambda's runtime does so before it imports a function: without, what is logged is shown by nobody.
_LOGGING = """
import logging, sys, time
logging.Formatter.converter = time.gmtime
logging.basicConfig(
    stream=sys.stderr,
    format="[%(levelname)s]\\t%(asctime)s.%(msecs)03dZ\\t%(message)s",
    datefmt="%Y-%m-%dT%H:%M:%S",
)
"""


class Workers:
    """Gives functions a log, and session tokens by which their calls are told from others."""

    def __init__(self) -> None:
        # Without enforcement, functions have the account's own key; nobody looks at its token.
        self._token = secrets.token_hex()
        self._tokens = {self._token}
        self._credentials: Callable[[dict[str, Any]], dict[str, str]] = (
            lambda_runtime.execution_credentials
        )
        lambda_runtime.execution_credentials = self._execution_credentials
        lambda_runtime._PYTHON_WORKER_SCRIPT = _LOGGING + lambda_runtime._PYTHON_WORKER_SCRIPT  # noqa: SLF001 - no public way in

    def sent(self, headers: Mapping[str, str]) -> bool:
        """Return whether a request with these headers comes from a function."""
        return headers.get("x-amz-security-token") in self._tokens

    def _execution_credentials(self, config: dict[str, Any]) -> dict[str, str]:
        credentials = self._credentials(config)
        if not credentials.get("AWS_SESSION_TOKEN"):
            return credentials | {"AWS_SESSION_TOKEN": self._token}
        self._tokens.add(credentials["AWS_SESSION_TOKEN"])
        return credentials


def running_processes() -> tuple[subprocess.Popen[str], ...]:
    """Return the processes that run a function right now."""
    with lambda_runtime._lock:  # noqa: SLF001 - no public way in
        return tuple(
            worker._proc  # noqa: SLF001 - the same
            for workers in lambda_runtime._workers.values()  # noqa: SLF001 - the same
            for worker in workers
            if worker.in_use and worker._proc is not None  # noqa: SLF001 - the same
        )


def kill(processes: Iterable[subprocess.Popen[str]]) -> None:
    """End processes as if the machine had stopped."""
    for process in processes:
        process.kill()
