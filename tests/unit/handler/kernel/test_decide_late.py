"""Create and Update that CloudFormation does not wait for: late, replayed, overtaken."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from server_certificate_handler.errors import SupersededError
from server_certificate_handler.kernel.decide import decide
from server_certificate_handler.kernel.event_status import LATE_PAUSES_SECONDS
from server_certificate_handler.kernel.observed import Observed
from server_certificate_handler.kernel.stack import Phase
from server_certificate_handler.kernel.steps import Delete, Done, Pause
from support.kernel import (
    CREATE,
    HELD,
    NEW,
    NEW_NAME,
    NEXT,
    NOW,
    SPARE,
    UPDATE,
    UPDATING,
    World,
    certificate,
    rule,
    stack_state,
)

if TYPE_CHECKING:
    from server_certificate_handler.kernel.desired import Desired
    from server_certificate_handler.kernel.stack import Stack

HOLDS = certificate()
ACTED = Observed(has_acted=True)
ANSWERED = stack_state(Phase.FORWARD, C=f"{HELD} UPDATE_COMPLETE")


@pytest.mark.parametrize(
    ("where", "desired"),
    [
        rule("a Create of a stack at rest", stack_state(Phase.DONE, C=f"{HELD} CREATE_COMPLETE"), CREATE),
        rule("an Update of one", stack_state(Phase.DONE, C=f"{HELD} UPDATE_COMPLETE"), UPDATE),
        rule("of one that was rolled back", stack_state(Phase.UNDONE, C=f"{HELD} UPDATE_COMPLETE"), UPDATE),
        rule("of one that is gone", stack_state(Phase.DONE, C=f"{HELD} DELETE_COMPLETE"), UPDATE),
        rule("of one that is at rest and shows no such resource", stack_state(Phase.DONE), CREATE),
        rule("a Create that was canceled", stack_state(Phase.FORWARD, C="web-C-1 CREATE_FAILED"), CREATE),
        rule("a Create when an update goes on", UPDATING, CREATE),
        rule("an Update when the resource goes", stack_state(Phase.DELETION, C=f"{HELD} DELETE_IN_PROGRESS"), UPDATE),
    ],
)  # fmt: skip
def test_a_late_event_changes_nothing(where: Stack, desired: Desired) -> None:
    """It fails with an error that says that nothing was changed."""
    world = World((certificate("shop"),), where)
    with pytest.raises(SupersededError, match=r"is late: .* Nothing was changed\."):
        world.decision(desired)


@pytest.mark.parametrize("desired", [CREATE, UPDATE])
def test_the_books_are_read_again_before_they_are_believed(desired: Desired) -> None:
    """They may lag behind."""
    late = stack_state(Phase.DONE, C=f"{HELD} UPDATE_COMPLETE")
    observed = Observed()
    for seconds in LATE_PAUSES_SECONDS:
        observed = observed.having_read(late)
        assert decide(observed, desired) == Pause(seconds)
        observed = observed.having_paused()
    with pytest.raises(SupersededError):
        decide(observed.having_read(late), desired)
    assert World((HOLDS,), UPDATING).decision(UPDATE, observed) == Done(HOLDS)


def test_nothing_is_waited_for_after_an_act() -> None:
    """What it did has to be undone before the answer."""
    observed = ACTED.having_read(UPDATING).having_read(
        stack_state(Phase.ROLLBACK, C=f"{HELD} UPDATE_IN_PROGRESS")
    )
    with pytest.raises(SupersededError, match="Its changes were rolled back as far as possible"):
        decide(observed, UPDATE)


def test_another_delivery_was_accepted() -> None:
    """CloudFormation holds what it answered with, so this one answers the same."""
    assert World((HOLDS,), ANSWERED).decision(UPDATE) == Done(HOLDS)
    created = stack_state(Phase.FORWARD, C=f"{HELD} CREATE_COMPLETE")
    assert World((HOLDS,), created).decision(CREATE) == Done(HOLDS)


def test_the_upload_of_the_slower_delivery_goes() -> None:
    """Nobody was told of it."""
    twin = certificate(NEW_NAME, NEW, id=NEXT, request_id=NOW)
    observed = replace(ACTED, uploaded=frozenset({NEXT}))
    world = World((HOLDS, twin), ANSWERED)
    assert world.decision(UPDATE, observed) == Delete(twin, is_optional=True)
    assert world.decision(UPDATE, replace(observed, skipped=frozenset({NEXT}))) == Done(HOLDS)
    world.stack_state = stack_state(Phase.FORWARD, C=f"{NEXT} UPDATE_COMPLETE")
    assert world.decision(UPDATE, observed) == Done(twin)


def test_what_another_delivery_answered_with_is_gone() -> None:
    """There is nothing to answer with."""
    with pytest.raises(SupersededError):
        World((certificate(id=SPARE),), ANSWERED).decision(UPDATE)


def test_accepted_and_at_rest_by_now() -> None:
    """After an act of its own it answers with what is held; before one it came late."""
    rested = stack_state(Phase.DONE, C=f"{HELD} UPDATE_COMPLETE")
    assert World((HOLDS,), rested).decision(UPDATE, ACTED) == Done(HOLDS)
    with pytest.raises(SupersededError):
        World((HOLDS,), rested).decision(UPDATE)


def test_redoing_asks_nobody() -> None:
    """What it has undone while another delivery was answered is done again."""
    observed = Observed(is_redoing=True, has_acted=True)
    assert World((HOLDS,), ANSWERED).decision(UPDATE, observed) == Done(HOLDS)
