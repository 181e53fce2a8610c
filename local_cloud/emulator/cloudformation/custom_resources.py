"""Custom resources, whose events CloudFormation hands to Lambda without waiting for the function."""

from __future__ import annotations

import contextlib
import secrets
import threading
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ministack.services import lambda_svc
from ministack.services.cloudformation import custom_resource

from local_cloud.emulator.cloudformation.answers import Failure, timed_out
from local_cloud.emulator.functions import asynchronous
from local_cloud.emulator.internals import function

if TYPE_CHECKING:
    from collections.abc import Callable

    from local_cloud.emulator.cloudformation.answer_urls import AnswerUrls
    from local_cloud.emulator.cloudformation.resource_status import ResourceStatus
    from local_cloud.switchboard import Switchboard

INTERNALS = (
    function(
        custom_resource,
        "invoke_custom_resource",
        *("request_type", "logical_id", "props", "stack_name", "stack_id", "resource_type"),
        *("physical_id", "old_props"),
    ),
    function(lambda_svc, "_execute_function_with_config_scope", "func", "event"),
    *asynchronous.INTERNALS,
)

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

    def __init__(
        self, switchboard: Switchboard, resource_status: ResourceStatus, urls: AnswerUrls
    ) -> None:
        self._switchboard = switchboard
        self._resource_status = resource_status
        self._urls = urls
        self._failed_creates: dict[tuple[str, str], FailedCreate] = {}
        self._generation = 0
        self._invoke: Callable[..., tuple[str, dict[str, Any]]] = (
            custom_resource.invoke_custom_resource
        )
        self._execute: Callable[..., dict[str, Any]] = (
            lambda_svc._execute_function_with_config_scope  # noqa: SLF001 - no public way in
        )
        custom_resource.invoke_custom_resource = self._invoke_custom_resource
        lambda_svc._execute_function_with_config_scope = self._execute_function  # noqa: SLF001 - the same

    def forget(self) -> None:
        """Forget all events: none of them is delivered again."""
        self._generation += 1
        self._failed_creates.clear()

    def take_failed_create(self, stack_id: str, logical_id: str) -> FailedCreate | None:
        """Return a resource that wasn't created, once; None if its stack failed for another reason."""
        return self._failed_creates.pop((stack_id, logical_id), None)

    def _invoke_custom_resource(  # noqa: PLR0917 - the emulator's signature
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
        except (RuntimeError, TimeoutError) as error:  # their texts are status reasons
            event = invocation.event
            if event is None:
                raise
            answer = self._urls.answer_to(event)
            if request_type == "Create":
                self._failed_creates[stack_id, logical_id] = FailedCreate(
                    (answer and answer.physical_id)
                    or f"{stack_name}-{logical_id}-{secrets.token_hex(6).upper()}",
                    event["ResourceType"],
                    props,
                )
            if not isinstance(answer, Failure):
                raise TimeoutError(timed_out(event["RequestId"])) from error
            raise
        finally:
            _invocation.reset(reset)
            if invocation.event is not None:
                self._urls.close(invocation.event)

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

    def _execute_function(self, func: dict[str, Any], event: dict[str, Any]) -> dict[str, Any]:
        invocation = _invocation.get()
        if invocation is None:
            return self._execute(func, event)
        invocation.event = event
        self._urls.open(event)
        # CloudFormation's timeout starts here, whatever happens to the function.
        threading.Thread(
            target=self._deliver, args=(func, event, self._generation), daemon=True
        ).start()
        return {}

    def _deliver(self, func: dict[str, Any], event: dict[str, Any], generation: int) -> None:
        for _ in range(2 if self._switchboard.take_duplicate() else 1):
            failure = asynchronous.invoke(
                lambda: self._execute(func, event),
                func,
                is_wanted=lambda: generation == self._generation,
                is_answered=lambda: self._urls.answer_to(event) is not None,
            )
            if failure is not None:
                # On AWS, CloudFormation doesn't learn of it, and waits until ServiceTimeout.
                reason = asynchronous.start_failure_reason(func, failure)
                self._urls.take(event, Failure(reason))
                return
