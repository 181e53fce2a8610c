"""Read stacks from CloudFormation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server_certificate_handler.renewal.facts import StackEvent, StackFacts
from server_certificate_handler.renewal.failures import CallError

if TYPE_CHECKING:
    from datetime import datetime

    from types_boto3_cloudformation.client import CloudFormationClient
    from types_boto3_cloudformation.type_defs import StackEventTypeDef

    from server_certificate_handler.renewal.calls import Calls

_MISSING = "does not exist"
"""A part of CloudFormation's message about a stack or resource that is missing."""

_GONE = {"DELETE_COMPLETE", "DELETE_SKIPPED"}
"""The status of a resource that no longer belongs to its stack."""


@dataclass(frozen=True, slots=True)
class StackReader:
    """Reads stacks, their resources and their events."""

    client: CloudFormationClient
    calls: Calls

    def physical_id(self, stack_id: str, logical_id: str) -> str | None:
        """
        Return the physical ID of a resource; None if the stack doesn't have it, or not yet.

        Raises:
            CallError: It can't be read.
        """
        try:
            answer = self.calls.call(
                "cloudformation:DescribeStackResource",
                stack_id,
                lambda: self.client.describe_stack_resource(
                    StackName=stack_id, LogicalResourceId=logical_id
                ),
            )
        except CallError as err:
            if _MISSING in err.text:
                return None
            raise
        detail = answer["StackResourceDetail"]
        if detail["ResourceStatus"] in _GONE:
            return None
        return detail.get("PhysicalResourceId") or None

    def read(self, stack_id: str) -> StackFacts | None:
        """
        Return a stack; None if it doesn't exist.

        Raises:
            CallError: It can't be read.
        """
        try:
            answer = self.calls.call(
                "cloudformation:DescribeStacks",
                stack_id,
                lambda: self.client.describe_stacks(StackName=stack_id),
            )
        except CallError as err:
            if _MISSING in err.text:
                return None
            raise
        stack = answer["Stacks"][0]
        return StackFacts(
            stack_id=stack_id,
            status=stack["StackStatus"],
            parameters={
                parameter["ParameterKey"]: parameter.get("ParameterValue", "")
                for parameter in stack.get("Parameters", [])
            },
            capabilities=tuple(stack.get("Capabilities", [])),
        )

    def events(self, stack_id: str, *, since: datetime) -> list[StackEvent]:
        """
        Return the events of a stack since a time. The latest comes first.

        Raises:
            CallError: They can't be read.
        """
        events: list[StackEvent] = []
        pages = iter(
            self.client.get_paginator("describe_stack_events").paginate(StackName=stack_id)
        )
        while page := self.calls.call(
            "cloudformation:DescribeStackEvents", stack_id, lambda: next(pages, None)
        ):
            found = [_event(each, stack_id) for each in page["StackEvents"]]
            events += [event for event in found if event.time >= since]
            if found and found[-1].time < since:
                break
        return events


def _event(event: StackEventTypeDef, stack_id: str) -> StackEvent:
    return StackEvent(
        time=event["Timestamp"],
        request=event.get("ClientRequestToken", ""),
        resource=event.get("LogicalResourceId", ""),
        is_of_stack=event.get("PhysicalResourceId") == stack_id,
        status=event.get("ResourceStatus", ""),
        reason=event.get("ResourceStatusReason", ""),
    )
