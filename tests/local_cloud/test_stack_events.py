"""The times and the operations of a stack's events."""

from __future__ import annotations

from typing import Any

import pytest

from local_cloud.emulator.cloudformation.stack_events import (
    last_operations,
    operations_by_event,
    set_increasing_times,
)


def events(*statuses: str) -> list[dict[str, Any]]:
    """Return events: of the stack, or of a nested stack if the status begins with a dot."""
    return [
        {
            "EventId": f"event-{place}",
            "StackName": "s",
            "LogicalResourceId": "Nested" if status.startswith(".") else "s",
            "ResourceType": "AWS::CloudFormation::Stack",
            "ResourceStatus": status.removeprefix("."),
        }
        for place, status in enumerate(statuses)
    ]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["10.000", "10.001"], ["10.000", "10.001"]),
        (["10.000", "10.000", "10.000"], ["10.000", "10.001", "10.002"]),
        (["10.999", "10.999", "11.000"], ["10.999", "11.000", "11.001"]),
        (["10.005", "10.001"], ["10.005", "10.006"]),
        (["59.999", "59.999"], ["59.999", "60.000"]),
    ],
)
def test_times_increase(given: list[str], expected: list[str]) -> None:
    """No two events have the same time, and doing it again changes nothing."""

    def time(seconds: str) -> str:
        return f"2026-01-02T03:04:{seconds}Z".replace("04:60", "05:00")

    stack = [{"Timestamp": time(seconds)} for seconds in given]
    for _ in range(2):
        set_increasing_times(stack)
        assert [event["Timestamp"] for event in stack] == [time(seconds) for seconds in expected]


@pytest.mark.parametrize(
    ("statuses", "types"),
    [
        ([], []),
        (["REVIEW_IN_PROGRESS"], ["CREATE_CHANGESET"]),
        (["CREATE_IN_PROGRESS", "CREATE_COMPLETE"], ["CREATE_STACK"]),
        (["CREATE_IN_PROGRESS", ".UPDATE_IN_PROGRESS"], ["CREATE_STACK"]),
        (
            ["CREATE_IN_PROGRESS", "ROLLBACK_IN_PROGRESS", "ROLLBACK_COMPLETE"],
            ["ROLLBACK", "CREATE_STACK"],
        ),
        (
            ["CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "UPDATE_ROLLBACK_IN_PROGRESS"],
            ["ROLLBACK", "UPDATE_STACK"],
        ),
        (
            [
                "UPDATE_ROLLBACK_IN_PROGRESS",
                "UPDATE_ROLLBACK_FAILED",
                "UPDATE_ROLLBACK_IN_PROGRESS",
            ],
            ["CONTINUE_ROLLBACK", "ROLLBACK"],
        ),
        (["CREATE_IN_PROGRESS", "DELETE_IN_PROGRESS"], ["DELETE_STACK", "CREATE_STACK"]),
    ],
)
def test_the_last_operations(statuses: list[str], types: list[str]) -> None:
    """The last two are listed, newest first, each with an id of its own."""
    found = last_operations(events(*statuses))
    assert [operation.operation_type for operation in found] == types
    assert len({operation.operation_id for operation in found}) == len(types)


def test_events_belong_to_an_operation() -> None:
    """Each event has the operation that was begun last."""
    stack = events(
        "CREATE_IN_PROGRESS", ".CREATE_IN_PROGRESS", "ROLLBACK_IN_PROGRESS", ".DELETE_COMPLETE"
    )
    found = operations_by_event(stack)
    created, created_too, rolled_back, rolled_back_too = (
        found[event["EventId"]] for event in stack
    )
    assert created == created_too != rolled_back == rolled_back_too
    assert operations_by_event(events("IMPORT_IN_PROGRESS")) == {}
