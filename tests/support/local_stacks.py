"""Stacks of the local cloud, without the CDK."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from support.principals import client_of
from support.waiting import wait_for

if TYPE_CHECKING:
    from local_cloud import LocalCloud


def start_stack(cloud: LocalCloud, name: str, resources: dict[str, Any]) -> None:
    """Begin to create a stack."""
    template = json.dumps({"Resources": resources})
    client_of(cloud, "cloudformation").create_stack(StackName=name, TemplateBody=template)


def create_stack(cloud: LocalCloud, name: str, resources: dict[str, Any]) -> str:
    """Create a stack; return the status that it ends in."""
    start_stack(cloud, name, resources)
    return final_status(cloud, name)


def update_stack(cloud: LocalCloud, name: str, resources: dict[str, Any]) -> str:
    """Update a stack; return the status that it ends in."""
    template = json.dumps({"Resources": resources})
    client_of(cloud, "cloudformation").update_stack(StackName=name, TemplateBody=template)
    return final_status(cloud, name)


def delete_stack(cloud: LocalCloud, name: str) -> None:
    """Delete a stack, and wait until it is gone."""
    client = client_of(cloud, "cloudformation")
    client.delete_stack(StackName=name)
    wait_for(
        lambda: [each["StackName"] for each in client.describe_stacks()["Stacks"]], _lacks(name)
    )


def final_status(cloud: LocalCloud, name: str) -> str:
    """Wait until nothing is in progress; return the stack's status."""
    client = client_of(cloud, "cloudformation")

    def status() -> str:
        return str(client.describe_stacks(StackName=name)["Stacks"][0]["StackStatus"])

    return wait_for(status, lambda status: not status.endswith("_IN_PROGRESS"))


def failure_reason(cloud: LocalCloud, name: str) -> str:
    """Return the reason of the resource that failed last."""
    events = client_of(cloud, "cloudformation").describe_stack_events(StackName=name)["StackEvents"]
    return next(
        str(event["ResourceStatusReason"])
        for event in events
        if event["ResourceStatus"] in {"CREATE_FAILED", "UPDATE_FAILED"}
        and event["ResourceType"] != "AWS::CloudFormation::Stack"
        and "ResourceStatusReason" in event
    )


def _lacks(name: str) -> Any:  # noqa: ANN401 - a function
    return lambda names: name not in names
