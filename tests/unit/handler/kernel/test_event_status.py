"""Whether CloudFormation still waits for an event."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from server_certificate_handler.kernel.event_status import (
    EventStatus,
    event_status,
    is_late,
    own_resource,
)
from server_certificate_handler.kernel.observed import Observed
from server_certificate_handler.kernel.stack import Phase
from support.kernel import CREATE, DELETE, HELD, NEXT, UPDATE, stack_state

if TYPE_CHECKING:
    from server_certificate_handler.kernel.desired import Desired

PENDING, ANSWERED, SUPERSEDED = EventStatus.PENDING, EventStatus.ANSWERED, EventStatus.SUPERSEDED


@pytest.mark.parametrize(
    ("phase", "status", "desired", "expected"),
    [
        (Phase.FORWARD, "CREATE_IN_PROGRESS", CREATE, PENDING),
        (Phase.FORWARD, "CREATE_COMPLETE", CREATE, ANSWERED),
        (Phase.FORWARD, "CREATE_FAILED", CREATE, SUPERSEDED),
        (Phase.FORWARD, "UPDATE_IN_PROGRESS", CREATE, SUPERSEDED),
        (Phase.FORWARD, "UPDATE_IN_PROGRESS", UPDATE, PENDING),
        (Phase.FORWARD, "UPDATE_COMPLETE", UPDATE, ANSWERED),
        (Phase.FORWARD, "UPDATE_FAILED", UPDATE, SUPERSEDED),
        (Phase.FORWARD, "CREATE_COMPLETE", UPDATE, SUPERSEDED),
        (Phase.FORWARD, "DELETE_IN_PROGRESS", UPDATE, SUPERSEDED),
        (Phase.CLEAN_UP, "UPDATE_COMPLETE", UPDATE, ANSWERED),
        (Phase.DONE, "UPDATE_COMPLETE", UPDATE, ANSWERED),
        # It has turned round.
        (Phase.ROLLBACK, "UPDATE_IN_PROGRESS", UPDATE, SUPERSEDED),
        (Phase.ROLLBACK, "UPDATE_COMPLETE", UPDATE, SUPERSEDED),
        (Phase.ROLLBACK_CLEAN_UP, "UPDATE_COMPLETE", UPDATE, SUPERSEDED),
        (Phase.UNDONE, "UPDATE_COMPLETE", UPDATE, SUPERSEDED),
        (Phase.DELETION, "CREATE_IN_PROGRESS", CREATE, SUPERSEDED),
        # A resource that is new may not be shown yet.
        (Phase.FORWARD, None, CREATE, PENDING),
        (Phase.ROLLBACK, None, CREATE, SUPERSEDED),
        (Phase.DONE, None, CREATE, SUPERSEDED),
    ],
)
def test_going_forward(
    phase: Phase, status: str | None, desired: Desired, expected: EventStatus
) -> None:
    """The resource's own status tells, unless the operation has turned round."""
    shown = stack_state(phase, **({"C": f"{HELD} {status}"} if status else {}))
    observed = Observed(initial_phase=Phase.FORWARD).having_read(shown)
    assert event_status(observed, desired) is expected


def test_an_update_of_what_the_resource_held_before() -> None:
    """An earlier operation has sent it; a later one of the same resource goes on now."""
    later = stack_state(Phase.FORWARD, C=f"{NEXT} UPDATE_IN_PROGRESS")
    assert event_status(Observed().having_read(later), UPDATE) is SUPERSEDED


@pytest.mark.parametrize(
    ("phase", "status", "expected"),
    [
        (Phase.ROLLBACK, "UPDATE_IN_PROGRESS", PENDING),
        (Phase.ROLLBACK, "UPDATE_COMPLETE", ANSWERED),
        (Phase.ROLLBACK_CLEAN_UP, "UPDATE_COMPLETE", ANSWERED),
        (Phase.UNDONE, "UPDATE_COMPLETE", ANSWERED),
        (Phase.UNDONE, "UPDATE_FAILED", SUPERSEDED),
    ],
)
def test_in_a_rollback(phase: Phase, status: str, expected: EventStatus) -> None:
    """An Update that came in a rollback is part of it."""
    observed = Observed().having_read(stack_state(Phase.ROLLBACK, C=f"{HELD} UPDATE_IN_PROGRESS"))
    assert (
        event_status(observed.having_read(stack_state(phase, C=f"{HELD} {status}")), UPDATE)
        is expected
    )


@pytest.mark.parametrize(
    ("phase", "shown", "desired", "expected"),
    [
        (Phase.DONE, f"{HELD} DELETE_IN_PROGRESS", DELETE, True),
        (Phase.UNDONE, None, DELETE, True),
        (Phase.CLEAN_UP, f"{HELD} UPDATE_COMPLETE", DELETE, True),
        (Phase.CLEAN_UP, f"{HELD} DELETE_IN_PROGRESS", DELETE, False),
        (Phase.CLEAN_UP, f"{HELD} DELETE_FAILED", DELETE, False),
        (Phase.CLEAN_UP, f"{HELD} DELETE_COMPLETE", DELETE, False),
        (Phase.CLEAN_UP, "ASCANEXT UPDATE_COMPLETE", DELETE, False),
        (Phase.DELETION, None, DELETE, False),
    ],
)
def test_a_delete_is_late(
    phase: Phase, shown: str | None, desired: Desired, *, expected: bool
) -> None:
    """When nothing goes on, or the resource keeps what it is to delete."""
    assert is_late(stack_state(phase, **({"C": shown} if shown else {})), desired) is expected


def test_the_events_own_resource() -> None:
    """It is the one of its logical id."""
    shown = stack_state(Phase.FORWARD, C=f"{HELD} CREATE_COMPLETE", D="x CREATE_COMPLETE")
    assert own_resource(shown, CREATE) is shown.resources["C"]
    assert own_resource(stack_state(Phase.FORWARD, D="x CREATE_COMPLETE"), CREATE) is None
