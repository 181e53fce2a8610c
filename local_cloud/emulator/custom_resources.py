"""Custom resources, whose events CloudFormation hands to Lambda without waiting for the function."""

from __future__ import annotations

import threading
import time
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from ministack.services import lambda_svc
from ministack.services.cloudformation import custom_resource

from local_cloud.emulator.internals import function

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from local_cloud.switchboard import Switchboard

INTERNALS = (
    function(
        custom_resource,
        "invoke_custom_resource",
        *("request_type", "logical_id", "props", "stack_name", "stack_id", "resource_type"),
        *("physical_id", "old_props"),
    ),
    function(custom_resource, "deliver_response", "token", "response"),
    function(lambda_svc, "_execute_function_with_config_scope", "func", "event"),
    function(lambda_svc, "_event_invoke_config", "func", "qualifier"),
)

# Lambda Developer Guide, "How Lambda handles errors and retries with asynchronous invocation":
# two more attempts, one minute and two minutes later. Nobody wants to wait that long here.
_DEFAULT_RETRIES = 2
_SECONDS_PER_MINUTE = 1

_event_of_custom_resource: ContextVar[bool] = ContextVar("event_of_custom_resource", default=False)


class CustomResources:
    """Delivers events as Lambda's asynchronous invocation does."""

    def __init__(self, switchboard: Switchboard) -> None:
        self._switchboard = switchboard
        self._answered: set[str] = set()
        self._generation = 0
        self._invoke: Callable[..., tuple[str, dict[str, Any]]] = (
            custom_resource.invoke_custom_resource
        )
        self._deliver_response: Callable[..., bool] = custom_resource.deliver_response
        self._execute: Callable[..., dict[str, Any]] = (
            lambda_svc._execute_function_with_config_scope  # noqa: SLF001 - no public way in
        )
        custom_resource.invoke_custom_resource = self._invoke_custom_resource
        custom_resource.deliver_response = self._note_response
        lambda_svc._execute_function_with_config_scope = self._execute_function  # noqa: SLF001 - the same

    def forget(self) -> None:
        """Deliver no event again that was there before."""
        self._generation += 1
        self._answered.clear()

    def _invoke_custom_resource(self, *call: Any, **options: Any) -> tuple[str, dict[str, Any]]:  # noqa: ANN401 - passed on as they came
        reset = _event_of_custom_resource.set(True)
        try:
            return self._invoke(*call, **options)
        finally:
            _event_of_custom_resource.reset(reset)

    def _note_response(self, token: str, response: dict[str, Any]) -> bool:
        expected = self._deliver_response(token, response)
        if expected:
            self._answered.add(token)
        return expected

    def _execute_function(self, func: dict[str, Any], event: dict[str, Any]) -> dict[str, Any]:
        if not _event_of_custom_resource.get():
            return self._execute(func, event)
        # CloudFormation's patience counts from here, whatever becomes of the function.
        threading.Thread(
            target=self._deliver, args=(func, event, self._generation), daemon=True
        ).start()
        return {}

    def _deliver(self, func: dict[str, Any], event: dict[str, Any], generation: int) -> None:
        for _ in range(2 if self._switchboard.take_duplicate() else 1):
            for pause in _pauses(func):
                time.sleep(pause)
                if generation != self._generation:
                    return
                failed = self._execute(func, event).get("error")
                if not failed or _token(event) in self._answered:
                    break


def _pauses(func: dict[str, Any]) -> Iterator[float]:
    """Yield how long to wait before each attempt, the first included."""
    configuration = lambda_svc._event_invoke_config(func, None) or {}  # noqa: SLF001 - no public way in
    retries = configuration.get("MaximumRetryAttempts")
    for attempt in range(1 + (_DEFAULT_RETRIES if retries is None else int(retries))):
        yield attempt * _SECONDS_PER_MINUTE


def _token(event: dict[str, Any]) -> str:
    url: str = event["ResponseURL"]
    return url.rpartition("/")[2]
