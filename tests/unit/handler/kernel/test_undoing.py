"""An event that has failed: what is undone, and what another delivery has made of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from server_certificate_handler.errors import (
    CertificateInUseError,
    HandlerError,
    IamRefusedError,
    NameTakenError,
    OutOfTimeError,
    SupersededError,
    TagsRefusedError,
)
from server_certificate_handler.kernel.desired import Previous
from server_certificate_handler.kernel.progress import (
    MAX_STEPS,
    Failed,
)
from server_certificate_handler.kernel.stack import Phase
from server_certificate_handler.kernel.steps import (
    Delete,
    Done,
    Move,
    ReadStack,
    Retag,
    Upload,
)
from support.kernel import (
    CLOSED,
    CREATE,
    DELETE,
    DELETING,
    HELD,
    NEW,
    NEXT,
    OLD_NAME,
    OTHER,
    SPARE,
    THEIRS,
    UPDATE,
    UPDATING,
    World,
    certificate,
    stack_state,
)

if TYPE_CHECKING:
    from server_certificate_handler.errors import StackUnreadableError
    from server_certificate_handler.kernel.stack import Stack

HOLDS = certificate()
RENAME = replace(UPDATE, previous=Previous(name="shop"), tags={"team": "edge"})
"""Moves the certificate, and then tags it."""

TURNED = stack_state(Phase.ROLLBACK, C=f"{HELD} UPDATE_FAILED")
UNDOING = stack_state(Phase.ROLLBACK_CLEAN_UP, C=f"{HELD} UPDATE_COMPLETE")
ANSWERED = stack_state(Phase.FORWARD, C=f"{HELD} UPDATE_COMPLETE")


def refusal(code: str = "AccessDenied", *, unknown: bool = False) -> IamRefusedError:
    """Write an error of IAM; its effect is unknown or there was none."""
    return IamRefusedError(f"IAM rejected ({code}).", code=code, outcome_unknown=unknown)


def test_a_failure_undoes_what_was_done() -> None:
    """Last first; the reason is the first one."""
    world = World((certificate("shop"),), UPDATING)
    error = refusal()
    world.refused[Retag] = [error]
    assert world.carry_out(RENAME) == Failed(error)
    assert world.certificates == (certificate("shop"),)


def test_what_had_no_effect_is_not_undone() -> None:
    """Nothing was done, so nothing is read."""
    world = World((certificate("shop"),), UPDATING)
    world.refused[Move] = [refusal()]
    assert isinstance(world.carry_out(RENAME), Failed)
    assert isinstance(world.taken[-1], Move)


@pytest.mark.parametrize(
    "error",
    [
        OutOfTimeError("The time is over."),
        IamRefusedError("no", code="LimitExceeded", retried=True),
    ],
)
def test_what_may_have_had_an_effect_is_undone(error: HandlerError) -> None:
    """An earlier try may have changed something."""
    world = World((certificate("shop"),), UPDATING)
    world.lost[Move] = [error]
    assert world.carry_out(RENAME) == Failed(error)
    assert world.certificates == (certificate("shop"),)


def test_a_decision_that_refuses_undoes_too() -> None:
    """The event has come to a place where it can't go on."""
    taken = certificate(OLD_NAME, OTHER, id=SPARE, owner=None)
    world = World((HOLDS, taken), UPDATING, NEW)
    failed = world.carry_out(UPDATE)
    assert isinstance(failed, Failed)
    assert isinstance(failed.error, NameTakenError)
    assert world.certificates == (HOLDS, taken)
    assert any(isinstance(step, Upload) for step in world.taken)


def test_cloudformation_turns_round() -> None:
    """Nothing of the event stays, and the certificate is where it was."""
    world = World((HOLDS,), UPDATING, NEW)
    world.after[Upload].append(lambda: setattr(world, "stack_state", TURNED))
    failed = world.carry_out(UPDATE)
    assert isinstance(failed, Failed)
    assert isinstance(failed.error, SupersededError)
    assert world.certificates == (HOLDS,)


def test_what_another_delivery_was_answered_with_stands() -> None:
    """CloudFormation holds it, whatever this one came to."""
    world = World((certificate("shop"),), UPDATING)
    world.after[Move].append(lambda: setattr(world, "stack_state", ANSWERED))
    world.refused[Retag] = [refusal()]
    assert isinstance(world.carry_out(RENAME), Done)
    assert world.named() == {"www": HELD}


def test_another_delivery_is_answered_while_this_one_undoes() -> None:
    """What it has undone is done again."""
    world = World((certificate("shop"),), UPDATING)
    error = refusal()
    world.refused[Retag] = [error]
    world.after[Move] = [lambda: None, lambda: setattr(world, "stack_state", ANSWERED)]
    assert world.carry_out(RENAME) == Failed(error)
    assert world.named() == {"www": HELD}
    assert world.at("www").tags["team"] == "edge"


def test_another_delivery_is_answered_while_undoing_fails() -> None:
    """What was undone by then is done again, though nothing is left to undo."""
    world = World((certificate("shop"),), UPDATING)
    error = OutOfTimeError("The time is over.")
    world.lost[Retag] = [error]

    world.after[Retag] = [lambda: None, lambda: world.lost[Move].append(error)]
    world.after[Move] = [lambda: None, lambda: setattr(world, "stack_state", ANSWERED)]
    assert world.carry_out(RENAME) == Failed(error)
    assert [type(step) for step in world.acts()] == [Move, Retag, Retag, Move, Move, Retag]
    assert world.at("www").tags["team"] == "edge"


def test_what_was_accepted_meanwhile_is_not_undone() -> None:
    """CloudFormation has the answer of another delivery before this one has undone anything."""
    world = World((certificate("shop"),), UPDATING)
    error = OutOfTimeError("The time is over.")
    world.lost[Retag] = [error]
    world.after[Retag].append(lambda: setattr(world, "stack_state", ANSWERED))
    assert world.carry_out(RENAME) == Failed(error)
    assert len(world.acts()) == 2
    assert world.named() == {"www": HELD}


def test_redoing_that_is_refused_is_left() -> None:
    """Somebody has taken the name meanwhile: the event fails with its first reason."""
    world = World((certificate("shop"),), UPDATING)
    error = refusal()
    world.refused[Retag] = [error]

    def accept() -> None:
        world.stack_state = ANSWERED
        world.certificates += (THEIRS,)

    world.after[Move] = [lambda: None, accept]
    assert world.carry_out(RENAME) == Failed(error)
    assert len(world.taken) < MAX_STEPS / 2


def test_redoing_that_fails_is_left() -> None:
    """Its own undoing is over by then: no event goes back and forth."""
    world = World((certificate("shop"),), UPDATING)
    error = refusal()
    world.refused[Retag] = [error]

    def accept() -> None:
        world.stack_state = ANSWERED
        world.refused[Move].append(refusal("LimitExceeded"))

    world.after[Move] = [lambda: None, accept]
    assert world.carry_out(RENAME) == Failed(error)
    assert [type(step) for step in world.acts()] == [Move, Retag, Move, Move]
    assert world.named() == {"shop": HELD}


@pytest.mark.parametrize("error", [refusal(), OutOfTimeError("The time is over.")])
def test_what_can_not_be_undone_is_left_to_the_next_event(error: HandlerError) -> None:
    """The rest is still undone."""
    world = World((certificate("shop"),), UPDATING)

    def turn_round() -> None:
        world.stack_state = TURNED
        world.refused[Retag].append(error)

    world.after[Retag].append(turn_round)
    assert isinstance(world.carry_out(RENAME), Failed)
    assert world.certificates == (certificate("shop", tags={"team": "edge"}),)


def test_with_an_unreadable_stack_state_nothing_is_undone() -> None:
    """Another delivery may have been answered; the next event cleans up what this one has left."""
    world = World((certificate("shop"),), UPDATING)
    world.after[Move].append(lambda: setattr(world, "stack_state", CLOSED))
    assert world.carry_out(RENAME) == Failed(CLOSED)
    assert world.named() == {"www": HELD}


def test_a_stack_state_that_becomes_unreadable_ends_the_undoing() -> None:
    """What was done first is not undone before what was done last, even if it is readable again."""
    world = World((certificate("shop"),), UPDATING)
    world.lost[Retag] = [OutOfTimeError("The time is over.")]
    world.after[Retag].append(lambda: world.refused[ReadStack].append(CLOSED))
    assert isinstance(world.carry_out(RENAME), Failed)
    assert [type(step) for step in world.acts()] == [Move, Retag]


def test_an_adoption_that_fails_is_undone() -> None:
    """Its tags go back as they were."""
    world = World((THEIRS,))
    world.after[Retag].append(
        lambda: setattr(
            world, "stack_state", stack_state(Phase.DELETION, C="web-C-1 DELETE_IN_PROGRESS")
        )
    )
    failed = world.carry_out(replace(CREATE, adopts=True, tags={"team": "edge"}))
    assert isinstance(failed, Failed)
    assert world.certificates == (THEIRS,)


def test_a_delete_undoes_nothing() -> None:
    """It is sent again, and goes on where it has stopped."""
    world = World((HOLDS,), DELETING)
    error = CertificateInUseError("in use")
    world.refused[Delete] = [error]
    assert world.carry_out(DELETE) == Failed(error)
    assert isinstance(world.taken[-1], Delete)


@pytest.mark.parametrize("where", [CLOSED, UNDOING])
def test_a_delete_that_can_not_go_on_undoes_nothing(where: Stack | StackUnreadableError) -> None:
    """What it has moved is where the next delivery looks for it."""
    successor = certificate("www", NEW, id=NEXT, replaces=HELD, takes_name=True)
    world = World((certificate(OLD_NAME), successor), where)

    def close_for_a_moment() -> None:
        world.stack_state = CLOSED
        world.after[ReadStack].append(lambda: setattr(world, "stack_state", UNDOING))

    world.after[Move].append(close_for_a_moment)
    assert world.carry_out(replace(DELETE, certificate_id=NEXT)) == Failed(CLOSED)
    assert len(world.acts()) == (0 if where is CLOSED else 1)


def test_an_upload_without_tags_is_undone() -> None:
    """It is known by its id."""
    world = World()
    world.refused[Upload] = [TagsRefusedError("no tags", code="UnsupportedOperation")]
    world.refused[Retag] = [refusal()]
    assert isinstance(world.carry_out(CREATE), Failed)
    assert world.certificates == ()


def test_a_failed_replacement_is_marked_before_it_is_deleted() -> None:
    """The tag keeps other deliveries from using it; a delivery that already has it keeps it."""
    world = World()
    world.after[Upload].append(
        lambda: setattr(
            world, "stack_state", stack_state(Phase.DELETION, C="web-C-1 CREATE_FAILED")
        )
    )
    assert isinstance(world.carry_out(CREATE), Failed)
    marked, deleted = world.acts()[1:]
    assert isinstance(marked, Retag)
    assert marked.retagged.provenance.discarded
    assert isinstance(deleted, Delete)
    assert NEXT not in world.named().values()


def test_an_upload_that_is_held_by_then_stays() -> None:
    """Another delivery has answered with it before it was marked."""
    world = World()
    world.after[Upload].append(
        lambda: setattr(
            world, "stack_state", stack_state(Phase.DELETION, C="web-C-1 CREATE_FAILED")
        )
    )
    world.after[Retag].append(
        lambda: setattr(
            world, "stack_state", stack_state(Phase.FORWARD, C=f"{NEXT} CREATE_COMPLETE")
        )
    )
    world.carry_out(CREATE)
    assert world.named() == {"www": NEXT}
    assert not world.at("www").provenance.discarded
