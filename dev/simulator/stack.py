"""CloudFormation as a custom resource sees it: the events of a life cycle, and what answers cause."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dev.certificates.authority import NOW
from server_certificate_handler.answer import MAX_ANSWER_BYTES
from server_certificate_handler.handler import Handler

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from dev.simulator.account import Account

RESPONSE_URL = (
    "https://cloudformation-custom-resource-response.example/answer?X-Amz-Signature=5ecre7"
)


@dataclass
class Context:
    """The Lambda context. Time passes by sleeping only, and sleeping takes none."""

    remaining: int = 900_000
    slept: list[float] = field(default_factory=list)
    meanwhile: dict[int, Callable[[], object]] = field(default_factory=dict)
    """What somebody else does during the first, second, … sleep."""

    function_name: str = "provider"
    aws_request_id: str = "invocation"

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds left."""
        return self.remaining

    def sleep(self, seconds: float) -> None:
        """Pretend to sleep."""
        self.slept.append(seconds)
        self.remaining -= int(seconds * 1000)
        if happening := self.meanwhile.get(len(self.slept)):
            happening()


@dataclass
class Stack:
    """A stack with one certificate resource, driven event by event."""

    account: Account
    name: str = "web"
    logical_id: str = "Certificate"
    context: Context = field(default_factory=Context)
    now: datetime = NOW
    physical_id: str | None = None
    properties: dict[str, Any] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    answers: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Start the function, warm for the life of the stack."""
        self.handler = Handler(
            self.account.client, self._receive, now=lambda: self.now, sleep=self.context.sleep
        )
        self.stack_id = (
            f"arn:aws:cloudformation:eu-central-1:111122223333:stack/{self.name}/{uuid.uuid4()}"
        )

    def create(self, properties: Mapping[str, Any]) -> dict[str, Any]:
        """Create the resource; when that fails, roll back."""
        self.account.stack_status = "CREATE_IN_PROGRESS"
        answer = self.send("Create", ResourceProperties=dict(properties))
        if answer["Status"] == "SUCCESS":
            self.physical_id, self.properties = answer["PhysicalResourceId"], dict(properties)
        else:
            self._delete(answer["PhysicalResourceId"], properties, "ROLLBACK_IN_PROGRESS")
        return answer

    def update(
        self, properties: Mapping[str, Any], *, neighbour_fails: bool = False
    ) -> dict[str, Any]:
        """
        Update the resource, then clean up or roll back as CloudFormation does.

        Args:
            properties: The new properties.
            neighbour_fails: Whether another resource of the stack fails afterwards, so that the
                whole update is rolled back.

        Returns:
            The answer to the update itself.
        """
        before_id, before = self.physical_id, self.properties
        self.account.stack_status = "UPDATE_IN_PROGRESS"
        answer = self._update(before_id, properties, before)
        if answer["Status"] == "SUCCESS" and not neighbour_fails:
            self.physical_id, self.properties = answer["PhysicalResourceId"], dict(properties)
            if self.physical_id != before_id:
                self._delete(before_id, before, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
            return answer
        present_id = answer["PhysicalResourceId"]
        self.account.stack_status = "UPDATE_ROLLBACK_IN_PROGRESS"
        back = self._update(present_id, before, properties)
        assert back["Status"] == "SUCCESS", back
        self.physical_id = back["PhysicalResourceId"]
        if self.physical_id != present_id:
            status = "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS"
            self._delete(present_id, properties, status)
        return answer

    def send_update(self, properties: Mapping[str, Any]) -> dict[str, Any]:
        """Send the Update alone: neither clean-up nor rollback follows, and the answer is not taken."""
        return self._update(self.physical_id, properties, self.properties)

    def delete(self) -> dict[str, Any]:
        """Delete the resource with its stack."""
        return self._delete(self.physical_id, self.properties, "DELETE_IN_PROGRESS")

    def send(self, request_type: str, **fields: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
        """Send one event and return the one answer to it."""
        event = {
            "RequestType": request_type,
            "ResponseURL": RESPONSE_URL,
            "StackId": self.stack_id,
            "RequestId": str(uuid.uuid4()),
            "ResourceType": "Custom::IamServerCertificate",
            "LogicalResourceId": self.logical_id,
            **fields,
        }
        held = self.state[0] if request_type == "Delete" else fields.get("PhysicalResourceId", "")
        self.state = (held, f"{request_type.upper()}_IN_PROGRESS")
        answer = self.deliver(event)
        ended = "FAILED" if answer["Status"] == "FAILED" else "COMPLETE"
        holds = held if request_type == "Delete" else answer["PhysicalResourceId"]
        self.state = (holds, f"{request_type.upper()}_{ended}")
        return answer

    @property
    def state(self) -> tuple[str, str]:
        """Physical id and status, as DescribeStackResource tells them."""
        return self.account.resources.get((self.stack_id, self.logical_id), ("", ""))

    @state.setter
    def state(self, state: tuple[str, str]) -> None:
        self.account.resources[self.stack_id, self.logical_id] = state

    def deliver(self, event: dict[str, Any]) -> dict[str, Any]:
        """Deliver an event, perhaps once more, and return the one answer to it."""
        self.events.append(event)
        before = len(self.answers)
        self.handler(event, self.context)
        assert len(self.answers) == before + 1, "every event is answered exactly once"
        answer = self.answers[-1]
        for key in ("StackId", "RequestId", "LogicalResourceId"):
            assert answer[key] == event[key]
        assert answer["PhysicalResourceId"]
        return answer

    def _update(
        self, physical_id: str | None, properties: Mapping[str, Any], before: Mapping[str, Any]
    ) -> dict[str, Any]:
        return self.send(
            "Update",
            PhysicalResourceId=physical_id,
            ResourceProperties=dict(properties),
            OldResourceProperties=dict(before),
        )

    def _delete(
        self, physical_id: str | None, properties: Mapping[str, Any], status: str
    ) -> dict[str, Any]:
        self.account.stack_status = status
        return self.send(
            "Delete", PhysicalResourceId=physical_id, ResourceProperties=dict(properties)
        )

    def _receive(self, url: str, body: bytes) -> None:
        assert url == RESPONSE_URL
        assert len(body) <= MAX_ANSWER_BYTES
        self.answers.append(json.loads(body))
