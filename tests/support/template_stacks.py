"""A stack in the local cloud, made of a template by the API instead of the CDK CLI."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from support.waiting import wait_for

if TYPE_CHECKING:
    from local_cloud import LocalCloud

GONE = "gone"
"""The status of a stack that doesn't exist."""


class TemplateStack:
    """A stack named ``s``."""

    name = "s"

    def __init__(self, cloud: LocalCloud) -> None:
        self.client = cloud.client("cloudformation")

    def deploy(
        self,
        resources: dict[str, Any],
        *,
        outputs: dict[str, Any] | None = None,
        tags: dict[str, str] | None = None,
    ) -> str:
        """Create or update the stack; return the status it comes to rest in."""
        template: dict[str, Any] = {"Resources": resources}
        if outputs:
            template["Outputs"] = {key: {"Value": value} for key, value in outputs.items()}
        call = self.client.create_stack if self.status() == GONE else self.client.update_stack
        call(
            StackName=self.name,
            TemplateBody=json.dumps(template),
            Tags=[{"Key": key, "Value": value} for key, value in (tags or {}).items()],
            Capabilities=["CAPABILITY_NAMED_IAM"],
        )
        return self.rest()

    def delete(self) -> str:
        """Delete the stack; return the status it comes to rest in."""
        self.client.delete_stack(StackName=self.name)
        return self.rest()

    def rest(self) -> str:
        """Wait until nothing is in progress; return the status."""
        return wait_for(self.status, lambda status: not status.endswith("IN_PROGRESS"))

    def status(self) -> str:
        """Return the status."""
        try:
            found = self.client.describe_stacks(StackName=self.name)["Stacks"]
        except ClientError:
            return GONE
        return str(found[0]["StackStatus"])

    def outputs(self) -> dict[str, str]:
        """Return the outputs by key."""
        (stack,) = self.client.describe_stacks(StackName=self.name)["Stacks"]
        return {each["OutputKey"]: each["OutputValue"] for each in stack.get("Outputs", [])}

    def physical_id(self, logical_id: str) -> str:
        """Return the physical id of a resource."""
        detail = self.client.describe_stack_resource(
            StackName=self.name, LogicalResourceId=logical_id
        )
        return str(detail["StackResourceDetail"]["PhysicalResourceId"])

    def events(self, logical_id: str) -> list[tuple[str, str, str]]:
        """Return status, physical id and reason of a resource's events, the first one first."""
        pages = self.client.get_paginator("describe_stack_events").paginate(StackName=self.name)
        return [
            (
                event["ResourceStatus"],
                event.get("PhysicalResourceId", ""),
                event.get("ResourceStatusReason", ""),
            )
            for event in reversed([event for page in pages for event in page["StackEvents"]])
            if event["LogicalResourceId"] == logical_id
        ]

    def reason(self, logical_id: str) -> str:
        """Return why a resource last failed."""
        return next(
            reason
            for status, _, reason in reversed(self.events(logical_id))
            if status.endswith("FAILED")
        )
