"""Find out from the state of the stack whether CloudFormation still waits for an event."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final

from server_certificate_handler.kernel.desired import Request
from server_certificate_handler.kernel.stack import Phase

if TYPE_CHECKING:
    from server_certificate_handler.kernel.desired import Desired
    from server_certificate_handler.kernel.observed import Observed
    from server_certificate_handler.kernel.stack import ResourceState, Stack

LATE_PAUSES_SECONDS: Final = (1.0, 2.0)
"""Pauses before concluding that nothing waits for an event, because the state may be outdated."""


class EventStatus(Enum):
    """The status of a Create or an Update in CloudFormation."""

    PENDING = "pending"
    """CloudFormation waits for the response, as far as is known."""

    ANSWERED = "answered"
    """CloudFormation has the response of another delivery of the event."""

    SUPERSEDED = "superseded"
    """CloudFormation has begun to roll back the event, or has rolled it back."""


def event_status(observed: Observed, desired: Desired) -> EventStatus:
    """
    Return the status of a Create or an Update.

    CloudFormation waits while the resource's status is CREATE_IN_PROGRESS or UPDATE_IN_PROGRESS
    (CloudFormation API reference, StackResourceSummary), an Update's physical ID is still that of
    the resource, and no rollback has begun in the meantime.
    """
    stack = observed.stack()
    has_turned = stack.phase.is_undoing and observed.initial_phase is not Phase.ROLLBACK
    resource = own_resource(stack, desired)
    if resource is None:
        # A new resource may not be listed yet.
        return EventStatus.PENDING if stack.phase is Phase.FORWARD else EventStatus.SUPERSEDED
    if has_turned:
        return EventStatus.SUPERSEDED
    status = _STATUSES.get(
        resource.status.removeprefix(f"{desired.request.name}_"), EventStatus.SUPERSEDED
    )
    is_of_before = (
        desired.request is Request.UPDATE and resource.physical_id != desired.certificate_id
    )
    return EventStatus.SUPERSEDED if status is EventStatus.PENDING and is_of_before else status


def own_resource(stack: Stack, desired: Desired) -> ResourceState | None:
    """Return the state of the event's resource; None if the stack doesn't list it."""
    return stack.resources.get(desired.owner.logical_id)


def is_late(stack: Stack, desired: Desired) -> bool:
    """Return whether a Delete is late: the stack is idle, or the resource keeps the certificate."""
    resource = own_resource(stack, desired)
    return stack.phase.is_at_rest or (
        resource is not None
        and resource.physical_id == desired.certificate_id
        and not resource.is_being_deleted
    )


_STATUSES = {"IN_PROGRESS": EventStatus.PENDING, "COMPLETE": EventStatus.ANSWERED}
