"""What CloudFormation shows of stacks: their status, their resources, and their events."""

from __future__ import annotations

from typing import Any

from ministack.core import responses
from ministack.services.cloudformation import stacks

from local_cloud.emulator.internals import function

INTERNALS = (
    function(
        stacks,
        "_add_event",
        *("stack_id", "stack_name", "logical_id", "resource_type", "status"),
        *("reason", "physical_id", "detailed_status"),
    ),
    function(responses, "now_iso"),
)


def failed_create(
    logical_id: str, resource_type: str, physical_id: str, properties: dict[str, Any]
) -> dict[str, Any]:
    """Return a resource that wasn't created, as the emulator records resources."""
    return {
        "PhysicalResourceId": physical_id,
        "ResourceType": resource_type,
        "ResourceStatus": "CREATE_FAILED",
        "LogicalResourceId": logical_id,
        "Properties": properties,
        "Attributes": {},
        "Timestamp": responses.now_iso(),
    }


def leave(stack: dict[str, Any], resource: dict[str, Any], status: str) -> None:
    """Remember a resource that a stack no longer has, and what became of it."""
    former = {**resource, "ResourceStatus": status, "Timestamp": responses.now_iso()}
    stack.setdefault("_former_resources", {})[resource["LogicalResourceId"]] = former


def former_resources(stack: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """
    Return the resources of a deleted stack, by their logical ids; none if it isn't deleted.

    CloudFormation shows them for 90 days (API reference, ListStackResources).
    """
    is_deleted = stack["StackStatus"] == "DELETE_COMPLETE"
    return dict(stack.get("_former_resources", {})) if is_deleted else {}


def set_status(stack: dict[str, Any], status: str, reason: str = "") -> None:
    """Give a stack another status, and record the event."""
    stack["StackStatus"] = status
    stack["StackStatusReason"] = reason
    _add_event(
        stack, stack["StackName"], "AWS::CloudFormation::Stack", status, reason, stack["StackId"]
    )


def record_event(
    stack: dict[str, Any], resource: dict[str, Any], status: str, reason: str = ""
) -> None:
    """Record an event of a resource."""
    _add_event(
        stack,
        resource["LogicalResourceId"],
        resource["ResourceType"],
        status,
        reason,
        resource["PhysicalResourceId"],
    )


def _add_event(stack: dict[str, Any], *event: str) -> None:
    logical_id, resource_type, status, reason, physical_id = event
    stacks._add_event(  # noqa: SLF001 - no public way in
        *(stack["StackId"], stack["StackName"], logical_id, resource_type, status),
        *(reason, physical_id),
    )
