"""What becomes of a name that a neighbour in the stack has."""

from __future__ import annotations

from datetime import timedelta

import pytest

from server_certificate_handler.neighbour import Stance, stance
from server_certificate_handler.stack_state import Occasion, ResourceState
from support.certificates import NOW

HOLDER = "ASCAQXRQ45OGOXN4H7UIZ"
BEFORE, AFTER = NOW - timedelta(hours=1), NOW + timedelta(seconds=1)


@pytest.mark.parametrize(
    ("state", "occasion", "expected"),
    [
        # Changed by the operation, or not.
        (ResourceState(HOLDER, "CREATE_COMPLETE", AFTER), Occasion.ROLLBACK, Stance.MAKES_WAY),
        (ResourceState(HOLDER, "UPDATE_IN_PROGRESS", AFTER), Occasion.ROLLBACK, Stance.MAKES_WAY),
        (ResourceState(HOLDER, "CREATE_COMPLETE", NOW), Occasion.ROLLBACK, Stance.MAKES_WAY),
        (ResourceState(HOLDER, "CREATE_COMPLETE", BEFORE), Occasion.ROLLBACK, Stance.KEEPS),
        (ResourceState(HOLDER, "CREATE_COMPLETE"), Occasion.ROLLBACK, Stance.KEEPS),
        # On the way there what is done keeps the name, and all else may still change.
        (ResourceState(HOLDER, "UPDATE_COMPLETE", AFTER), Occasion.FORWARD, Stance.KEEPS),
        (ResourceState(HOLDER, "UPDATE_IN_PROGRESS", AFTER), Occasion.FORWARD, Stance.OPEN),
        (ResourceState(HOLDER, "UPDATE_COMPLETE", BEFORE), Occasion.FORWARD, Stance.OPEN),
        (ResourceState(HOLDER, "UPDATE_COMPLETE", AFTER), Occasion.UNKNOWN, Stance.KEEPS),
        # CloudFormation holds something else: nobody would find the holder under another name.
        (ResourceState("ASCAOTHER000000000000", "CREATE_COMPLETE", AFTER), Occasion.ROLLBACK, Stance.OPEN),
        (ResourceState("web-Taker-1X2Y", "CREATE_FAILED", AFTER), Occasion.ROLLBACK, Stance.OPEN),
        (ResourceState("", "CREATE_IN_PROGRESS", AFTER), Occasion.FORWARD, Stance.OPEN),
        (None, Occasion.ROLLBACK, Stance.OPEN),
    ],
)  # fmt: skip
def test_stance(state: ResourceState | None, occasion: Occasion, expected: Stance) -> None:
    """Only what the operation being undone has changed, and CloudFormation knows, makes way."""
    assert stance(state, certificate_id=HOLDER, occasion=occasion, began_at=NOW) is expected


def test_without_the_stacks_times_nothing_is_moved() -> None:
    """What cannot be read is read cautiously."""
    state = ResourceState(HOLDER, "CREATE_COMPLETE", AFTER)
    for occasion, expected in (
        (Occasion.ROLLBACK, Stance.KEEPS),
        (Occasion.FORWARD, Stance.OPEN),
    ):
        found = stance(state, certificate_id=HOLDER, occasion=occasion, began_at=None)
        assert found is expected
