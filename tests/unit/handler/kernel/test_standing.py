"""Whether CloudFormation still waits for an event."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from server_certificate_handler.kernel.books import Phase
from server_certificate_handler.kernel.observed import Observed
from server_certificate_handler.kernel.standing import Standing, is_late, own_resource, standing
from support.kernel import CREATE, DELETE, HELD, NEXT, UPDATE, books

if TYPE_CHECKING:
    from server_certificate_handler.kernel.desired import Desired

AWAITED, ACCEPTED, OVER = Standing.AWAITED, Standing.ACCEPTED, Standing.OVER


@pytest.mark.parametrize(
    ("phase", "status", "want", "expected"),
    [
        (Phase.FORWARD, "CREATE_IN_PROGRESS", CREATE, AWAITED),
        (Phase.FORWARD, "CREATE_COMPLETE", CREATE, ACCEPTED),
        (Phase.FORWARD, "CREATE_FAILED", CREATE, OVER),
        (Phase.FORWARD, "UPDATE_IN_PROGRESS", CREATE, OVER),
        (Phase.FORWARD, "UPDATE_IN_PROGRESS", UPDATE, AWAITED),
        (Phase.FORWARD, "UPDATE_COMPLETE", UPDATE, ACCEPTED),
        (Phase.FORWARD, "UPDATE_FAILED", UPDATE, OVER),
        (Phase.FORWARD, "CREATE_COMPLETE", UPDATE, OVER),
        (Phase.FORWARD, "DELETE_IN_PROGRESS", UPDATE, OVER),
        (Phase.CLEAN_UP, "UPDATE_COMPLETE", UPDATE, ACCEPTED),
        (Phase.DONE, "UPDATE_COMPLETE", UPDATE, ACCEPTED),
        # It has turned round.
        (Phase.ROLLBACK, "UPDATE_IN_PROGRESS", UPDATE, OVER),
        (Phase.ROLLBACK, "UPDATE_COMPLETE", UPDATE, OVER),
        (Phase.ROLLBACK_CLEAN_UP, "UPDATE_COMPLETE", UPDATE, OVER),
        (Phase.UNDONE, "UPDATE_COMPLETE", UPDATE, OVER),
        (Phase.DELETION, "CREATE_IN_PROGRESS", CREATE, OVER),
        # A resource that is new may not be shown yet.
        (Phase.FORWARD, None, CREATE, AWAITED),
        (Phase.ROLLBACK, None, CREATE, OVER),
        (Phase.DONE, None, CREATE, OVER),
    ],
)
def test_going_forward(phase: Phase, status: str | None, want: Desired, expected: Standing) -> None:
    """The resource's own status tells, unless the operation has turned round."""
    shown = books(phase, **({"C": f"{HELD} {status}"} if status else {}))
    seen = Observed(began=Phase.FORWARD).having_read(shown)
    assert standing(seen, want) is expected


def test_an_update_of_what_the_resource_held_before() -> None:
    """An earlier operation has sent it; a later one of the same resource goes on now."""
    later = books(Phase.FORWARD, C=f"{NEXT} UPDATE_IN_PROGRESS")
    assert standing(Observed().having_read(later), UPDATE) is OVER


@pytest.mark.parametrize(
    ("phase", "status", "expected"),
    [
        (Phase.ROLLBACK, "UPDATE_IN_PROGRESS", AWAITED),
        (Phase.ROLLBACK, "UPDATE_COMPLETE", ACCEPTED),
        (Phase.ROLLBACK_CLEAN_UP, "UPDATE_COMPLETE", ACCEPTED),
        (Phase.UNDONE, "UPDATE_COMPLETE", ACCEPTED),
        (Phase.UNDONE, "UPDATE_FAILED", OVER),
    ],
)
def test_in_a_rollback(phase: Phase, status: str, expected: Standing) -> None:
    """An Update that came in a rollback is part of it."""
    seen = Observed().having_read(books(Phase.ROLLBACK, C=f"{HELD} UPDATE_IN_PROGRESS"))
    assert standing(seen.having_read(books(phase, C=f"{HELD} {status}")), UPDATE) is expected


@pytest.mark.parametrize(
    ("phase", "shown", "want", "expected"),
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
    phase: Phase, shown: str | None, want: Desired, *, expected: bool
) -> None:
    """When nothing goes on, or the resource keeps what it is to delete."""
    assert is_late(books(phase, **({"C": shown} if shown else {})), want) is expected


def test_the_events_own_resource() -> None:
    """It is the one of its logical id."""
    shown = books(Phase.FORWARD, C=f"{HELD} CREATE_COMPLETE", D="x CREATE_COMPLETE")
    assert own_resource(shown, CREATE) is shown.resources["C"]
    assert own_resource(books(Phase.FORWARD, D="x CREATE_COMPLETE"), CREATE) is None
