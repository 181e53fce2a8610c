"""Lambda's asynchronous invocation: the attempts, and the time between them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from ministack.services import lambda_svc

from local_cloud.emulator.internals import function

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from local_cloud.emulator.functions.function_start import StartFailure

INTERNALS = (function(lambda_svc, "_event_invoke_config", "func", "qualifier"),)

# Lambda Developer Guide, "How Lambda handles errors and retries with asynchronous invocation":
# two more attempts, one minute and two minutes later. Here they follow sooner.
_DEFAULT_RETRIES = 2
_SECONDS_PER_MINUTE = 1


def invoke(
    execute: Callable[[], dict[str, Any]],
    func: dict[str, Any],
    *,
    is_wanted: Callable[[], bool],
    is_answered: Callable[[], bool],
) -> StartFailure | None:
    """
    Invoke a function, and again if it fails.

    Args:
        execute: Invokes it once.
        func: The function.
        is_wanted: Says whether another attempt may be made.
        is_answered: Says whether another attempt is of no use.

    Returns:
        Why it didn't start in the last attempt, if it didn't.
    """
    failure: StartFailure | None = None
    for pause in _pauses(func):
        time.sleep(pause)
        if not is_wanted():
            return None
        result = execute()
        failure = result.get("start_failure")
        if not result.get("error") or is_answered():
            break
        if failure is not None and failure.is_final:
            break
    return failure


def start_failure_reason(func: dict[str, Any], failure: StartFailure) -> str:
    """Say why a function doesn't answer, and where more is to be found."""
    config = func.get("config") or func
    name = config["FunctionName"]
    group = (config.get("LoggingConfig") or {}).get("LogGroup") or f"/aws/lambda/{name}"
    return (
        f"The function {name} can't start: {failure.error_type}: {failure.message}. "
        f"See the log group {group}."
    )


def _pauses(func: dict[str, Any]) -> Iterator[float]:
    """Yield the delay before each attempt, including the first."""
    configuration = lambda_svc._event_invoke_config(func, None) or {}  # noqa: SLF001 - no public way in
    retries = configuration.get("MaximumRetryAttempts")
    for attempt in range(1 + (_DEFAULT_RETRIES if retries is None else int(retries))):
        yield attempt * _SECONDS_PER_MINUTE
