"""
A model of CloudFormation and of Lambda's asynchronous invocation, as a custom resource sees them.

Rules of CloudFormation (user guide, custom resources; and what was observed):

* a failed Create is followed by a Delete with the id of its answer, and an id is invented when
  there was no answer;
* a failed operation is rolled back by an Update with swapped properties for each resource that it
  touched, failed ones included; the model can also roll a replacement back by Delete alone;
* an answer with another id is a replacement: the old id is deleted in the clean-up, where a
  deletion is tried three times and then given up without failing the operation;
* when a neighbour fails, CloudFormation stops waiting for what is still running, and rolls back
  while it runs. A rollback that fails then is continued by a person when nothing runs any more.

Lambda invokes a function that fails twice more with the same event. The first answer counts.
"""

from __future__ import annotations

import itertools
import uuid
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from dev.certificates.authority import NOW
from dev.simulator.declared import Declared
from dev.simulator.disturbances import Disturber, KilledError
from dev.simulator.sandbox import Sandbox
from server_certificate_handler.answer import DeliveryError
from server_certificate_handler.identifiers import is_certificate_id

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from dev.simulator.account import Account
    from dev.simulator.disturbances import Disturbance

RESPONSE_URL = "https://answers.example/{request}?X-Amz-Signature=5ecre7"
TRIES = 3
"""How often Lambda runs an event, and CloudFormation a Delete of its clean-up."""

Template = dict[str, Declared]
"""Certificates by logical id."""


@dataclass
class Resource:
    """What CloudFormation holds of a resource."""

    declared: Declared
    physical_id: str = ""
    status: str = ""
    consumer: str | None = None
    """The ServerCertificateId that something in the stack refers to."""


@dataclass
class Operation:
    """What a roll-back needs to know."""

    is_creation: bool
    before: dict[str, Resource]
    touched: list[str] = field(default_factory=list)
    attempted: dict[str, Declared] = field(default_factory=dict)
    is_rolled_back: bool = False
    undone: set[str] = field(default_factory=set)
    """Logical ids that are rolled back."""

    superseded: list[tuple[str, str, Declared]] = field(default_factory=list)
    """Logical id, physical id and properties of what the clean-up of the rollback deletes."""


@dataclass
class Stack:
    """One stack."""

    name: str
    stack_id: str
    status: str = ""
    resources: dict[str, Resource] = field(default_factory=dict)
    operation: Operation | None = None

    superseded: list[tuple[str, str, Declared]] = field(default_factory=list)
    """Logical id, physical id and properties of what a rollback that failed has not cleaned up."""

    @property
    def exists(self) -> bool:
        """Whether it has been created and not been deleted."""
        return bool(self.status) and self.status != "DELETE_COMPLETE"

    @property
    def is_stuck(self) -> bool:
        """Whether it can only be deleted."""
        return self.exists and (
            self.status.endswith("FAILED") or self.status == "ROLLBACK_COMPLETE"
        )


class CloudFormation:
    """CloudFormation, Lambda and the account behind them."""

    def __init__(self, sandboxes: list[Sandbox] | None = None) -> None:
        self._sandboxes = sandboxes or new_sandboxes()
        for sandbox in self._sandboxes:
            sandbox._receive = self._receive  # noqa: SLF001 (handed on from world to world)
            sandbox.now = self._now
        self.stacks: dict[str, Stack] = {}
        self.answers: dict[str, dict[str, Any]] = {}
        """First answer by RequestId."""

        self.history: list[dict[str, Any]] = []
        """All events."""

        self.given_up: set[str] = set()
        """Ids whose deletion was tried three times and then dropped."""

        self.lose_answers = 0
        self.roll_back_by_deletion = False
        self.disturber = Disturber(
            on_twice=self._deliver_again,
            on_cancelled=self._cancel,
            on_out_of_time=self._use_up_time,
            on_effect=self._check_consumers,
        )
        self.violations: list[str] = []
        self.human_deleted: set[str] = set()
        self.disturbed_requests: set[str] = set()
        self.phases: dict[str, str] = {}
        """Status of the stack when an event was sent, by RequestId."""

        self._event: dict[str, Any] | None = None
        self._in_flight: tuple[Stack, str] | None = None
        self._depth = 0
        self._counter = itertools.count()

    def use(self, account: Account) -> None:
        """Work in an account."""
        self.account = account
        account.observer = self.disturber

    # Operations

    def deploy(
        self,
        name: str,
        template: Template,
        *,
        neighbour_fails_after: int | None = None,
        plan: Mapping[int, Disturbance] | None = None,
    ) -> bool:
        """
        Create or update a stack.

        Args:
            name: The stack's name.
            template: Its certificates.
            neighbour_fails_after: Another resource fails after so many of the certificates.
            plan: Disturbances by the number of the call.

        Returns:
            Whether it succeeded; otherwise it was rolled back.
        """
        self.disturber.begin_operation(plan or {})
        stack = self._stack(name)
        stack.operation = Operation(
            is_creation=not stack.resources and not stack.status,
            before={lid: replace(resource) for lid, resource in stack.resources.items()},
        )
        self._begin(stack, "CREATE" if stack.operation.is_creation else "UPDATE")
        self.account.began_at[stack.stack_id] = self._now()
        changed = [
            lid
            for lid, declared in template.items()
            if lid not in stack.resources or stack.resources[lid].declared != declared
        ]
        for number, logical_id in enumerate(changed):
            if number == neighbour_fails_after:
                return self._roll_back(stack)
            stack.operation.touched.append(logical_id)
            stack.operation.attempted[logical_id] = template[logical_id]
            succeeded = self._bring(stack, logical_id, template[logical_id])
            if stack.operation.is_rolled_back:
                if stack.status == "UPDATE_ROLLBACK_FAILED":
                    self._roll_back_update(stack, stack.operation)
                return False
            if not succeeded:
                return self._roll_back(stack)
        if neighbour_fails_after is not None:
            return self._roll_back(stack)
        self._clean_up(stack, template)
        return True

    def delete(self, name: str, *, plan: Mapping[int, Disturbance] | None = None) -> bool:
        """Delete a stack; False when a resource could not be deleted."""
        self.disturber.begin_operation(plan or {})
        stack = self._stack(name)
        self._begin(stack, "DELETE")
        for logical_id in reversed(list(stack.resources)):
            resource = stack.resources[logical_id]
            resource.consumer = None
            self._set_resource(stack, logical_id, "DELETE_IN_PROGRESS")
            if self._delete(stack, logical_id, resource.physical_id, resource.declared):
                del stack.resources[logical_id]
        stack.superseded = [item for item in stack.superseded if not self._delete(stack, *item)]
        failed = bool(stack.resources or stack.superseded)
        self._set(stack, "DELETE", "FAILED" if failed else "COMPLETE")
        return not failed

    def deliver_late(self, number: int) -> None:
        """Deliver an event of the past once more."""
        self.disturber.begin_operation({})
        if self.history:
            self._invoke(self.history[number % len(self.history)])

    # CloudFormation

    def _stack(self, name: str) -> Stack:
        stack = self.stacks.get(name)
        if stack is None or stack.status == "DELETE_COMPLETE":
            stack_id = (
                f"arn:aws:cloudformation:eu-central-1:111122223333:stack/{name}/{uuid.uuid4()}"
            )
            stack = self.stacks[name] = Stack(name, stack_id)
        return stack

    def _begin(self, stack: Stack, operation: str) -> None:
        self._set(stack, operation, "IN_PROGRESS")
        self._list(stack, f"{operation}_STACK")

    def _list(self, stack: Stack, operation_type: str) -> None:
        """List an operation, as DescribeStacks does, a rollback too that nobody has asked for."""
        self.account.last_operations.setdefault(stack.stack_id, []).insert(0, operation_type)

    def _set(self, stack: Stack, operation: str, phase: str) -> None:
        stack.status = f"{operation}_{phase}"
        self.account.stack_statuses[stack.stack_id] = stack.status

    def _set_resource(self, stack: Stack, logical_id: str, status: str) -> None:
        resource = stack.resources.get(logical_id)
        if resource is not None:
            resource.status = status
            self._show(stack, logical_id, resource.physical_id, status)

    def _show(self, stack: Stack, logical_id: str, physical_id: str, status: str) -> None:
        key = (stack.stack_id, logical_id)
        self.account.resources[key] = (physical_id, status)
        self.account.changed_at[key] = self._now()

    def _now(self) -> datetime:
        """Tell the time: it passes with every look at the clock."""
        return NOW + timedelta(seconds=next(self._counter))

    def _bring(self, stack: Stack, logical_id: str, declared: Declared) -> bool:
        """Create or update one resource."""
        former = stack.resources.get(logical_id)
        self._in_flight = (stack, logical_id)
        if former is None:
            resource = stack.resources[logical_id] = Resource(declared)
            self._set_resource(stack, logical_id, "CREATE_IN_PROGRESS")
            answer = self._send(stack, logical_id, "Create", declared)
        else:
            resource = former
            self._set_resource(stack, logical_id, "UPDATE_IN_PROGRESS")
            answer = self._send(
                stack,
                logical_id,
                "Update",
                declared,
                physical_id=former.physical_id,
                former=former.declared,
            )
        self._in_flight = None
        if stack.operation is not None and stack.operation.is_rolled_back:
            return False
        verb = "UPDATE" if former else "CREATE"
        if answer is None or answer["Status"] == "FAILED":
            if former is None:
                resource.physical_id = (
                    answer["PhysicalResourceId"] if answer else self._invented(stack, logical_id)
                )
            elif answer is not None:
                self._expect(
                    answer["PhysicalResourceId"] == former.physical_id,
                    "a failed Update answered with another id",
                )
            self._set_resource(stack, logical_id, f"{verb}_FAILED")
            return False
        resource.physical_id = answer["PhysicalResourceId"]
        resource.declared = declared
        resource.consumer = resource.physical_id
        self._set_resource(stack, logical_id, f"{verb}_COMPLETE")
        return True

    def _clean_up(self, stack: Stack, template: Template) -> None:
        operation = stack.operation
        if operation is None or operation.is_creation:
            self._set(stack, "CREATE", "COMPLETE")
            return
        self._set(stack, "UPDATE", "COMPLETE_CLEANUP_IN_PROGRESS")
        for logical_id, before in operation.before.items():
            if logical_id not in template:
                stack.resources[logical_id].consumer = None
                self._set_resource(stack, logical_id, "DELETE_IN_PROGRESS")
                self._delete_up_to_three_times(
                    stack, logical_id, before.physical_id, before.declared
                )
                del stack.resources[logical_id]
                self.account.resources.pop((stack.stack_id, logical_id), None)
            elif stack.resources[logical_id].physical_id != before.physical_id:
                self._delete_up_to_three_times(
                    stack, logical_id, before.physical_id, before.declared
                )
        self._set(stack, "UPDATE", "COMPLETE")

    def _roll_back(self, stack: Stack) -> bool:
        operation = stack.operation
        if operation is None:
            raise ValueError(f"nothing is done to {stack.name} that could be rolled back")
        operation.is_rolled_back = True
        self._list(stack, "ROLLBACK")
        if operation.is_creation:
            self._roll_back_creation(stack, operation)
        else:
            self._roll_back_update(stack, operation)
        return False

    def _roll_back_creation(self, stack: Stack, operation: Operation) -> None:
        self._set(stack, "ROLLBACK", "IN_PROGRESS")
        failed = False
        for logical_id in reversed(operation.touched):
            resource = stack.resources[logical_id]
            resource.consumer = None
            self._set_resource(stack, logical_id, "DELETE_IN_PROGRESS")
            attempted = operation.attempted[logical_id]
            if self._delete(stack, logical_id, resource.physical_id, attempted):
                self._set_resource(stack, logical_id, "DELETE_COMPLETE")
                del stack.resources[logical_id]
            else:
                failed = True
        self._set(stack, "ROLLBACK", "FAILED" if failed else "COMPLETE")

    def _roll_back_update(self, stack: Stack, operation: Operation) -> None:
        self._set(stack, "UPDATE_ROLLBACK", "IN_PROGRESS")
        for logical_id in operation.touched:
            if logical_id in operation.undone:
                continue
            resource = stack.resources[logical_id]
            attempted = operation.attempted[logical_id]
            before = operation.before.get(logical_id)
            if before is None:
                resource.consumer = None
                operation.superseded.append((logical_id, resource.physical_id, attempted))
                operation.undone.add(logical_id)
                continue
            present = resource.physical_id
            if self.roll_back_by_deletion and present != before.physical_id:
                resource.physical_id, resource.declared = before.physical_id, before.declared
            elif not self._update_back(stack, logical_id, before, attempted):
                self._set(stack, "UPDATE_ROLLBACK", "FAILED")
                stack.superseded = operation.superseded
                return
            resource.consumer = resource.physical_id
            self._set_resource(stack, logical_id, "UPDATE_COMPLETE")
            if resource.physical_id != present:
                operation.superseded.append((logical_id, present, attempted))
            operation.undone.add(logical_id)
        self._set(stack, "UPDATE_ROLLBACK", "COMPLETE_CLEANUP_IN_PROGRESS")
        stack.superseded = []
        for logical_id, physical_id, declared in operation.superseded:
            is_new = logical_id not in operation.before
            if is_new:
                self._set_resource(stack, logical_id, "DELETE_IN_PROGRESS")
            self._delete_up_to_three_times(stack, logical_id, physical_id, declared)
            if is_new:
                self._set_resource(stack, logical_id, "DELETE_COMPLETE")
                del stack.resources[logical_id]
        self._set(stack, "UPDATE_ROLLBACK", "COMPLETE")

    def _update_back(
        self, stack: Stack, logical_id: str, before: Resource, attempted: Declared
    ) -> bool:
        """Update a resource back; a person continues a rollback that failed, when nothing runs any more."""
        resource = stack.resources[logical_id]
        self._set_resource(stack, logical_id, "UPDATE_IN_PROGRESS")
        for _ in range(1 if self._depth else TRIES):
            answer = self._send(
                stack,
                logical_id,
                "Update",
                before.declared,
                physical_id=resource.physical_id,
                former=attempted,
            )
            if answer is not None and answer["Status"] == "SUCCESS":
                resource.physical_id = answer["PhysicalResourceId"]
                resource.declared = before.declared
                return True
            self._set(stack, "UPDATE_ROLLBACK", "FAILED")
            self._set(stack, "UPDATE_ROLLBACK", "IN_PROGRESS")
            self._list(stack, "CONTINUE_ROLLBACK")
        return False

    def _delete_up_to_three_times(
        self, stack: Stack, logical_id: str, physical_id: str, declared: Declared
    ) -> None:
        for _ in range(TRIES):
            if self._delete(stack, logical_id, physical_id, declared):
                return
        self.given_up.add(physical_id)

    def _delete(self, stack: Stack, logical_id: str, physical_id: str, declared: Declared) -> bool:
        answer = self._send(stack, logical_id, "Delete", declared, physical_id=physical_id)
        return answer is not None and answer["Status"] == "SUCCESS"

    def _invented(self, stack: Stack, logical_id: str) -> str:
        return f"{stack.name}-{logical_id}-{next(self._counter):013}"

    # Lambda

    def _send(
        self,
        stack: Stack,
        logical_id: str,
        request_type: str,
        declared: Declared,
        *,
        physical_id: str | None = None,
        former: Declared | None = None,
    ) -> dict[str, Any] | None:
        """Send an event and return the answer that counts; None when there is none in time."""
        request_id = str(uuid.uuid4())
        event: dict[str, Any] = {
            "RequestType": request_type,
            "ResponseURL": RESPONSE_URL.format(request=request_id),
            "StackId": stack.stack_id,
            "RequestId": request_id,
            "ResourceType": "Custom::IamServerCertificate",
            "LogicalResourceId": logical_id,
            "ResourceProperties": declared.properties(logical_id),
        }
        if physical_id is not None:
            event["PhysicalResourceId"] = physical_id
        if former is not None:
            event["OldResourceProperties"] = former.properties(logical_id)
        self.history.append(event)
        self.phases[request_id] = stack.status
        outer, self._event = self._event, event
        self.disturber.begin_event()
        struck = len(self.disturber.struck)
        self._invoke(event)
        if len(self.disturber.struck) > struck:
            self.disturbed_requests.add(request_id)
        self._event = outer
        return self.answers.get(request_id)

    def _invoke(self, event: dict[str, Any]) -> None:
        for _ in range(TRIES):
            self.disturber.begin_invocation()
            try:
                self._sandboxes[self._depth].run(self.account, event)
            except (KilledError, DeliveryError):
                continue
            return

    def _receive(self, url: str, answer: dict[str, Any]) -> None:
        request_id = answer["RequestId"]
        self._expect(url == RESPONSE_URL.format(request=request_id), "an answer to another URL")
        self._expect(bool(answer["PhysicalResourceId"]), "an empty physical id")
        self._expect(bool(answer["Reason"]), "an empty reason")
        if answer["Status"] == "SUCCESS" and answer["Data"]:
            self._expect(
                is_certificate_id(answer["PhysicalResourceId"]), "a success with an invented id"
            )
        if self.lose_answers:
            self.lose_answers -= 1
            raise DeliveryError("lost")
        if request_id not in self.answers:
            self.answers[request_id] = answer
            self._accept(answer)

    def _accept(self, answer: dict[str, Any]) -> None:
        """Show what was answered at once: another delivery of the event may still be running."""
        if self._in_flight is None or answer["Status"] != "SUCCESS" or not answer["Data"]:
            return
        stack, logical_id = self._in_flight
        if (stack.stack_id, logical_id) == (answer["StackId"], answer["LogicalResourceId"]):
            verb = stack.resources[logical_id].status.partition("_")[0]
            self._show(stack, logical_id, answer["PhysicalResourceId"], f"{verb}_COMPLETE")

    # What happens in between

    def _deliver_again(self) -> None:
        event = self._event
        if event is not None:
            self._depth += 1
            self._invoke(event)
            self._depth -= 1

    def _cancel(self) -> None:
        """Have a neighbour fail while an event is in flight: CloudFormation stops waiting for it."""
        if self._in_flight is None:
            return
        (stack, logical_id), self._in_flight = self._in_flight, None
        resource = stack.resources[logical_id]
        if not resource.physical_id:
            resource.physical_id = self._invented(stack, logical_id)
            self._set_resource(stack, logical_id, "CREATE_FAILED")
        else:
            self._set_resource(stack, logical_id, "UPDATE_FAILED")
        self._depth += 1
        self._roll_back(stack)
        self._depth -= 1

    def _use_up_time(self) -> None:
        self._sandboxes[self._depth].context.remaining = 14_000

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


def new_sandboxes() -> list[Sandbox]:
    """Make sandboxes for events within events; they are costly, and serve many worlds."""
    return [Sandbox(lambda *_: None) for _ in range(3)]
