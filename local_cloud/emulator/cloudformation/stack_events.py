"""
The events of a stack: their times and their operations.

AWS documents the operations in the CloudFormation User Guide, "View stack events by operation".
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

_STACK = "AWS::CloudFormation::Stack"
_CONTINUED = "UPDATE_ROLLBACK_FAILED"
_ROLLBACK = "ROLLBACK"

# The status in which an operation begins. Imports have no type.
_TYPES = {
    "REVIEW_IN_PROGRESS": "CREATE_CHANGESET",
    "CREATE_IN_PROGRESS": "CREATE_STACK",
    "UPDATE_IN_PROGRESS": "UPDATE_STACK",
    "DELETE_IN_PROGRESS": "DELETE_STACK",
    "ROLLBACK_IN_PROGRESS": _ROLLBACK,
    "UPDATE_ROLLBACK_IN_PROGRESS": _ROLLBACK,
}

# The guide's sample of a stack that was created, updated and rolled back has the last two. That
# these are always the last two is inferred.
_LAST = 2


@dataclass(frozen=True, slots=True)
class Operation:
    """
    An operation on a stack.

    Attributes:
        operation_type: Its type, as the API has it.
        operation_id: Its unique id.
    """

    operation_type: str
    operation_id: str


def set_increasing_times(events: Iterable[dict[str, Any]]) -> None:
    """Move events that have the time of the one before, or an earlier one, a millisecond on."""
    last = ""
    for event in events:
        if event["Timestamp"] <= last:
            later = datetime.fromisoformat(last) + timedelta(milliseconds=1)
            event["Timestamp"] = _timestamp(later)
        last = event["Timestamp"]


def operations_by_event(events: Iterable[dict[str, Any]]) -> dict[str, Operation]:
    """
    Return the operation of each event, by the event's id.

    Args:
        events: The events of one stack, oldest first.
    """
    operations: dict[str, Operation] = {}
    current: Operation | None = None
    before = ""
    for event in events:
        if _is_about_the_stack(event):
            status = event["ResourceStatus"]
            if status in _TYPES:
                continued = before == _CONTINUED and _TYPES[status] == _ROLLBACK
                current = Operation(
                    "CONTINUE_ROLLBACK" if continued else _TYPES[status],
                    str(uuid.uuid5(uuid.NAMESPACE_URL, event["EventId"])),
                )
            before = status
        if current is not None:
            operations[event["EventId"]] = current
    return operations


def last_operations(events: Iterable[dict[str, Any]]) -> list[Operation]:
    """Return the most recent operations on a stack, newest first."""
    newest_last = list(dict.fromkeys(operations_by_event(events).values()))
    return newest_last[: -_LAST - 1 : -1]


def _is_about_the_stack(event: dict[str, Any]) -> bool:
    # A nested stack is a resource of the same type, but with another id.
    return bool(
        event["ResourceType"] == _STACK and event["LogicalResourceId"] == event["StackName"]
    )


def _timestamp(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"
