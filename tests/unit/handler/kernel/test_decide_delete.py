"""Delete: what goes, what stays, and what gets its name back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from server_certificate_handler.errors import HandlerError
from server_certificate_handler.kernel.decide import decide
from server_certificate_handler.kernel.event_status import LATE_PAUSES_SECONDS
from server_certificate_handler.kernel.observed import Observed
from server_certificate_handler.kernel.stack import Phase
from server_certificate_handler.kernel.steps import Delete, Done, ListNames, Move, Pause, ReadStack
from support.kernel import (
    CLEANING_UP,
    CLEANING_UP_ROLLBACK,
    CLOSED,
    DELETE,
    DELETING,
    HELD,
    NEIGHBOR,
    NEW,
    NEW_NAME,
    NEXT,
    OLD,
    OLD_NAME,
    OTHER,
    OTHER_NAME,
    SPARE,
    STRANGER,
    THEIRS,
    World,
    certificate,
    rule,
    stack_state,
    turning,
)

if TYPE_CHECKING:
    from server_certificate_handler.kernel.desired import Desired
    from server_certificate_handler.kernel.stack import Stack
    from server_certificate_handler.kernel.steps import Step
    from server_certificate_handler.kernel.stored import StoredCertificate

HOLDS = certificate()
ASIDE = certificate(OLD_NAME)
SUCCESSOR = certificate("www", NEW, id=NEXT, replaces=HELD, takes_name=True)
LEFTOVER = certificate(OTHER_NAME, OTHER, id=SPARE)
UNDO = replace(DELETE, certificate_id=NEXT)
"""The Delete of what an update created, when that update is rolled back."""

INVENTED = replace(DELETE, certificate_id=None)
"""The Delete of a Create that has no ID: it failed, or CloudFormation canceled it."""

UNDONE = stack_state(Phase.ROLLBACK_CLEAN_UP, C=f"{HELD} UPDATE_COMPLETE")
CANCELLED = stack_state(Phase.ROLLBACK_CLEAN_UP, C="web-C-1ABCDEFGHIJK2 DELETE_IN_PROGRESS")

MOVED = certificate(owner=NEIGHBOR)
"""The construct has moved: the template no longer has the resource C, and Neighbor is new."""

MOVED_ON = stack_state(
    Phase.CLEAN_UP, C=f"{HELD} DELETE_IN_PROGRESS", Neighbor=f"{HELD} CREATE_COMPLETE"
)
MOVED_BACK = stack_state(
    Phase.ROLLBACK_CLEAN_UP, C=f"{HELD} DELETE_IN_PROGRESS", Neighbor=f"{HELD} UPDATE_COMPLETE"
)


@pytest.mark.parametrize(
    ("world", "desired", "step"),
    [
        rule("what the resource holds", World((HOLDS,), DELETING), DELETE, Delete(HOLDS)),
        rule(
            "whatever its name has become",
            World((certificate("by-hand"),), DELETING),
            DELETE,
            Delete(certificate("by-hand")),
        ),
        rule(
            "what was replaced",
            World((ASIDE, SUCCESSOR), CLEANING_UP),
            DELETE,
            Delete(ASIDE),
        ),
        rule(
            "what a replacement made that is rolled back",
            World((HOLDS, replace(SUCCESSOR, name=NEW_NAME)), UNDONE),
            UNDO,
            Delete(replace(SUCCESSOR, name=NEW_NAME)),
        ),
        rule("what is gone is a success", World((), DELETING), DELETE, Done()),
        rule(
            "a name that somebody else has by now is theirs",
            World((THEIRS,), DELETING),
            DELETE,
            Done(),
        ),
        rule(
            "what has lost its tags is nobodys",
            World((certificate(owner=None),), DELETING),
            DELETE,
            Done(),
        ),
        rule(
            "under the name of its content an upload waits for its tags",
            World((certificate(OLD_NAME, owner=None),), DELETING),
            DELETE,
            Delete(certificate(OLD_NAME, owner=None)),
        ),
        rule(
            "what a creation made that is rolled back",
            World(
                (replace(SUCCESSOR, name=NEW_NAME),),
                stack_state(Phase.DELETION, C=f"{NEXT} DELETE_IN_PROGRESS"),
            ),
            UNDO,
            Delete(replace(SUCCESSOR, name=NEW_NAME)),
        ),
        rule(
            "if the stack state does not show the resource, nobody gets the name back",
            World((ASIDE, SUCCESSOR), stack_state(Phase.ROLLBACK_CLEAN_UP)),
            UNDO,
            Delete(SUCCESSOR),
        ),
        rule(
            "what another stack has taken is its own",
            World((certificate(owner=STRANGER),), DELETING),
            DELETE,
            Done(),
        ),
        rule(
            "what has the tags of a neighbor and is held by the resource alone",
            World((MOVED,), DELETING),
            DELETE,
            Delete(MOVED),
        ),
        rule(
            "what has the tags of a neighbor and is not held belongs to the neighbor",
            World((MOVED,), stack_state(Phase.CLEAN_UP, C=f"{NEXT} UPDATE_COMPLETE")),
            DELETE,
            Done(),
        ),
        rule(
            "a construct that has moved keeps its certificate",
            World((MOVED,), MOVED_ON),
            DELETE,
            Done(),
        ),
        rule(
            "which is noted where the Create has not done so",
            World((HOLDS,), MOVED_ON),
            DELETE,
            turning(HOLDS, replace(HOLDS, tags={**HOLDS.tags, **NEIGHBOR.tags()})),
        ),
        rule(
            "a move that is rolled back hands it back",
            World((HOLDS,), MOVED_BACK),
            DELETE,
            turning(HOLDS, replace(HOLDS, tags={**HOLDS.tags, **NEIGHBOR.tags()})),
        ),
        rule(
            "also where the Create died and has no id",
            World((HOLDS,), MOVED_BACK),
            INVENTED,
            turning(HOLDS, replace(HOLDS, tags={**HOLDS.tags, **NEIGHBOR.tags()})),
        ),
        rule(
            "when both go the last one deletes it",
            World(
                (HOLDS,),
                stack_state(
                    Phase.DELETION,
                    C=f"{HELD} DELETE_IN_PROGRESS",
                    Neighbor=f"{HELD} DELETE_COMPLETE",
                ),
            ),
            DELETE,
            Delete(HOLDS),
        ),
        rule(
            "what a canceled Create has uploaded",
            World((HOLDS,), CANCELLED),
            INVENTED,
            Delete(HOLDS, is_optional=True),
        ),
        rule(
            "nothing but its own work",
            World((THEIRS,), CANCELLED),
            INVENTED,
            Done(),
        ),
    ],
)
def test_delete(world: World, desired: Desired, step: Step | Done) -> None:
    """By its id, never by its name alone."""
    assert world.decision(desired) == step


@pytest.mark.parametrize(
    "where", [UNDONE, stack_state(Phase.ROLLBACK, C=f"{HELD} UPDATE_COMPLETE")]
)
def test_rollback_by_deletion_alone(where: Stack) -> None:
    """The successor moves aside, the one before gets its name back, and then the successor goes."""
    world = World((ASIDE, SUCCESSOR), where)
    assert world.carry_out(UNDO) == Done()
    assert world.acts() == [
        Move(SUCCESSOR, NEW_NAME, "/"),
        Move(ASIDE, "www", "/"),
        Delete(replace(SUCCESSOR, name=NEW_NAME, arn=SUCCESSOR.moved(NEW_NAME, "/").arn)),
    ]
    assert world.certificates == (ASIDE.moved("www", "/"),)


@pytest.mark.parametrize(
    ("certificates", "desired"),
    [
        rule("the name was generated", (ASIDE, SUCCESSOR), replace(UNDO, name=None)),
        rule("the one before is gone", (SUCCESSOR,), UNDO),
        rule(
            "the successor did not take the name over",
            (ASIDE, certificate("www", NEW, id=NEXT, replaces=HELD)),
            UNDO,
        ),
        rule(
            "the one before is somebody elses",
            (certificate(OLD_NAME, owner=STRANGER), SUCCESSOR),
            UNDO,
        ),
        rule(
            "the one before was not moved aside by a swap",
            (certificate("older"), SUCCESSOR),
            UNDO,
        ),
        rule(
            "the one before is none that can be read",
            (certificate("www", content=None), replace(SUCCESSOR, name=NEW_NAME)),
            UNDO,
        ),
        rule(
            "the one before has the name of its content with another prefix",
            (certificate(OLD_NAME.replace("web-C", "former")), SUCCESSOR),
            UNDO,
        ),
        rule(
            "a third one has the name and the place aside is free",
            (ASIDE, replace(SUCCESSOR, name="by-hand"), THEIRS),
            UNDO,
        ),
        rule(
            "the successor is none that can be read",
            (ASIDE, replace(SUCCESSOR, public=None)),
            UNDO,
        ),
        rule(
            "a third one has the name",
            (ASIDE, replace(SUCCESSOR, name=NEW_NAME), THEIRS),
            UNDO,
        ),
        rule(
            "the place aside is taken",
            (ASIDE, SUCCESSOR, certificate(NEW_NAME, OTHER, id=SPARE, owner=STRANGER)),
            UNDO,
        ),
    ],
)
def test_no_name_is_given_back(
    certificates: tuple[StoredCertificate, ...], desired: Desired
) -> None:
    """The certificate is deleted, and no other is touched."""
    step = World(certificates, UNDONE).decision(desired)
    assert isinstance(step, Delete)
    assert step.stored.certificate_id == NEXT


def test_forward_no_name_is_given_back() -> None:
    """Nothing is undone, so nobody waits for the name."""
    world = World((ASIDE, SUCCESSOR), stack_state(Phase.FORWARD, C=f"{HELD} UPDATE_COMPLETE"))
    assert world.decision(UNDO) == Delete(SUCCESSOR)


@pytest.mark.parametrize(
    ("where", "desired"),
    [
        rule("after a deployment", stack_state(Phase.DONE, C=f"{HELD} UPDATE_COMPLETE"), UNDO),
        rule("after a rollback", stack_state(Phase.UNDONE, C=f"{HELD} UPDATE_COMPLETE"), UNDO),
        rule("after the deletion", stack_state(Phase.DONE), DELETE),
        rule(
            "while the resource holds the certificate again",
            stack_state(Phase.FORWARD, C=f"{HELD} UPDATE_IN_PROGRESS"),
            DELETE,
        ),
        rule(
            "in a clean up in which the resource keeps the certificate",
            stack_state(Phase.CLEAN_UP, C=f"{HELD} UPDATE_COMPLETE"),
            DELETE,
        ),
        rule(
            "of a canceled Create while the next one holds it",
            stack_state(Phase.DONE, C=f"{HELD} CREATE_COMPLETE"),
            INVENTED,
        ),
    ],
)
def test_a_late_delete_does_nothing(where: Stack, desired: Desired) -> None:
    """The stack state is read a second time, because it may lag behind."""
    world = World((HOLDS, SUCCESSOR, LEFTOVER), where)
    assert world.carry_out(desired) == Done()
    assert world.taken == [
        ReadStack(),
        Pause(LATE_PAUSES_SECONDS[0]),
        ReadStack(),
        Pause(LATE_PAUSES_SECONDS[1]),
        ReadStack(),
    ]


def test_an_outdated_stack_state() -> None:
    """A Delete that seems to be late isn't if a newer stack state shows the deletion."""
    world = World((HOLDS,), stack_state(Phase.DONE, C=f"{HELD} UPDATE_COMPLETE"))
    world.after[Pause].append(lambda: setattr(world, "stack_state", DELETING))
    assert world.carry_out(DELETE) == Done()
    assert world.certificates == ()


def test_an_unreadable_stack_state_deletes_nothing() -> None:
    """Another resource could hold the certificate."""
    with pytest.raises(HandlerError, match="stack can't be read"):
        World((HOLDS,), CLOSED).decision(DELETE)


@pytest.mark.parametrize("where", [DELETING, CLEANING_UP_ROLLBACK, CLEANING_UP])
def test_what_is_left_over_goes_with_the_delete(where: Stack) -> None:
    """Only the deletion of the stack waits for its consumers: afterwards nobody comes."""
    world = World((certificate(OLD_NAME), LEFTOVER), where)
    world.carry_out(DELETE)
    assert world.acts()[-1] == Delete(LEFTOVER, is_optional=where is not DELETING)
    assert world.certificates == ()


def test_what_is_left_over_stays_while_a_rollback_may_want_it() -> None:
    """It may be what the resource goes back to."""
    world = World(
        (certificate(OLD_NAME), LEFTOVER), stack_state(Phase.ROLLBACK, C=f"{NEXT} UPDATE_COMPLETE")
    )
    world.carry_out(DELETE)
    assert world.certificates == (LEFTOVER,)


def test_what_is_swept_in_a_rollback_gives_its_name_back_first() -> None:
    """A Delete from before may come before the one of what the update had made."""
    late = replace(DELETE, certificate_id=SPARE)
    world = World((ASIDE, SUCCESSOR), UNDONE)
    assert world.carry_out(late) == Done()
    assert world.named() == {"www": HELD}


def test_what_moved_while_the_names_were_listed_is_looked_for_again() -> None:
    """The list and what has the name by then may disagree."""
    moved = certificate("by-hand")
    observed = (
        Observed().having_read(DELETING).having_listed({HELD: "www"}).having_looked("www", None)
    )
    assert decide(observed, DELETE) == ListNames()
    assert World((moved,), DELETING).decision(DELETE, observed) == Delete(moved)


@pytest.mark.parametrize("content", [OLD, None])
def test_what_can_not_be_read_is_deleted_by_its_tags(content: object) -> None:
    """The content matters where the tags say nothing."""
    held = certificate(content=content)  # type: ignore[arg-type]
    assert World((held,), DELETING).decision(DELETE) == Delete(held)
