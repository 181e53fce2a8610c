"""The processes that run Lambda functions: which calls come from them, and how to kill them."""

from __future__ import annotations

import secrets
import threading
from typing import TYPE_CHECKING, Any

from ministack.core import lambda_runtime
from ministack.services import sts

from local_cloud.emulator.internals import function, instance

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterable, Mapping

INTERNALS = (
    function(lambda_runtime, "execution_credentials", "config"),
    function(lambda_runtime.Worker, "_spawn", "self"),
    instance(lambda_runtime, "_lock", type(threading.Lock())),
    instance(lambda_runtime, "_workers", dict),
    function(sts, "register_session", "access_key", "session"),
    instance(sts, "_sessions", dict),
)


class Workers:
    """Gives functions session tokens that identify their calls."""

    def __init__(self) -> None:
        # Without enforcement, functions have the account's own key, and its token isn't checked.
        self._token = secrets.token_hex()
        self._tokens = {self._token}
        self._lock = threading.Lock()
        self._credentials: Callable[[dict[str, Any]], dict[str, str]] = (
            lambda_runtime.execution_credentials
        )
        lambda_runtime.execution_credentials = self._execution_credentials

    def sent(self, headers: Mapping[str, str]) -> bool:
        """Return whether a request with these headers comes from a function."""
        return headers.get("x-amz-security-token") in self._tokens

    def _execution_credentials(self, config: dict[str, Any]) -> dict[str, str]:
        with self._lock:
            credentials = self._credentials(config)
            if not credentials.get("AWS_SESSION_TOKEN"):
                return credentials | {"AWS_SESSION_TOKEN": self._token}
            # The emulator makes it from the ARNs of function and role, which others can guess.
            session = sts._sessions.pop(credentials["AWS_ACCESS_KEY_ID"])  # noqa: SLF001 - no public way in
        access_key = f"ASIA{secrets.token_hex(8).upper()}"
        secret = {"SecretAccessKey": secrets.token_hex(), "SessionToken": secrets.token_hex()}
        sts.register_session(access_key, session | secret)
        self._tokens.add(secret["SessionToken"])
        return {
            "AWS_ACCESS_KEY_ID": access_key,
            "AWS_SECRET_ACCESS_KEY": secret["SecretAccessKey"],
            "AWS_SESSION_TOKEN": secret["SessionToken"],
        }


def running_processes() -> tuple[subprocess.Popen[str], ...]:
    """Return the processes that are running a function."""
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
