"""Custom resources, whose events CloudFormation hands to Lambda without waiting for the function."""

from __future__ import annotations

import contextlib
import logging
import secrets
import threading
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ministack import app as application
from ministack.services import lambda_svc
from ministack.services.cloudformation import custom_resource

from local_cloud.emulator import asynchronous
from local_cloud.emulator.answers import (
    Failure,
    ForeignAnswerError,
    Success,
    read_answer,
    timed_out,
)
from local_cloud.emulator.internals import function

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from local_cloud.emulator.attributes import Attributes
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
    *asynchronous.INTERNALS,
    function(
        application,
        "_handle_post_body_shortcuts",
        *("method", "path", "headers", "body", "query_params", "request_id"),
    ),
)

_log = logging.getLogger(__name__)

_ANSWER_PATH = "/_ministack/cfn-response/"

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
    """Delivers events as Lambda's asynchronous invocation does, and checks the answers."""

    def __init__(
        self, switchboard: Switchboard, resource_status: ResourceStatus, attributes: Attributes
    ) -> None:
        self._switchboard = switchboard
        self._resource_status = resource_status
        self._attributes = attributes
        self._events: dict[str, dict[str, Any]] = {}
        self._answers: dict[str, Success | Failure] = {}
        self._failed_creates: dict[tuple[str, str], FailedCreate] = {}
        self._generation = 0
        self._invoke: Callable[..., tuple[str, dict[str, Any]]] = (
            custom_resource.invoke_custom_resource
        )
        self._handle_request: Callable[..., Awaitable[Any]] = (
            application._handle_post_body_shortcuts  # noqa: SLF001 - no public way in
        )
        self._execute: Callable[..., dict[str, Any]] = (
            lambda_svc._execute_function_with_config_scope  # noqa: SLF001 - the same
        )
        custom_resource.invoke_custom_resource = self._invoke_custom_resource
        application._handle_post_body_shortcuts = self._handle_body  # noqa: SLF001 - the same
        lambda_svc._execute_function_with_config_scope = self._execute_function  # noqa: SLF001 - the same

    def forget(self) -> None:
        """Forget all events: none of them is delivered again."""
        self._generation += 1
        self._events.clear()
        self._answers.clear()
        self._attributes.forget()
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
            answer = self._answers.get(_token(event))
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
                self._events.pop(_token(invocation.event), None)

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

    async def _handle_body(
        self,
        method: str,
        path: str,
        headers: dict[str, str],
        body: bytes,
        *more: Any,  # noqa: ANN401 - passed on as they came
    ) -> Any:  # noqa: ANN401 - the same
        if method != "PUT" or not path.startswith(_ANSWER_PATH):
            return await self._handle_request(method, path, headers, body, *more)
        token = path.removeprefix(_ANSWER_PATH)
        event = self._events.get(token)
        if event is None or token in self._answers:
            _log.warning("An answer to CloudFormation comes too late, or twice: ignored.")
        else:
            try:
                self._take(token, event, read_answer(body, event))
            except ForeignAnswerError as error:
                _log.warning("An answer to CloudFormation is ignored: %s.", error)
        # The URL is S3's on AWS, which takes everything.
        return 200, {}, b""

    def _take(self, token: str, event: dict[str, Any], answer: Success | Failure) -> None:
        """Hand the answer to what waits for it."""
        # Recorded first: once the answer is delivered, what waits for it continues.
        self._answers[token] = answer
        if isinstance(answer, Failure):
            custom_resource.deliver_response(token, {"Status": "FAILED", "Reason": answer.reason})
            return
        self._attributes.note(
            *(event["StackId"], event["LogicalResourceId"], event["RequestId"]),
            no_echo=answer.no_echo,
        )
        custom_resource.deliver_response(
            token,
            {
                "Status": "SUCCESS",
                "PhysicalResourceId": answer.physical_id,
                "Data": answer.attributes,
            },
        )

    def _execute_function(self, func: dict[str, Any], event: dict[str, Any]) -> dict[str, Any]:
        invocation = _invocation.get()
        if invocation is None:
            return self._execute(func, event)
        invocation.event = event
        self._events[_token(event)] = event
        # CloudFormation's timeout starts here, whatever happens to the function.
        threading.Thread(
            target=self._deliver, args=(func, event, self._generation), daemon=True
        ).start()
        return {}

    def _deliver(self, func: dict[str, Any], event: dict[str, Any], generation: int) -> None:
        token = _token(event)
        for _ in range(2 if self._switchboard.take_duplicate() else 1):
            failure = asynchronous.invoke(
                lambda: self._execute(func, event),
                func,
                is_wanted=lambda: generation == self._generation,
                is_answered=lambda: token in self._answers,
            )
            if failure is not None and not failure.was_killed and token in self._events:
                # On AWS, CloudFormation doesn't learn of it, and waits until ServiceTimeout.
                reason = asynchronous.start_failure_reason(func, failure)
                self._take(token, event, Failure(reason))
                return


def _token(event: dict[str, Any]) -> str:
    url: str = event["ResponseURL"]
    return url.rpartition("/")[2]
