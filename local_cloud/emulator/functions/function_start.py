"""What Lambda reports of a function that can't start, for example because an import fails."""

from __future__ import annotations

import json
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ministack.core import lambda_runtime
from ministack.services import lambda_svc

from local_cloud.emulator.internals import function

if TYPE_CHECKING:
    from collections.abc import Callable

INTERNALS = (
    function(lambda_runtime.Worker, "_spawn", "self"),
    function(lambda_runtime.Worker, "_drain_stderr", "self"),
    function(lambda_svc, "_execute_function_warm", "func", "event", "request_id"),
)

_FAILED = "Worker init failed: "
_EXIT = "Runtime.ExitError"
_EXITED = "Worker process exited immediately"
_WROTE = "stderr: "

# The same code can't do better in another attempt.
_FINAL_TYPES = frozenset(
    {
        "Runtime.ImportModuleError",
        "Runtime.UserCodeSyntaxError",
        "Runtime.HandlerNotFound",
        "Runtime.MalformedHandlerName",
    }
)


@dataclass(frozen=True, slots=True)
class StartFailure:
    """
    Why a function didn't start.

    Attributes:
        error_type: The type of the error, as Lambda names it.
        message: The text of the error.
        trace: The stack trace.
    """

    error_type: str
    message: str
    trace: tuple[str, ...] = ()

    @property
    def is_final(self) -> bool:
        """Whether another attempt with the same code can only end in the same way."""
        return self.error_type in _FINAL_TYPES

    def answer(self, request_id: str) -> dict[str, Any]:
        """Return what the caller gets."""
        message = self.message
        if self.error_type == _EXIT:
            message = f"RequestId: {request_id} Error: {message}"
        return {
            "errorMessage": message,
            "errorType": self.error_type,
            "requestId": "",
            "stackTrace": list(self.trace),
        }

    def log(self, request_id: str) -> str:
        """Return what Lambda writes to the log."""
        if self.error_type == _EXIT:
            return f"RequestId: {request_id} Error: {self.message}\n{_EXIT}"
        lines = [f"[ERROR] {self.error_type}: {self.message}", "Traceback (most recent call last):"]
        return "\n".join([*lines, *(line.rstrip() for line in self.trace)])


# Set while a function is invoked; takes the failure and what the function wrote before.
_noted: ContextVar[list[tuple[StartFailure, str]] | None] = ContextVar("noted", default=None)


class FunctionStart:
    """Reports functions that can't start as Lambda does: in the answer and in the log."""

    def __init__(self) -> None:
        self._spawn: Callable[[lambda_runtime.Worker], None] = lambda_runtime.Worker._spawn  # noqa: SLF001 - no public way in
        self._execute: Callable[[dict[str, Any], Any, str], dict[str, Any]] = (
            lambda_svc._execute_function_warm  # noqa: SLF001 - the same
        )
        spawn = self._spawn_worker
        lambda_runtime.Worker._spawn = lambda worker: spawn(worker)  # noqa: SLF001, PLW0108 - a method, whose self is the worker
        lambda_svc._execute_function_warm = self._execute_function  # noqa: SLF001 - no public way in

    def _spawn_worker(self, worker: lambda_runtime.Worker) -> None:
        try:
            self._spawn(worker)
        except (RuntimeError, ValueError) as error:
            noted = _noted.get()
            failure = _failure_of(worker, str(error))
            if noted is not None and failure is not None:
                noted.append((failure, _output(worker, str(error))))
            raise

    def _execute_function(
        self,
        func: dict[str, Any],
        event: Any,  # noqa: ANN401 - any JSON
        request_id: str,
    ) -> dict[str, Any]:
        noted: list[tuple[StartFailure, str]] = []
        reset = _noted.set(noted)
        try:
            result = self._execute(func, event, request_id)
        finally:
            _noted.reset(reset)
        if not noted:
            return result
        failure, output = noted[-1]
        return {
            **result,
            "body": failure.answer(request_id),
            "log": "\n".join(filter(None, [output, failure.log(request_id)])),
            "start_failure": failure,
        }


def _failure_of(worker: lambda_runtime.Worker, text: str) -> StartFailure | None:
    """Read the emulator's text about a worker that didn't start; None if it is about another thing."""
    handler: str = worker.config.get("Handler", "")
    if "." not in handler:
        return StartFailure(
            "Runtime.MalformedHandlerName",
            f"Bad handler '{handler}': not enough values to unpack (expected 2, got 1)",
        )
    if text.startswith(_EXITED):
        return _exit_of(worker._proc.wait())  # noqa: SLF001 - no public way in
    if not text.startswith(_FAILED):
        return None
    text = text.removeprefix(_FAILED)
    module, _, name = handler.rpartition(".")
    if text == f"module '{module.replace('/', '.')}' has no attribute '{name}'":
        return StartFailure(
            "Runtime.HandlerNotFound", f"Handler '{name}' missing on module '{module}'"
        )
    try:
        report = json.loads(text)
    except ValueError:
        # Another language than Python.
        return StartFailure("Error", text)
    return StartFailure(report["error_type"], report["message"], tuple(report["trace"]))


def _exit_of(status: int) -> StartFailure:
    """Say how a process ended that didn't tell why; its exit status is negative for a signal."""
    if status < 0:
        return StartFailure(_EXIT, "Runtime exited with error: signal: killed")
    if status == 0:
        return StartFailure(_EXIT, "Runtime exited without providing a reason")
    return StartFailure(_EXIT, f"Runtime exited with error: exit status {status}")


def _output(worker: lambda_runtime.Worker, text: str) -> str:
    """Return what a process that ended, or is about to, has written."""
    reader = worker._stderr_thread  # noqa: SLF001 - no public way in
    if reader is not None:
        reader.join(timeout=2)
    drained: str = worker._drain_stderr()  # noqa: SLF001 - the same
    # The emulator itself reads some of it, if the process exited.
    _, _, rest = text.partition(_WROTE) if text.startswith(_EXITED) else ("", "", "")
    return "\n".join(filter(None, [drained, rest.strip()]))
