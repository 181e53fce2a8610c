"""Custom resources, whose events CloudFormation hands to Lambda without waiting for the function."""

from __future__ import annotations

import contextlib
import secrets
import threading
import time
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ministack.services import lambda_svc
from ministack.services.cloudformation import custom_resource

from local_cloud.emulator.internals import function

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from local_cloud.emulator.resource_status import ResourceStatus
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
# two more attempts, one minute and two minutes later. Here they follow sooner.
_DEFAULT_RETRIES = 2
_SECONDS_PER_MINUTE = 1

# Set while CloudFormation invokes a function; takes the event.
_invocation: ContextVar[_Invocation | None] = ContextVar("invocation", default=None)


@dataclass(slots=True)
class _Invocation:
    event: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class FailedCreate:
    """
    A custom resource that wasn't created.

    Attributes:
        physical_id: The id that its function answered, or one that CloudFormation makes up.
        resource_type: Its type.
        properties: Its properties.
    """

    physical_id: str
    resource_type: str
    properties: dict[str, Any]


class CustomResources:
    """Delivers events as Lambda's asynchronous invocation does."""

    def __init__(self, switchboard: Switchboard, resource_status: ResourceStatus) -> None:
        self._switchboard = switchboard
        self._resource_status = resource_status
        self._answers: dict[str, dict[str, Any]] = {}
        self._failed_creates: dict[tuple[str, str], FailedCreate] = {}
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
        """Forget all events: none of them is delivered again."""
        self._generation += 1
        self._answers.clear()
        self._failed_creates.clear()

    def take_failed_create(self, stack_id: str, logical_id: str) -> FailedCreate | None:
        """Return a resource that wasn't created, once; None if its stack failed for another reason."""
        return self._failed_creates.pop((stack_id, logical_id), None)

    def _invoke_custom_resource(  # noqa: PLR0917 (moto's signature)
        self,
        request_type: str,
        logical_id: str,
        props: dict[str, Any],
        stack_name: str,
        stack_id: str,
        resource_type: str,
        physical_id: str | None = None,
        *more: Any,  # noqa: ANN401 - passed on as they came
        **options: Any,  # noqa: ANN401 - the same
    ) -> tuple[str, dict[str, Any]]:
        invocation = _Invocation()
        reset = _invocation.set(invocation)
        try:
            with self._shown(request_type, stack_id, logical_id, resource_type, physical_id or ""):
                return self._invoke(
                    *(request_type, logical_id, props, stack_name, stack_id, resource_type),
                    *(physical_id, *more),
                    **options,
                )
        except (RuntimeError, TimeoutError):
            event = invocation.event
            if request_type == "Create" and event is not None:
                answered = self._answers.get(_token(event), {}).get("PhysicalResourceId")
                self._failed_creates[stack_id, logical_id] = FailedCreate(
                    answered or f"{stack_name}-{logical_id}-{secrets.token_hex(6).upper()}",
                    event["ResourceType"],
                    props,
                )
            raise
        finally:
            _invocation.reset(reset)

    def _shown(
        self,
        request_type: str,
        stack_id: str,
        logical_id: str,
        resource_type: str,
        physical_id: str,
    ) -> contextlib.AbstractContextManager[None]:
        """Show in CloudFormation what is being done to a resource."""
        held = self._resource_status.held(stack_id, logical_id)
        if request_type == "Delete" and held not in {"", physical_id}:
            # The replaced resource is deleted: CloudFormation doesn't show that.
            return contextlib.nullcontext()
        return self._resource_status.showing(
            stack_id,
            logical_id,
            physical_id=physical_id,
            resource_type=resource_type,
            status=f"{request_type.upper()}_IN_PROGRESS",
        )

    def _note_response(self, token: str, response: dict[str, Any]) -> bool:
        # Recorded first: once the answer is delivered, what waits for it continues.
        repeated = token in self._answers
        self._answers.setdefault(token, response)
        expected = self._deliver_response(token, response)
        if not expected and not repeated:
            del self._answers[token]
        return expected

    def _execute_function(self, func: dict[str, Any], event: dict[str, Any]) -> dict[str, Any]:
        invocation = _invocation.get()
        if invocation is None:
            return self._execute(func, event)
        invocation.event = event
        # CloudFormation's timeout starts here, whatever happens to the function.
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
                if not failed or _token(event) in self._answers:
                    break


def _pauses(func: dict[str, Any]) -> Iterator[float]:
    """Yield the delay before each attempt, including the first."""
    configuration = lambda_svc._event_invoke_config(func, None) or {}  # noqa: SLF001 - no public way in
    retries = configuration.get("MaximumRetryAttempts")
    for attempt in range(1 + (_DEFAULT_RETRIES if retries is None else int(retries))):
        yield attempt * _SECONDS_PER_MINUTE


def _token(event: dict[str, Any]) -> str:
    url: str = event["ResponseURL"]
    return url.rpartition("/")[2]
