"""Whether CloudFormation still waits for an event: its own books tell, and no clock."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final

from server_certificate_handler.kernel.books import Phase
from server_certificate_handler.kernel.desired import Request

if TYPE_CHECKING:
    from server_certificate_handler.kernel.books import ResourceState, Stack
    from server_certificate_handler.kernel.desired import Desired
    from server_certificate_handler.kernel.observed import Observed

LATE_PAUSES_SECONDS: Final = (1.0, 2.0)
"""Before books that say that nobody waits for an event are believed: they may lag behind."""


class Standing(Enum):
    """What has become of a Create or an Update."""

    AWAITED = "awaited"
    """CloudFormation waits for its answer, as far as is known."""

    ACCEPTED = "accepted"
    """CloudFormation has an answer, from another delivery of the event."""

    OVER = "over"
    """CloudFormation has begun to undo what the event was to do, or has done so."""


def standing(seen: Observed, want: Desired) -> Standing:
    """
    Tell whether CloudFormation still waits for a Create or an Update.

    It does while the resource's status is CREATE_IN_PROGRESS or UPDATE_IN_PROGRESS (CloudFormation
    API reference, StackResourceSummary), it holds what the event knows of, and the operation has not
    turned round meanwhile.
    """
    stack = seen.stack()
    has_turned = stack.phase.is_undoing and seen.began is not Phase.ROLLBACK
    resource = own_resource(stack, want)
    if resource is None:
        # A resource that is new may not be shown yet.
        return Standing.AWAITED if stack.phase is Phase.FORWARD else Standing.OVER
    if has_turned:
        return Standing.OVER
    how = _STANDINGS.get(resource.status.removeprefix(f"{want.request.name}_"), Standing.OVER)
    is_of_before = want.request is Request.UPDATE and resource.physical_id != want.certificate_id
    return Standing.OVER if how is Standing.AWAITED and is_of_before else how


def own_resource(stack: Stack, want: Desired) -> ResourceState | None:
    """Return what the books say of the event's resource; None when they have no such resource."""
    return stack.resources.get(want.owner.logical_id)


def is_late(stack: Stack, want: Desired) -> bool:
    """Tell whether a Delete came late: nothing goes on, or the resource holds the certificate and keeps it."""
    resource = own_resource(stack, want)
    return stack.phase.is_at_rest or (
        resource is not None
        and resource.physical_id == want.certificate_id
        and not resource.is_being_deleted
    )


_STANDINGS = {"IN_PROGRESS": Standing.AWAITED, "COMPLETE": Standing.ACCEPTED}
