"""Stacks of small templates, and what CloudFormation says about them while it works."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from dev.acceptance.account import Account
    from dev.acceptance.patience import Patience

LONGEST_SECONDS: Final = 900


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What DescribeStacks answered."""

    status: str
    last_updated: datetime | None
    operations: tuple[str, ...]
    """The types of LastOperations, in the answer's order."""

    def __str__(self) -> str:
        updated = self.last_updated.isoformat() if self.last_updated else "absent"
        operations = ", ".join(self.operations) or "absent"
        return f"{self.status}: LastUpdatedTime {updated}; LastOperations {operations}"


class StackFailedError(Exception):
    """A stack ended in another status than it had to; the message has the reasons."""


class AskedStack:
    """
    A stack of the run, deployed through the API.

    Args:
        account: The account.
        name: The stack's name.
        tags: The stack's tags.
        patience: Waits.
    """

    def __init__(
        self, account: Account, name: str, tags: list[dict[str, str]], patience: Patience
    ) -> None:
        self.name = name
        self._tags = tags
        self._patience = patience
        self._client: Any = account.client("cloudformation")

    def create(self, template: Mapping[str, Any], **parameters: str) -> list[Look]:
        """Create the stack, and wait until it rests; return what was seen on the way."""
        self._client.create_stack(**self._request(template, parameters))
        return self._watch()

    def update(self, template: Mapping[str, Any], **parameters: str) -> list[Look]:
        """Update the stack, and wait until it rests; return what was seen on the way."""
        self._client.update_stack(**self._request(template, parameters))
        return self._watch()

    def delete(self) -> None:
        """Delete the stack, and wait until it is gone."""
        stack_id = self._describe()["StackId"]
        self._client.delete_stack(StackName=self.name)
        self._patience.until(
            lambda: self._client.describe_stacks(StackName=stack_id)["Stacks"][0]["StackStatus"],
            lambda status: not status.endswith("_IN_PROGRESS"),
            seconds=LONGEST_SECONDS,
        )

    def expect(self, looks: list[Look], status: str) -> None:
        """
        Make sure that the stack rests in a status.

        Raises:
            StackFailedError: It rests in another one.
        """
        if looks[-1].status != status:
            reasons = "; ".join(self.failures()) or "no reason is given"
            raise StackFailedError(f"The stack is in {looks[-1].status}, not {status}: {reasons}.")

    def failures(self) -> list[str]:
        """Return what CloudFormation says about failed resources."""
        pages = self._client.get_paginator("describe_stack_events").paginate(StackName=self.name)
        return [
            f"{event['LogicalResourceId']}: {event['ResourceStatusReason']}"
            for page in pages
            for event in page["StackEvents"]
            if event["ResourceStatus"].endswith("_FAILED") and "ResourceStatusReason" in event
        ]

    def outputs(self) -> dict[str, str]:
        """Return the stack's outputs."""
        return {
            output["OutputKey"]: output["OutputValue"]
            for output in self._describe().get("Outputs", [])
        }

    def physical_ids(self) -> dict[str, str]:
        """Return the physical ids by logical id, as ListStackResources shows them."""
        pages = self._client.get_paginator("list_stack_resources").paginate(StackName=self.name)
        return {
            resource["LogicalResourceId"]: resource.get("PhysicalResourceId", "")
            for page in pages
            for resource in page["StackResourceSummaries"]
            if resource["ResourceStatus"] != "DELETE_COMPLETE"
        }

    def stack_id(self) -> str:
        """Return the stack's ARN."""
        return str(self._describe()["StackId"])

    def look(self) -> Look:
        """Return what DescribeStacks answers now."""
        stack = self._describe()
        return Look(
            status=stack["StackStatus"],
            last_updated=stack.get("LastUpdatedTime"),
            operations=tuple(each["OperationType"] for each in stack.get("LastOperations", [])),
        )

    def _watch(self) -> list[Look]:
        looks: list[Look] = []

        def look() -> Look:
            seen = self.look()
            if seen not in looks[-1:]:
                looks.append(seen)
            return seen

        self._patience.until(
            look, lambda seen: not seen.status.endswith("_IN_PROGRESS"), seconds=LONGEST_SECONDS
        )
        return looks

    def _describe(self) -> dict[str, Any]:
        described: dict[str, Any] = self._client.describe_stacks(StackName=self.name)["Stacks"][0]
        return described

    def _request(
        self, template: Mapping[str, Any], parameters: Mapping[str, str]
    ) -> dict[str, Any]:
        return {
            "StackName": self.name,
            "TemplateBody": json.dumps(template),
            "Parameters": [
                {"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()
            ],
            "Capabilities": ["CAPABILITY_NAMED_IAM"],
            "Tags": self._tags,
        }
