"""
Stacks, people and Lambda's invocations, with everything that can go wrong.

If a function fails, Lambda invokes it twice more with the same event.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from dev.simulator.cloudformation import CloudFormation
from dev.simulator.disturbances import Disturber, KilledError
from dev.simulator.events import new_stack_id, response_url
from dev.simulator.sandbox import new_sandboxes
from dev.simulator.stack_record import StackRecord
from server_certificate_handler.delivery import DeliveryError
from server_certificate_handler.identifiers import is_certificate_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dev.simulator.account import Account
    from dev.simulator.declared import Declared, Template
    from dev.simulator.disturbances import Disturbance
    from dev.simulator.events import Answer, Event, Properties
    from dev.simulator.sandbox import Sandbox
    from dev.simulator.stack_record import Resource

TRIES = 3
"""How often Lambda tries an event."""

_CONTINUATIONS = 5
"""How often a person continues a failed rollback."""


class World:
    """
    An account with stacks and the function behind them.

    Args:
        account: The account.
        sandboxes: The function's processes, shared between worlds.
    """

    def __init__(self, account: Account, sandboxes: list[Sandbox] | None = None) -> None:
        self.account = account
        self.cloudformation = CloudFormation(account, self._send)
        self.stacks: dict[str, StackRecord] = {}
        self.history: list[Event] = []
        """All events."""

        self.phases: dict[str, str] = {}
        """The stack's status when an event was sent, by RequestId."""

        self.lose_answers = 0
        self.disturber = Disturber(
            on_twice=self._deliver_again,
            on_canceled=self._cancel,
            on_out_of_time=self._use_up_time,
            on_effect=self._check_consumers,
        )
        account.observer = self.disturber
        self.violations: list[str] = []
        self.human_deleted: set[str] = set()
        self.disturbed_requests: dict[str, int] = {}
        """How often events were disturbed, by RequestId."""

        self.overtaken: set[str] = set()
        """RequestIds of events that came to another end while an invocation still worked on them."""

        self._sandboxes = sandboxes or new_sandboxes()
        for sandbox in self._sandboxes:
            sandbox.receive = self._receive
        self._declared: dict[str, Declared] = {}
        self._event: Event | None = None
        self._depth = 0

    @property
    def answers(self) -> dict[str, Answer]:
        """First answer by RequestId."""
        return self.cloudformation.answers

    @property
    def given_up(self) -> set[str]:
        """Ids whose deletion CloudFormation has given up."""
        return self.cloudformation.given_up

    def declared(self, resource: Resource) -> Declared:
        """Return what was declared of a resource."""
        return self._declared[_key(resource.properties)]

    # Operations

    def deploy(
        self,
        name: str,
        template: Template,
        *,
        neighbor_fails_after: int | None = None,
        plan: Mapping[int, Disturbance] | None = None,
    ) -> bool:
        """
        Create or update a stack; a person continues a failed rollback.

        Args:
            name: The stack's name.
            template: Its certificates.
            neighbor_fails_after: Another resource fails after this many certificates.
            plan: Disturbances by the number of the call.

        Returns:
            Whether it succeeded; otherwise it was rolled back.
        """
        self.disturber.begin_operation(plan or {})
        stack = self._stack(name)
        declared = {lid: each.properties(lid) for lid, each in template.items()}
        self._declared |= {_key(declared[lid]): each for lid, each in template.items()}
        succeeded = self.cloudformation.deploy(
            stack, declared, neighbor_fails_after=neighbor_fails_after
        )
        for _ in range(_CONTINUATIONS):
            if stack.status == "UPDATE_ROLLBACK_FAILED":
                self.cloudformation.continue_rollback(stack)
        return succeeded

    def delete(self, name: str, *, plan: Mapping[int, Disturbance] | None = None) -> bool:
        """Delete a stack; return False if a resource couldn't be deleted."""
        self.disturber.begin_operation(plan or {})
        return self.cloudformation.delete(self._stack(name))

    def deliver_late(self, number: int) -> None:
        """Deliver an earlier event again."""
        self.disturber.begin_operation({})
        if self.history:
            self._invoke(self.history[number % len(self.history)])

    def _stack(self, name: str) -> StackRecord:
        stack = self.stacks.get(name)
        if stack is None or stack.status == "DELETE_COMPLETE":
            stack = self.stacks[name] = StackRecord(name, new_stack_id(name))
        return stack

    # Lambda

    def _send(self, event: Event) -> None:
        request_id = event["RequestId"]
        self.history.append(event)
        self.phases[request_id] = self.account.stack_statuses[event["StackId"]]
        outer, self._event = self._event, event
        self.disturber.begin_event()
        struck = len(self.disturber.struck)
        self._invoke(event)
        if times := len(self.disturber.struck) - struck:
            self.disturbed_requests[request_id] = times
        self._event = outer

    def _invoke(self, event: Event) -> None:
        for _ in range(TRIES):
            self.disturber.begin_invocation()
            try:
                self._sandboxes[self._depth].run(self.account, event)
            except (KilledError, DeliveryError):
                continue
            return

    def _receive(self, url: str, answer: Answer) -> None:
        self._check_answer(url, answer)
        if answer["Status"] == "FAILED" and answer["RequestId"] in self.answers:
            self.overtaken.add(answer["RequestId"])
        if self.lose_answers:
            self.lose_answers -= 1
            raise DeliveryError("lost")
        self.cloudformation.receive(answer)

    # What happens in between

    def _deliver_again(self) -> None:
        event = self._event
        if event is not None:
            self._depth += 1
            self._invoke(event)
            self._depth -= 1

    def _cancel(self) -> None:
        if self._event is not None:
            self.overtaken.add(self._event["RequestId"])
        self._depth += 1
        self.cloudformation.cancel()
        self._depth -= 1

    def _use_up_time(self) -> None:
        self._sandboxes[self._depth].context.remaining = 14_000

    # What must hold at every moment

    def _check_answer(self, url: str, answer: Answer) -> None:
        event = next(each for each in self.history if each["RequestId"] == answer["RequestId"])
        physical_id = answer["PhysicalResourceId"]
        has_succeeded = answer["Status"] == "SUCCESS"
        self._expect(url == response_url(answer["RequestId"]), "an answer to another URL")
        self._expect(bool(physical_id), "an empty physical id")
        self._expect(bool(answer["Reason"]), "an empty reason")
        if has_succeeded and answer["Data"]:
            self._expect(is_certificate_id(physical_id), "a success with an invented id")
        if not has_succeeded and event["RequestType"] == "Update":
            self._expect(
                physical_id == event["PhysicalResourceId"],
                "a failed Update answered with another id",
            )

    def _check_consumers(self, action: str) -> None:
        if action != "DeleteServerCertificate":
            return
        held = set(self.account.names().values()) | self.human_deleted
        for stack in self.stacks.values():
            for logical_id, resource in stack.resources.items():
                consumer = resource.consumer
                self._expect(
                    consumer is None or consumer in held,
                    f"a consumer of {stack.name}/{logical_id} refers to {consumer}, which is gone",
                )

    def _expect(self, holds: bool, violation: str) -> None:  # noqa: FBT001 (an assertion)
        if not holds:
            self.violations.append(violation)


def _key(properties: Properties) -> str:
    return json.dumps(properties, sort_keys=True)
