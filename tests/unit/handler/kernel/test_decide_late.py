"""Create and Update that CloudFormation does not wait for: late, replayed, overtaken."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from server_certificate_handler.errors import SupersededError
from server_certificate_handler.kernel.books import Phase
from server_certificate_handler.kernel.decide import decide
from server_certificate_handler.kernel.observed import Observed
from server_certificate_handler.kernel.standing import LATE_PAUSES_SECONDS
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
    books,
    certificate,
    rule,
)

if TYPE_CHECKING:
    from server_certificate_handler.kernel.books import Stack
    from server_certificate_handler.kernel.desired import Desired

HOLDS = certificate()
ACTED = Observed(has_acted=True)
ACCEPTED = books(Phase.FORWARD, C=f"{HELD} UPDATE_COMPLETE")


@pytest.mark.parametrize(
    ("where", "want"),
    [
        rule("a Create of a stack at rest", books(Phase.DONE, C=f"{HELD} CREATE_COMPLETE"), CREATE),
        rule("an Update of one", books(Phase.DONE, C=f"{HELD} UPDATE_COMPLETE"), UPDATE),
        rule("of one that was rolled back", books(Phase.UNDONE, C=f"{HELD} UPDATE_COMPLETE"), UPDATE),
        rule("of one that is gone", books(Phase.DONE, C=f"{HELD} DELETE_COMPLETE"), UPDATE),
        rule("of one that is at rest and shows no such resource", books(Phase.DONE), CREATE),
        rule("a Create that was cancelled", books(Phase.FORWARD, C="web-C-1 CREATE_FAILED"), CREATE),
        rule("a Create when an update goes on", UPDATING, CREATE),
        rule("an Update when the resource goes", books(Phase.DELETION, C=f"{HELD} DELETE_IN_PROGRESS"), UPDATE),
    ],
)  # fmt: skip
def test_a_late_event_changes_nothing(where: Stack, want: Desired) -> None:
    """It is an error that nobody reads, and says so."""
    world = World((certificate("shop"),), where)
    with pytest.raises(SupersededError, match=r"came late: .* Nothing was changed\."):
        world.decision(want)


@pytest.mark.parametrize("want", [CREATE, UPDATE])
def test_the_books_are_read_again_before_they_are_believed(want: Desired) -> None:
    """They may lag behind."""
    late = books(Phase.DONE, C=f"{HELD} UPDATE_COMPLETE")
    seen = Observed()
    for seconds in LATE_PAUSES_SECONDS:
        seen = seen.having_read(late)
        assert decide(seen, want) == Pause(seconds)
        seen = seen.having_paused()
    with pytest.raises(SupersededError):
        decide(seen.having_read(late), want)
    assert World((HOLDS,), UPDATING).decision(UPDATE, seen) == Done(HOLDS)


def test_nothing_is_waited_for_after_an_act() -> None:
    """What it did has to be undone before the answer."""
    seen = ACTED.having_read(UPDATING).having_read(
        books(Phase.ROLLBACK, C=f"{HELD} UPDATE_IN_PROGRESS")
    )
    with pytest.raises(SupersededError, match="Its changes were rolled back as far as possible"):
        decide(seen, UPDATE)


def test_another_delivery_was_accepted() -> None:
    """CloudFormation holds what it answered with, so this one answers the same."""
    assert World((HOLDS,), ACCEPTED).decision(UPDATE) == Done(HOLDS)
    created = books(Phase.FORWARD, C=f"{HELD} CREATE_COMPLETE")
    assert World((HOLDS,), created).decision(CREATE) == Done(HOLDS)


def test_the_upload_of_the_slower_delivery_goes() -> None:
    """Nobody was told of it."""
    twin = certificate(NEW_NAME, NEW, id=NEXT, request_id=NOW)
    seen = replace(ACTED, uploaded=frozenset({NEXT}))
    world = World((HOLDS, twin), ACCEPTED)
    assert world.decision(UPDATE, seen) == Delete(twin, is_optional=True)
    assert world.decision(UPDATE, replace(seen, spared=frozenset({NEXT}))) == Done(HOLDS)
    world.books = books(Phase.FORWARD, C=f"{NEXT} UPDATE_COMPLETE")
    assert world.decision(UPDATE, seen) == Done(twin)


def test_what_another_delivery_answered_with_is_gone() -> None:
    """There is nothing to answer with."""
    with pytest.raises(SupersededError):
        World((certificate(id=SPARE),), ACCEPTED).decision(UPDATE)


def test_accepted_and_at_rest_by_now() -> None:
    """After an act of its own it answers with what is held; before one it came late."""
    rested = books(Phase.DONE, C=f"{HELD} UPDATE_COMPLETE")
    assert World((HOLDS,), rested).decision(UPDATE, ACTED) == Done(HOLDS)
    with pytest.raises(SupersededError):
        World((HOLDS,), rested).decision(UPDATE)


def test_redoing_asks_nobody() -> None:
    """What it has undone while another delivery was answered is done again."""
    seen = Observed(is_redoing=True, has_acted=True)
    assert World((HOLDS,), ACCEPTED).decision(UPDATE, seen) == Done(HOLDS)
