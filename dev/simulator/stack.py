"""A stack with one certificate, for tests of single operations or events."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dev.certificates.authority import NOW
from dev.simulator.cloudformation import CloudFormation
from dev.simulator.context import FUNCTION_MILLISECONDS, Context
from dev.simulator.events import RESPONSE_URL, new_stack_id
from dev.simulator.stack_record import Resource, StackRecord
from server_certificate_handler.entry import Handler
from server_certificate_handler.response import MAX_ANSWER_BYTES
from server_certificate_handler.watchdog import NoWatchdog

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from dev.simulator.account import Account
    from dev.simulator.events import Answer, Event, Properties


@dataclass
class Stack:
    """A stack with one certificate resource; each event is delivered once, and must be answered."""

    account: Account
    name: str = "web"
    logical_id: str = "Certificate"
    context: Context = field(default_factory=Context)
    now: datetime = NOW
    events: list[Event] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Start the function, which stays warm."""
        self.handler = Handler(
            self.account.client,
            self._receive,
            now=lambda: self.now,
            sleep=self.context.sleep,
            watch=lambda *_: NoWatchdog(),
        )
        self._cloudformation = CloudFormation(self.account, self._run)
        self._record = StackRecord(self.name, new_stack_id(self.name))

    def create(self, properties: Mapping[str, Any]) -> Answer:
        """Create the stack; if that fails, CloudFormation rolls back."""
        self._record = StackRecord(self.name, self.stack_id)
        return self._deploy(properties)

    def update(self, properties: Mapping[str, Any], *, neighbor_fails: bool = False) -> Answer:
        """
        Update the resource; then CloudFormation cleans up or rolls back.

        Args:
            properties: The new properties.
            neighbor_fails: Whether another resource of the stack fails afterwards, so that the
                whole update is rolled back.

        Returns:
            The answer to the update itself.
        """
        answer = self._deploy(properties, neighbor_fails_after=1 if neighbor_fails else None)
        assert self._record.status != "UPDATE_ROLLBACK_FAILED", self.answers[-1]
        return answer

    def send_update(self, properties: Mapping[str, Any]) -> Answer:
        """Send the Update alone, without clean-up or rollback, and don't apply the answer."""
        return self.send(
            "Update",
            PhysicalResourceId=self.physical_id,
            ResourceProperties=dict(properties),
            OldResourceProperties=self.properties,
        )

    def delete(self) -> Answer:
        """Delete the stack."""
        before = len(self.answers)
        self._cloudformation.delete(self._record)
        return self._answer(before)

    def send(self, request_type: str, **fields: Any) -> Answer:  # noqa: ANN401 - JSON
        """Send one event, in a running operation, and return its answer."""
        if self.status == self._record.status != "" and not self.status.endswith("_IN_PROGRESS"):
            self.status = f"{request_type.upper()}_IN_PROGRESS"
        self._cloudformation.request(self._record, self.logical_id, request_type, fields)
        return self.answers[-1]

    def deliver(self, event: Event) -> Answer:
        """Deliver an event, possibly again, and return its answer."""
        self._run(event)
        return self.answers[-1]

    @property
    def stack_id(self) -> str:
        """The stack's id."""
        return self._record.stack_id

    @stack_id.setter
    def stack_id(self, stack_id: str) -> None:
        self._record.stack_id = stack_id

    @property
    def status(self) -> str:
        """The stack's status in DescribeStacks."""
        return self.account.stack_statuses.get(self.stack_id, "")

    @status.setter
    def status(self, status: str) -> None:
        self.account.stack_statuses[self.stack_id] = status

    @property
    def state(self) -> tuple[str, str]:
        """Physical id and status in ListStackResources."""
        return self.account.resources.get((self.stack_id, self.logical_id), ("", ""))

    @state.setter
    def state(self, state: tuple[str, str]) -> None:
        self.account.resources[self.stack_id, self.logical_id] = state

    @property
    def physical_id(self) -> str:
        """The id that CloudFormation holds; empty before the creation."""
        return self._resource.physical_id

    @physical_id.setter
    def physical_id(self, physical_id: str) -> None:
        self._resource.physical_id = physical_id

    @property
    def properties(self) -> Properties:
        """The properties that CloudFormation holds."""
        return self._resource.properties

    @properties.setter
    def properties(self, properties: Properties) -> None:
        self._resource.properties = properties

    @property
    def _resource(self) -> Resource:
        return self._record.resources.get(self.logical_id, Resource({}))

    def _deploy(
        self, properties: Mapping[str, Any], *, neighbor_fails_after: int | None = None
    ) -> Answer:
        before = len(self.answers)
        self._cloudformation.deploy(
            self._record,
            {self.logical_id: dict(properties)},
            neighbor_fails_after=neighbor_fails_after,
        )
        return self._answer(before)

    def _answer(self, number: int) -> Answer:
        assert len(self.answers) > number, "nothing is to be done, so that no event is sent"
        return self.answers[number]

    def _run(self, event: Event) -> None:
        self.events.append(event)
        before = len(self.answers)
        self.context.remaining = FUNCTION_MILLISECONDS
        self.handler(event, self.context)
        assert len(self.answers) == before + 1, "every event is answered exactly once"
        answer = self.answers[-1]
        for key in ("StackId", "RequestId", "LogicalResourceId"):
            assert answer[key] == event[key]
        assert answer["PhysicalResourceId"]

    def _receive(self, url: str, body: bytes) -> None:
        assert url.startswith(RESPONSE_URL)
        assert len(body) <= MAX_ANSWER_BYTES
        self.answers.append(json.loads(body))
        self._cloudformation.receive(self.answers[-1])
