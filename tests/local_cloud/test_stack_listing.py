"""What CloudFormation tells of stacks: operations, times and pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from support.inline_functions import Stack

if TYPE_CHECKING:
    from local_cloud import LocalCloud

pytestmark = pytest.mark.local_cloud

NOT_A_FUNCTION = "arn:aws:lambda:eu-central-1:111122223333:function:missing"


def template(*, count: int = 1, fails: bool = False) -> dict[str, Any]:
    """Return a template of some parameters, which can't be deployed if it fails."""
    resources: dict[str, Any] = {
        f"P{number}": {
            "Type": "AWS::SSM::Parameter",
            "Properties": {"Type": "String", "Value": "x"},
        }
        for number in range(count)
    }
    if fails:
        resources["R"] = {
            "Type": "Custom::Missing",
            "Properties": {"ServiceToken": NOT_A_FUNCTION},
            "DependsOn": list(resources),
        }
    return {"Resources": resources}


def operations(stack: Stack) -> list[str]:
    """Return the types of the last operations on a stack."""
    return [entry["OperationType"] for entry in stack.described()["LastOperations"]]


@pytest.mark.parametrize("moves", [False, True])
def test_a_failed_update(cloud: LocalCloud, *, moves: bool) -> None:
    """Update and rollback are operations; whether the rollback is an update, a knob decides."""
    stack = Stack(cloud)
    with cloud.knobs(rollback_moves_last_updated_time=moves):
        assert stack.create(template()) == "CREATE_COMPLETE"
        assert "LastUpdatedTime" not in stack.described()
        assert operations(stack) == ["CREATE_STACK"]
        assert stack.update(template(count=20, fails=True)) == "UPDATE_ROLLBACK_COMPLETE"
    assert operations(stack) == ["ROLLBACK", "UPDATE_STACK"]
    events = stack.events()
    began = {
        event["ResourceStatus"]: event["Timestamp"]
        for event in events
        if event["LogicalResourceId"] == "s"
    }
    assert (stack.described()["LastUpdatedTime"] > began["UPDATE_IN_PROGRESS"]) is moves
    assert len({event["EventId"] for event in events}) == len(events)
    newest, before = (entry["OperationId"] for entry in stack.described()["LastOperations"])
    assert events[0]["OperationId"] == newest
    assert before in {event["OperationId"] for event in events}


def test_a_failed_creation(cloud: LocalCloud) -> None:
    """It says what failed, and its operations can be told by their ids."""
    stacks = cloud.client("cloudformation")
    stack = Stack(cloud)
    assert stack.create(template(fails=True)) == "ROLLBACK_COMPLETE"
    assert operations(stack) == ["ROLLBACK", "CREATE_STACK"]
    (reason,) = (
        event["ResourceStatusReason"]
        for event in stack.events()
        if event["ResourceStatus"] == "ROLLBACK_IN_PROGRESS"
    )
    assert reason == "The following resource(s) failed to create: [R]. Rollback requested by user."
    stacks.delete_stack(StackName="s")
    (summary,) = stacks.list_stacks()["StackSummaries"]
    assert summary["LastOperations"][0]["OperationType"] == "DELETE_STACK"


def test_pages(cloud: LocalCloud) -> None:
    """Resources and events of a large stack come in pages, and all of them come."""
    stacks = cloud.client("cloudformation")
    stack = Stack(cloud)
    assert stack.create(template(count=101)) == "CREATE_COMPLETE"
    first = stacks.list_stack_resources(StackName="s")
    assert len(first["StackResourceSummaries"]) == 100
    pages = stacks.get_paginator("list_stack_resources").paginate(StackName="s")
    listed = [
        summary["LogicalResourceId"] for page in pages for summary in page["StackResourceSummaries"]
    ]
    assert sorted(listed) == sorted(f"P{number}" for number in range(101))
    assert len(stacks.describe_stack_resources(StackName="s")["StackResources"]) == 100
    events = stack.events()
    assert len(events) == 2 * 101 + 2
    times = [event["Timestamp"] for event in events]
    assert times == sorted(set(times), reverse=True)
