"""The Update of a rollback: what was before comes back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from server_certificate.contract.ownership import ADOPTED_TAG
from server_certificate_handler.errors import (
    HandlerError,
    MaterialRejectedError,
    NameTakenError,
    SourceUnreadableError,
)
from server_certificate_handler.kernel.desired import Previous
from server_certificate_handler.kernel.observed import Observed, Unreadable
from server_certificate_handler.kernel.stack import Phase
from server_certificate_handler.kernel.steps import (
    Delete,
    Done,
    Move,
    Retag,
    Upload,
)
from support.kernel import (
    GONE,
    HELD,
    LATER,
    NEIGHBOR,
    NEW,
    NEW_NAME,
    NEXT,
    NOW,
    OLD,
    OLD_NAME,
    OTHER,
    OTHER_NAME,
    ROLL_BACK,
    ROLLING_BACK,
    SPARE,
    THEIRS,
    UPDATE,
    UPDATING,
    World,
    certificate,
    rule,
    stack_state,
    turning,
)

if TYPE_CHECKING:
    from server_certificate.material import PublicMaterial
    from server_certificate_handler.kernel.desired import Desired
    from server_certificate_handler.kernel.stack import Stack
    from server_certificate_handler.kernel.steps import Step
    from server_certificate_handler.kernel.stored import StoredCertificate

HOLDS = certificate()
TAGGED = {"team": "edge", "cost-centre": "42"}
ASIDE = certificate(OLD_NAME)
BESIDE = certificate(NEW_NAME, NEW, id=NEXT, request_id=NOW, replaces=HELD, takes_name=True)
MOVED_IN = replace(BESIDE, name="www")
"""The successor under its temporary name, and under the declared one."""

TWICE = certificate(NEW_NAME, NEW, id=SPARE, request_id=NOW, replaces=HELD, takes_name=True)
"""A second upload of it."""

REJECTED = Unreadable(MaterialRejectedError(()))

NEXT_DOOR = certificate("www", NEW, id=SPARE, owner=NEIGHBOR)


def world(
    *certificates: StoredCertificate,
    content: PublicMaterial | Unreadable = OLD,
    stack_state: Stack = UPDATING,
) -> World:
    """Write what there is during an update."""
    return World(certificates, stack_state, content)


@pytest.mark.parametrize(
    ("there", "desired", "step"),
    [
        rule(
            "the name is taken back from the successor",
            world(ASIDE, MOVED_IN),
            ROLL_BACK,
            Move(MOVED_IN, NEW_NAME, "/"),
        ),
        rule(
            "and given to the one before",
            world(ASIDE, BESIDE),
            ROLL_BACK,
            Move(ASIDE, "www", "/"),
        ),
        rule(
            "what the failed update has brought back loses the tags that it brought",
            world(certificate(id=NEXT, request_id=LATER, replaces=HELD, tags=TAGGED)),
            replace(UPDATE, previous=Previous(name="www", tag_keys=frozenset({"team"}))),
            Retag(
                certificate(id=NEXT, request_id=LATER, replaces=HELD, tags=TAGGED),
                put={},
                remove=frozenset({"team"}),
            ),
        ),
        rule(
            "the successor is left to its own Delete",
            world(HOLDS, BESIDE),
            ROLL_BACK,
            Done(HOLDS),
        ),
        rule(
            "what is left over goes when all else is done",
            world(certificate(), certificate(OTHER_NAME, OTHER, id=SPARE)),
            UPDATE,
            Delete(certificate(OTHER_NAME, OTHER, id=SPARE), is_optional=True),
        ),
        rule(
            "no source is read for that",
            world(HOLDS, BESIDE, content=GONE),
            ROLL_BACK,
            Done(HOLDS),
        ),
        rule(
            "a second upload of the successor goes so that the first can move",
            world(ASIDE, MOVED_IN, TWICE),
            ROLL_BACK,
            Delete(TWICE, is_optional=True),
        ),
        rule(
            "where nothing was replaced the present one goes back",
            world(certificate("shop")),
            replace(UPDATE, previous=Previous(name="shop")),
            Move(certificate("shop"), "www", "/"),
        ),
        rule(
            "also where its source has changed and can not be read",
            world(certificate(source="after"), content=GONE),
            UPDATE,
            turning(certificate(source="after"), HOLDS),
        ),
        rule(
            "also where it would not be accepted any more",
            world(certificate(source="after"), content=REJECTED),
            UPDATE,
            turning(certificate(source="after"), HOLDS),
        ),
        rule(
            "also where a secret holds another content by now",
            world(certificate("shop"), content=NEW),
            UPDATE,
            Move(certificate("shop"), "www", "/"),
        ),
        rule(
            "what the one before has replaced stays noted",
            world(certificate(replaces="ASCAELDER")),
            UPDATE,
            Done(certificate(replaces="ASCAELDER")),
        ),
        rule(
            "the earlier certificate is gone and is uploaded again",
            world(replace(MOVED_IN, tags=certificate(source="after", replaces=HELD).tags)),
            ROLL_BACK,
            Upload(OLD_NAME, "/", certificate(request_id=NOW, replaces=NEXT, takes_name=True).tags),
        ),
        rule(
            "neither was made by these properties and their source is read",
            world(
                certificate(OLD_NAME, source="else"),
                replace(MOVED_IN, tags=certificate(source="after", replaces=HELD).tags),
                content=OTHER,
            ),
            ROLL_BACK,
            Upload(
                OTHER_NAME, "/", certificate(request_id=NOW, replaces=NEXT, takes_name=True).tags
            ),
        ),
        rule(
            "the one before is found by its content under an older prefix",
            world(
                certificate(OLD_NAME.replace("web-C", "former"), source="else"),
                replace(MOVED_IN, tags=certificate(source="after", replaces=HELD).tags),
            ),
            ROLL_BACK,
            turning(
                certificate(OLD_NAME.replace("web-C", "former"), source="else"),
                certificate(OLD_NAME.replace("web-C", "former")),
            ),
        ),
        rule(
            "the successor is gone and the one before is found by its content",
            world(ASIDE),
            ROLL_BACK,
            Move(ASIDE, "www", "/"),
        ),
        rule(
            "the one before is found by its content where its source says nothing",
            world(
                certificate(OLD_NAME, source="else"),
                replace(MOVED_IN, tags=certificate(source="after", replaces=HELD).tags),
            ),
            ROLL_BACK,
            turning(certificate(OLD_NAME, source="else"), ASIDE),
        ),
        rule(
            "a secret without a version made both and the one before counts",
            world(ASIDE, BESIDE, content=NEW),
            ROLL_BACK,
            Move(ASIDE, "www", "/"),
        ),
    ],
)
def test_rollback(there: World, desired: Desired, step: Step | Done) -> None:
    """What was before comes back, without upload where it is still there."""
    held = desired.certificate_id
    there.stack_state = stack_state(Phase.ROLLBACK, C=f"{held} UPDATE_IN_PROGRESS")
    assert there.decision(desired) == step


def test_what_a_neighbor_has_taken_over_comes_back() -> None:
    """The update of this resource had failed, after a new one had taken its certificate over."""
    taken = certificate(owner=NEIGHBOR)
    there = world(taken, content=GONE)
    there.stack_state = stack_state(
        Phase.ROLLBACK, C=f"{HELD} UPDATE_IN_PROGRESS", Neighbor=f"{HELD} CREATE_COMPLETE"
    )
    assert there.decision(UPDATE) == turning(taken, HOLDS)


AWAY = certificate("shop", NEW, id=NEXT, source="after", replaces=HELD)
"""What this resource went on to, under another name."""

TAKEN = certificate(owner=NEIGHBOR)
"""What it had before, which a construct that has moved has taken over."""


def after_a_move(there: StoredCertificate, *, is_held: bool = True) -> World:
    """Return the rollback of an update in which a neighbor took the place of this resource."""
    held = {"Neighbor": f"{HELD} CREATE_COMPLETE"} if is_held else {}
    return World((there, AWAY), stack_state(Phase.ROLLBACK, C=f"{NEXT} UPDATE_IN_PROGRESS", **held))


def test_what_a_moved_construct_has_taken_over_comes_back_with_its_name() -> None:
    """No source is read for that."""
    world = after_a_move(TAKEN)
    world.content = GONE
    assert world.decision(ROLL_BACK) == turning(TAKEN, HOLDS)


@pytest.mark.parametrize(
    ("world", "step"),
    [
        rule(
            "under another name it belongs to the neighbor",
            after_a_move(replace(TAKEN, name="else")),
            Upload("www", "/", certificate(request_id=NOW, replaces=NEXT, takes_name=True).tags),
        ),
        rule(
            "what no resource holds does not belong to a neighbor",
            after_a_move(TAKEN, is_held=False),
            Delete(TAKEN, is_optional=True),
        ),
    ],
)
def test_what_no_moved_construct_has_taken_over(world: World, step: Step) -> None:
    """It does not come back."""
    assert world.decision(ROLL_BACK) == step


def test_what_nobody_owns_does_not_come_back() -> None:
    """Somebody removed the tags, so only the stack state shows whose it is."""
    with pytest.raises(NameTakenError, match="www"):
        after_a_move(certificate(owner=None)).decision(ROLL_BACK)


@pytest.mark.parametrize(
    ("there", "desired", "error", "words"),
    [
        rule(
            "a rollback takes no name from somebody else",
            world(ASIDE, replace(MOVED_IN, name="shop"), THEIRS, stack_state=ROLLING_BACK),
            ROLL_BACK,
            NameTakenError,
            "The name 'www' is taken",
        ),
        rule(
            "a rollback of a replacement needs the source of what is gone",
            world(
                certificate(content=NEW, id=NEXT, source="after", replaces=HELD),
                content=GONE,
                stack_state=ROLLING_BACK,
            ),
            ROLL_BACK,
            SourceUnreadableError,
            "The secret is gone",
        ),
    ],
)
def test_rollback_is_refused(
    there: World, desired: Desired, error: type[HandlerError], words: str
) -> None:
    """A rollback fails if it can't upload a missing certificate again, or if the name is taken."""
    with pytest.raises(error) as refused:
        there.decision(desired)
    assert words in str(refused.value)


NEXT_DOOR = certificate("www", NEW, id=SPARE, owner=NEIGHBOR)
TAKING_BACK = replace(UPDATE, previous=Previous(name="shop"))
MADE_WAY = UPDATE.displaced_name(NEXT_DOOR, NEW)
NEIGHBOR_HOLDS_IT = stack_state(
    Phase.ROLLBACK, C=f"{HELD} UPDATE_IN_PROGRESS", Neighbor=f"{SPARE} CREATE_COMPLETE"
)
NOBODY_HOLDS_IT = stack_state(Phase.ROLLBACK, C=f"{HELD} UPDATE_IN_PROGRESS")


@pytest.mark.parametrize(
    ("neighbors", "where", "step"),
    [
        rule(
            "a neighbor that holds it can find it by its ID",
            NEXT_DOOR,
            NEIGHBOR_HOLDS_IT,
            Move(NEXT_DOOR, MADE_WAY, "/"),
        ),
        rule(
            "also where it was there before the stack",
            replace(NEXT_DOOR, tags={**NEXT_DOOR.tags, ADOPTED_TAG: "true"}),
            NEIGHBOR_HOLDS_IT,
            Move(replace(NEXT_DOOR, tags={**NEXT_DOOR.tags, ADOPTED_TAG: "true"}), MADE_WAY, "/"),
        ),
        rule(
            "what no resource holds would be found by no event",
            NEXT_DOOR,
            NOBODY_HOLDS_IT,
            Delete(NEXT_DOOR, is_optional=True),
        ),
        rule(
            "unless it is to be kept for good",
            certificate("www", NEW, id=SPARE, owner=NEIGHBOR, retain=True),
            NOBODY_HOLDS_IT,
            Move(certificate("www", NEW, id=SPARE, owner=NEIGHBOR, retain=True), MADE_WAY, "/"),
        ),
    ],
)
def test_a_name_is_taken_back_from_a_neighbor(
    neighbors: StoredCertificate, where: Stack, step: Step
) -> None:
    """Whatever of the stack has got it makes way."""
    there = world(certificate("shop"), neighbors, stack_state=where)
    assert there.decision(TAKING_BACK) == step


def test_a_neighbors_that_can_not_be_deleted_makes_way() -> None:
    """It is in use, for one."""
    there = world(certificate("shop"), NEXT_DOOR, stack_state=NOBODY_HOLDS_IT)
    skipped = Observed(skipped=frozenset({SPARE}))
    assert there.decision(TAKING_BACK, skipped) == Move(NEXT_DOOR, MADE_WAY, "/")


@pytest.mark.parametrize(
    "neighbors",
    [
        rule(
            "what was there before and no resource holds",
            certificate("www", NEW, id=SPARE, owner=NEIGHBOR, adopted=True),
        ),
        rule("what can not be read", certificate("www", None, id=SPARE, owner=NEIGHBOR)),
    ],
)
def test_a_neighbors_that_keeps_the_name(neighbors: StoredCertificate) -> None:
    """It is neither moved nor deleted."""
    there = world(certificate("shop"), neighbors, stack_state=NOBODY_HOLDS_IT)
    with pytest.raises(NameTakenError, match="belongs to the resource Neighbor"):
        there.decision(TAKING_BACK)


def test_going_forward_no_name_is_taken_from_a_neighbor() -> None:
    """Also where no resource holds the certificate."""
    there = world(
        certificate("shop"),
        NEXT_DOOR,
        stack_state=stack_state(Phase.FORWARD, C=f"{HELD} UPDATE_IN_PROGRESS"),
    )
    with pytest.raises(NameTakenError, match="belongs to the resource Neighbor"):
        there.decision(TAKING_BACK)
