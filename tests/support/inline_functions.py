"""Small Lambda functions in a running local cloud, and stacks that use them."""

from __future__ import annotations

import io
import json
import textwrap
import zipfile
from typing import TYPE_CHECKING, Any

from support.waiting import wait_for

if TYPE_CHECKING:
    from local_cloud import LocalCloud

ROLE_ARN = "arn:aws:iam::111122223333:role/r"

ANSWERING = """
    import json, urllib.request

    def handler(event, context):
        answer = {name: event[name] for name in ("StackId", "RequestId", "LogicalResourceId")}
        answer |= {"Status": "SUCCESS", "PhysicalResourceId": "id"}
        if event["RequestType"] != "Delete":
            answer |= json.loads(event["ResourceProperties"].get("Answer", "{}"))
        request = urllib.request.Request(
            event["ResponseURL"], data=json.dumps(answer).encode(), method="PUT"
        )
        urllib.request.urlopen(request).read()
"""
"""A handler of custom resources that answers what their property Answer says, in JSON."""


def create_function(
    cloud: LocalCloud, name: str, code: str, *, handler: str = "index.handler"
) -> str:
    """Create a function whose code is the module ``index``; return its ARN."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as files:
        files.writestr("index.py", textwrap.dedent(code))
    created = cloud.client("lambda").create_function(
        FunctionName=name,
        Runtime="python3.13",
        Handler=handler,
        Timeout=20,
        Role=ROLE_ARN,
        Code={"ZipFile": archive.getvalue()},
    )
    arn: str = created["FunctionArn"]
    return arn


class Stack:
    """A stack that is deployed through the API."""

    def __init__(self, cloud: LocalCloud, name: str = "s") -> None:
        self._name = name
        self._stacks = cloud.client("cloudformation")

    def create(self, template: dict[str, Any], **options: object) -> str:
        """Create it; return the status in which it rests."""
        self.start_to_create(template, **options)
        return self.rest()

    def start_to_create(self, template: dict[str, Any], **options: object) -> None:
        """Begin to create it."""
        self._stacks.create_stack(
            StackName=self._name, TemplateBody=json.dumps(template), **options
        )

    def update(self, template: dict[str, Any]) -> str:
        """Update it; return the status in which it rests."""
        self._stacks.update_stack(StackName=self._name, TemplateBody=json.dumps(template))
        return self.rest()

    def rest(self) -> str:
        """Wait until it rests; return its status."""
        return wait_for(
            lambda: str(self.described()["StackStatus"]),
            lambda status: not status.endswith("IN_PROGRESS"),
        )

    def described(self) -> dict[str, Any]:
        """Return what DescribeStacks tells of it."""
        found: dict[str, Any] = self._stacks.describe_stacks(StackName=self._name)["Stacks"][0]
        return found

    def events(self) -> list[dict[str, Any]]:
        """Return its events, newest first."""
        pages = self._stacks.get_paginator("describe_stack_events").paginate(StackName=self._name)
        return [event for page in pages for event in page["StackEvents"]]

    def reason(self, logical_id: str) -> str:
        """Return why a resource failed."""
        return next(
            event["ResourceStatusReason"]
            for event in self.events()
            if event["LogicalResourceId"] == logical_id
            and event["ResourceStatus"].endswith("_FAILED")
        )
