"""What CloudFormation tells of a stack's operations, and of when it was last updated."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from ministack.core import responses
from ministack.services import cloudformation
from ministack.services.cloudformation import handlers

from local_cloud.emulator.cloudformation.stack_events import (
    last_operations,
    operations_by_event,
    set_increasing_times,
)
from local_cloud.emulator.internals import function, instance

if TYPE_CHECKING:
    from collections.abc import Callable

    from local_cloud.emulator.internals import Answer

INTERNALS = (
    function(handlers, "_resolve_stack", "stack_name"),
    instance(handlers, "_ACTION_HANDLERS", dict),
    instance(cloudformation, "_stack_events", responses.AccountRegionScopedDict),
)

_STACK_ID = re.compile(rb"<StackId>([^<]+)</StackId>")
_EVENT_ID = re.compile(rb"<EventId>([^<]+)</EventId>")
_MEMBER = b"<member>"
_END = b"</StackResources>"
_MOST_RESOURCES = 100
_NEVER_UPDATED = b"<LastUpdatedTime></LastUpdatedTime>"


class StackListing:
    """Adds to CloudFormation's answers what the emulator doesn't tell."""

    def __init__(self) -> None:
        for action, extend in (
            ("CreateStack", _started),
            ("UpdateStack", _started),
            ("RollbackStack", _started),
            ("CreateChangeSet", _reviewed),
            ("DescribeStacks", _described),
            ("ListStacks", _described),
            ("DescribeStackEvents", _described_events),
            ("DescribeStackResources", _described_resources),
        ):
            handlers._ACTION_HANDLERS[action] = extend(handlers._ACTION_HANDLERS[action])  # noqa: SLF001 - no public way in


def _started(action: Callable[[Any], Answer]) -> Callable[[Any], Answer]:
    """Add the id of the operation that was started."""

    def answer(params: Any) -> Answer:  # noqa: ANN401 - passed on as they came
        status, headers, body = action(params)
        _forget_creation(body)
        return status, headers, _STACK_ID.sub(_with_operation_id, body)

    return answer


def _reviewed(action: Callable[[Any], Answer]) -> Callable[[Any], Answer]:
    """Leave the answer, but not the time of an update that there wasn't."""

    def answer(params: Any) -> Answer:  # noqa: ANN401 - passed on as they came
        status, headers, body = action(params)
        _forget_creation(body)
        return status, headers, body

    return answer


def _described(action: Callable[[Any], Answer]) -> Callable[[Any], Answer]:
    """Add the last operations of each stack."""

    def answer(params: Any) -> Answer:  # noqa: ANN401 - passed on as they came
        status, headers, body = action(params)
        return status, headers, _STACK_ID.sub(_with_operations, body.replace(_NEVER_UPDATED, b""))

    return answer


def _described_events(action: Callable[[Any], Answer]) -> Callable[[Any], Answer]:
    """Set the times, and add the operation of each event."""

    def answer(params: Any) -> Answer:  # noqa: ANN401 - passed on as they came
        stack = handlers._resolve_stack(params.get("StackName", [""])[0])  # noqa: SLF001 - no public way in
        events = _events_of(stack["StackId"]) if stack else []
        set_increasing_times(events)
        operations = operations_by_event(events)
        status, headers, body = action(params)

        def with_operation(found: re.Match[bytes]) -> bytes:
            operation = operations.get(found[1].decode())
            return found[0] + (
                _element("OperationId", operation.operation_id) if operation else b""
            )

        return status, headers, _EVENT_ID.sub(with_operation, body)

    return answer


def _described_resources(action: Callable[[Any], Answer]) -> Callable[[Any], Answer]:
    """Leave out what is beyond the limit that the API reference names."""

    def answer(params: Any) -> Answer:  # noqa: ANN401 - passed on as they came
        status, headers, body = action(params)
        before, *members = body.split(_MEMBER)
        kept = _MEMBER.join([before, *members[:_MOST_RESOURCES]])
        end = b"" if len(members) <= _MOST_RESOURCES else body[body.rindex(_END) :]
        return status, headers, kept + end

    return answer


def _forget_creation(body: bytes) -> None:
    """Take back that a stack was updated when it was created."""
    found = _STACK_ID.search(body)
    stack = handlers._resolve_stack(found[1].decode()) if found else None  # noqa: SLF001 - no public way in
    if stack and stack["StackStatus"] in {"CREATE_IN_PROGRESS", "REVIEW_IN_PROGRESS"}:
        stack.pop("LastUpdatedTime", None)


def _with_operation_id(stack_id: re.Match[bytes]) -> bytes:
    newest = last_operations(_events_of(stack_id[1].decode()))[0]
    return stack_id[0] + _element("OperationId", newest.operation_id)


def _with_operations(stack_id: re.Match[bytes]) -> bytes:
    members = (
        _element("OperationType", operation.operation_type)
        + _element("OperationId", operation.operation_id)
        for operation in last_operations(_events_of(stack_id[1].decode()))
    )
    listed = b"".join(b"<member>" + member + b"</member>" for member in members)
    return stack_id[0] + b"<LastOperations>" + listed + b"</LastOperations>"


def _element(name: str, text: str) -> bytes:
    return f"<{name}>{text}</{name}>".encode()


def _events_of(stack_id: str) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = cloudformation._stack_events.get(stack_id, [])  # noqa: SLF001 - no public way in
    return events
