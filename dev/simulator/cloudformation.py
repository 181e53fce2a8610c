"""
A model of CloudFormation, as custom resources see it.

Its rules (user guide, custom resources; and observations):

* only a resource whose properties have changed gets an Update;
* a failed Create is followed by a Delete with the id of its answer, or with an invented id if there
  was no answer;
* a failed operation is rolled back by an Update with swapped properties for each resource that it
  touched, failed ones included; the model can also roll a replacement back by Delete alone;
* an answer with another id is a replacement: the old id is deleted in the clean-up, where a
  deletion is tried three times, and then given up without failing the operation;
* if a neighbor fails, CloudFormation stops waiting for what is still running, and rolls back
  meanwhile. A failed rollback stays failed until a person continues it;
* the first answer to an event counts, and is shown at once;
* a resource is shown with the id that it holds, so the Delete of a replaced one isn't shown.
"""

from __future__ import annotations

import itertools
from dataclasses import replace
from enum import Enum
from typing import TYPE_CHECKING, Any

from dev.simulator.events import new_event
from dev.simulator.stack_record import Operation, Resource, StackRecord

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dev.simulator.events import Answer, Event, Properties
    from dev.simulator.shown import Shown

DELETIONS = 3
"""How often CloudFormation tries a Delete in a clean-up."""


class OnFailure(Enum):
    """What happens to a stack whose creation or update fails (API reference, CreateStack)."""

    ROLLBACK = "ROLLBACK"
    DELETE = "DELETE"
    """A failed creation is deleted at once; a failed update is rolled back."""

    DO_NOTHING = "DO_NOTHING"
    """The stack stays as it is (``--no-rollback``, express mode)."""


class CloudFormation:
    """
    Runs operations on stacks.

    Args:
        shown: What DescribeStacks and ListStackResources return.
        send: Runs the function with an event; the answer arrives in ``receive``.
    """

    def __init__(self, shown: Shown, send: Callable[[Event], None]) -> None:
        self.answers: dict[str, Answer] = {}
        """First answer by RequestId."""

        self.given_up: set[str] = set()
        """Ids whose deletion was tried three times and then dropped."""

        self.roll_back_by_deletion = False
        self.on_failure = OnFailure.ROLLBACK

        self._shown = shown
        self._send = send
        self._in_flight: tuple[StackRecord, str] | None = None
        self._inventions = itertools.count()

    def deploy(
        self,
        stack: StackRecord,
        template: Mapping[str, Properties],
        *,
        neighbor_fails_after: int | None = None,
    ) -> bool:
        """
        Create or update a stack.

        Args:
            stack: The stack.
            template: Its certificates' properties by logical id.
            neighbor_fails_after: Another resource fails after this many certificates.

        Returns:
            Whether it succeeded; otherwise it was rolled back.
        """
        operation = stack.operation = Operation(
            is_creation=not stack.status,
            before={lid: replace(resource) for lid, resource in stack.resources.items()},
        )
        self._set(stack, f"{'CREATE' if operation.is_creation else 'UPDATE'}_IN_PROGRESS")
        changed = [
            (logical_id, properties)
            for logical_id, properties in template.items()
            if logical_id not in stack.resources
            or stack.resources[logical_id].properties != properties
        ]
        reached = changed[:neighbor_fails_after]
        if all(self._bring(stack, operation, *each) for each in reached) and (
            neighbor_fails_after is None
        ):
            self._clean_up(stack, operation, template)
            return True
        if not operation.is_rolled_back:
            self._roll_back(stack, operation)
        return False

    def continue_rollback(self, stack: StackRecord) -> None:
        """Continue the rollback of an update that has failed."""
        if stack.operation is None:
            raise ValueError(f"nothing is done to {stack.name} that could be rolled back")
        self._roll_back_update(stack, stack.operation)

    def delete(self, stack: StackRecord) -> bool:
        """Delete a stack; return False if a resource couldn't be deleted."""
        return self._delete_all(stack, "DELETE")

    def cancel(self) -> None:
        """Let a neighbor fail during an event: CloudFormation stops waiting for the event."""
        if self._in_flight is None:
            return
        (stack, logical_id), self._in_flight = self._in_flight, None
        resource = stack.resources[logical_id]
        verb = resource.verb
        resource.physical_id = resource.physical_id or self._invented(stack, logical_id)
        self._show(stack, logical_id, resource.physical_id, f"{verb}_FAILED")
        if stack.operation is not None:
            self._roll_back(stack, stack.operation)

    def receive(self, answer: Answer) -> None:
        """Accept an answer; another delivery of the event may still be running then."""
        if answer["RequestId"] in self.answers:
            return
        self.answers[answer["RequestId"]] = answer
        if self._in_flight is None or answer["Status"] != "SUCCESS":
            return
        stack, logical_id = self._in_flight
        if (stack.stack_id, logical_id) == (answer["StackId"], answer["LogicalResourceId"]):
            verb = stack.resources[logical_id].verb
            self._show(stack, logical_id, answer["PhysicalResourceId"], f"{verb}_COMPLETE")

    def request(
        self, stack: StackRecord, logical_id: str, request_type: str, fields: Mapping[str, Any]
    ) -> Answer | None:
        """
        Send an event, show the resource's status during and after it, and return the answer that counts.

        Args:
            stack: The stack.
            logical_id: The resource.
            request_type: Create, Update or Delete.
            fields: Its properties and physical id, by their names in an event.

        Returns:
            None if there is no answer in time.
        """
        physical_id = fields.get("PhysicalResourceId", "")
        held, _ = self._shown.resources.get((stack.stack_id, logical_id), ("", ""))
        is_shown = request_type != "Delete" or physical_id == held
        verb = request_type.upper()
        if is_shown:
            self._show(stack, logical_id, physical_id, f"{verb}_IN_PROGRESS")
        event = new_event(
            request_type, stack_id=stack.stack_id, logical_id=logical_id, fields=fields
        )
        was_rolled_back = stack.is_rolled_back
        self._send(event)
        answer = self.answers.get(event["RequestId"])
        if is_shown and stack.is_rolled_back == was_rolled_back:
            succeeded = _is_success(answer)
            if answer and (not physical_id or (succeeded and request_type == "Update")):
                physical_id = answer["PhysicalResourceId"]
            self._show(
                stack,
                logical_id,
                physical_id or self._invented(stack, logical_id),
                f"{verb}_{'COMPLETE' if succeeded else 'FAILED'}",
            )
        return answer

    def _bring(
        self, stack: StackRecord, operation: Operation, logical_id: str, properties: Properties
    ) -> bool:
        """Create or update one resource."""
        operation.attempted[logical_id] = properties
        former = stack.resources.get(logical_id)
        resource = stack.resources.setdefault(logical_id, Resource(properties))
        self._in_flight = (stack, logical_id)
        if former is None:
            fields = {"ResourceProperties": properties}
            answer = self.request(stack, logical_id, "Create", fields)
        else:
            answer = self._update(stack, logical_id, former, properties)
        self._in_flight = None
        if operation.is_rolled_back:
            return False
        resource.physical_id, _ = self._shown.resources[stack.stack_id, logical_id]
        if not _is_success(answer):
            return False
        resource.properties, resource.consumer = properties, resource.physical_id
        return True

    def _clean_up(
        self, stack: StackRecord, operation: Operation, template: Mapping[str, Properties]
    ) -> None:
        if operation.is_creation:
            self._set(stack, "CREATE_COMPLETE")
            return
        self._set(stack, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
        for logical_id, before in operation.before.items():
            if logical_id not in template:
                del stack.resources[logical_id]
                self._delete_up_to_three_times(stack, logical_id, before)
                del self._shown.resources[stack.stack_id, logical_id]
            elif stack.resources[logical_id].physical_id != before.physical_id:
                self._delete_up_to_three_times(stack, logical_id, before)
        self._set(stack, "UPDATE_COMPLETE")

    def _roll_back(self, stack: StackRecord, operation: Operation) -> None:
        operation.is_rolled_back = True
        if self.on_failure is OnFailure.DO_NOTHING:
            # What was replaced is deleted with the stack; this is inferred.
            stack.superseded += [
                (logical_id, before)
                for logical_id, before in operation.before.items()
                if logical_id in operation.attempted
                and before.physical_id != stack.resources[logical_id].physical_id
            ]
            self._set(stack, f"{'CREATE' if operation.is_creation else 'UPDATE'}_FAILED")
        elif operation.is_creation:
            self._delete_all(stack, self.on_failure.value)
        else:
            self._roll_back_update(stack, operation)

    def _roll_back_update(self, stack: StackRecord, operation: Operation) -> None:
        self._set(stack, "UPDATE_ROLLBACK_IN_PROGRESS")
        for logical_id, attempted in operation.attempted.items():
            before = operation.before.get(logical_id)
            if before is None:
                stack.resources[logical_id].consumer = None
            elif logical_id not in operation.undone:
                present = replace(stack.resources[logical_id], properties=attempted)
                if not self._bring_back(stack, logical_id, present, before):
                    self._set(stack, "UPDATE_ROLLBACK_FAILED")
                    return
                operation.undone.add(logical_id)
        self._set(stack, "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS")
        superseded, stack.superseded = stack.superseded, []
        for each in superseded:
            self._delete_up_to_three_times(stack, *each)
        for logical_id in operation.attempted:
            if logical_id not in operation.before:
                self._delete_up_to_three_times(stack, logical_id, stack.resources.pop(logical_id))
        self._set(stack, "UPDATE_ROLLBACK_COMPLETE")

    def _bring_back(
        self, stack: StackRecord, logical_id: str, present: Resource, before: Resource
    ) -> bool:
        is_replaced = present.physical_id != before.physical_id
        if self.roll_back_by_deletion and is_replaced:
            self._show(stack, logical_id, before.physical_id, "UPDATE_COMPLETE")
        elif not _is_success(self._update(stack, logical_id, present, before.properties)):
            return False
        held, _ = self._shown.resources[stack.stack_id, logical_id]
        stack.resources[logical_id] = Resource(before.properties, held, consumer=held)
        if held != present.physical_id:
            stack.superseded.append((logical_id, present))
        return True

    def _update(
        self, stack: StackRecord, logical_id: str, present: Resource, properties: Properties
    ) -> Answer | None:
        fields = {
            "PhysicalResourceId": present.physical_id,
            "ResourceProperties": properties,
            "OldResourceProperties": present.properties,
        }
        return self.request(stack, logical_id, "Update", fields)

    def _delete_all(self, stack: StackRecord, operation: str) -> bool:
        self._set(stack, f"{operation}_IN_PROGRESS")
        for logical_id, resource in reversed(list(stack.resources.items())):
            resource.consumer = None
            if self._delete(stack, logical_id, resource):
                del stack.resources[logical_id]
        stack.superseded = [each for each in stack.superseded if not self._delete(stack, *each)]
        is_gone = not stack.resources and not stack.superseded
        self._set(stack, f"{operation}_{'COMPLETE' if is_gone else 'FAILED'}")
        return is_gone

    def _delete_up_to_three_times(
        self, stack: StackRecord, logical_id: str, resource: Resource
    ) -> None:
        if not any(self._delete(stack, logical_id, resource) for _ in range(DELETIONS)):
            self.given_up.add(resource.physical_id)

    def _delete(self, stack: StackRecord, logical_id: str, resource: Resource) -> bool:
        fields = {
            "PhysicalResourceId": resource.physical_id,
            "ResourceProperties": resource.properties,
        }
        return _is_success(self.request(stack, logical_id, "Delete", fields))

    def _invented(self, stack: StackRecord, logical_id: str) -> str:
        return f"{stack.name}-{logical_id}-{next(self._inventions):013}"

    def _set(self, stack: StackRecord, status: str) -> None:
        stack.status = self._shown.stack_statuses[stack.stack_id] = status

    def _show(self, stack: StackRecord, logical_id: str, physical_id: str, status: str) -> None:
        self._shown.resources[stack.stack_id, logical_id] = (physical_id, status)


def _is_success(answer: Answer | None) -> bool:
    return answer is not None and answer["Status"] == "SUCCESS"
