"""An event on its way: surprises, failures, and what is noted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from server_certificate_handler.errors import (
    CertificateInUseError,
    CertificateMissingError,
    IamRefusedError,
    OutOfTimeError,
    TagsRefusedError,
)
from server_certificate_handler.kernel.desired import Previous
from server_certificate_handler.kernel.observed import Observed
from server_certificate_handler.kernel.progress import (
    MAX_RETRIES,
    MAX_STEPS,
    RETRY_PAUSE_SECONDS,
    Failed,
    Progress,
    after,
    proceed,
)
from server_certificate_handler.kernel.steps import (
    Delete,
    Done,
    Look,
    Move,
    Pause,
    ReadMaterial,
    ReadStack,
    Retag,
    Upload,
)
from support.kernel import (
    CREATE,
    DELETE,
    DELETING,
    GONE,
    HELD,
    NEW,
    NEW_NAME,
    NOW,
    OLD,
    OLD_NAME,
    OTHER,
    OTHER_NAME,
    SPARE,
    UPDATE,
    UPDATING,
    World,
    certificate,
    released,
)

HOLDS = certificate()
RENAME = replace(UPDATE, previous=Previous(name="shop"), tags={"team": "edge"})
"""Moves the certificate, and then tags it."""


def refusal(code: str = "AccessDenied", *, unknown: bool = False) -> IamRefusedError:
    """Write an error of IAM; its effect is unknown or there was none."""
    return IamRefusedError(f"IAM rejected ({code}).", code=code, outcome_unknown=unknown)


def test_a_lost_answer_is_a_surprise() -> None:
    """The handler pauses, reads IAM again, and continues from the actual state."""
    world = World((certificate("shop"),), UPDATING)
    world.lost[Move] = [refusal("ServiceFailure", unknown=True)]
    assert isinstance(world.carry_out(RENAME), Done)
    assert Pause(RETRY_PAUSE_SECONDS) in world.taken
    assert world.named() == {"www": HELD}


@pytest.mark.parametrize("code", ["NoSuchEntity", "EntityAlreadyExists", "ConcurrentModification"])
def test_what_iam_holds_is_something_else_than_was_known(code: str) -> None:
    """The handler reads both IAM and the stack state again."""
    world = World()
    world.refused[Upload] = [refusal(code)]
    assert isinstance(world.carry_out(CREATE), Done)
    before = world.taken.index(Pause(RETRY_PAUSE_SECONDS))
    assert world.taken[before + 1] == ReadStack()
    assert Look("www") in world.taken[before:]


def test_a_repeated_call_may_have_lost_its_right_by_its_first_try() -> None:
    """The tags that gave the right are off by then; a call that was denied at once had none."""
    denied = IamRefusedError("denied", code="AccessDenied", retried=True)
    world = World((certificate("shop"),), UPDATING)
    world.lost[Move] = [denied]
    assert isinstance(world.carry_out(RENAME), Done)
    assert Pause(RETRY_PAUSE_SECONDS) in world.taken
    world = World((certificate("shop"),), UPDATING)
    for error in (refusal("AccessDenied"), IamRefusedError("no", code="Other", retried=True)):
        world.refused[Move] = [error]
        assert world.carry_out(RENAME) == Failed(error)
    assert Pause(RETRY_PAUSE_SECONDS) not in world.taken


def test_surprises_come_to_an_end() -> None:
    """Then the event fails with the last one."""
    world = World()
    errors = [refusal("EntityAlreadyExists") for _ in range(MAX_RETRIES + 1)]
    world.refused[Upload] = [*errors]
    assert world.carry_out(CREATE) == Failed(errors[-1])
    assert world.taken.count(Pause(RETRY_PAUSE_SECONDS)) == MAX_RETRIES


def test_steps_come_to_an_end() -> None:
    """The handler stops after a limit, with an error that points to something else at work."""
    progress, step = proceed(Progress(CREATE, steps=MAX_STEPS))
    assert progress.steps == MAX_STEPS
    assert isinstance(step, Failed)
    assert isinstance(step.error, CertificateMissingError)
    assert "Something else keeps changing" in str(step.error)
    failure = refusal()
    _, step = proceed(Progress(CREATE, steps=MAX_STEPS, failure=failure))
    assert step == Failed(failure)
    progress, step = proceed(Progress(CREATE, steps=MAX_STEPS - 1))
    assert progress.steps == MAX_STEPS
    assert step == ReadStack()


def test_an_optional_step_that_fails_stops_nothing() -> None:
    """What is left over stays for the next event."""
    leftover = certificate(OTHER_NAME, OTHER, id=SPARE)
    world = World((HOLDS, leftover), UPDATING)
    world.refused[Delete] = [CertificateInUseError("in use")]
    assert world.carry_out(UPDATE) == Done(HOLDS)
    assert world.certificates == (HOLDS, leftover)


def test_a_delete_that_was_gone_in_between() -> None:
    """IAM looks different from what was known, and the certificate is gone."""
    world = World((HOLDS,), DELETING)
    world.lost[Delete] = [refusal("NoSuchEntity")]
    assert world.carry_out(DELETE) == Done()


def test_a_release_that_fails_is_repeated() -> None:
    """The Delete fails, and the next one finds what was adopted as it was."""
    adopted = certificate(adopted=True)
    world = World((adopted,), DELETING)
    world.refused[Retag] = [refusal()]
    assert isinstance(world.carry_out(replace(DELETE, adopts=True)), Failed)
    assert world.certificates == (adopted,)
    assert world.carry_out(replace(DELETE, adopts=True)) == Done()
    assert world.certificates == (released(adopted),)


@pytest.mark.parametrize("name", ["www", None])
def test_where_an_upload_takes_no_tags(name: str | None) -> None:
    """They follow it, before it gets its name."""
    world = World()
    world.refused[Upload] = [TagsRefusedError("no tags", code="UnsupportedOperation")]
    done = world.carry_out(replace(CREATE, name=name))
    assert isinstance(done, Done)
    assert [type(step) for step in world.acts()] == [
        Upload,
        Upload,
        Retag,
        *([Move] if name else []),
    ]
    assert world.at(name or OLD_NAME).tags == certificate(request_id=NOW).tags


@pytest.mark.parametrize(
    ("step", "moves"),
    [
        (Upload("www", "/", {}), True),
        (Move(HOLDS, "www", "/"), True),
        (Retag(HOLDS, {}), False),
        (Delete(HOLDS), False),
    ],
)
def test_consumers_have_to_learn_of_it(
    step: Upload | Move | Retag | Delete, *, moves: bool
) -> None:
    """A new certificate, name or path; they need not learn of tags."""
    progress = after(Progress(UPDATE), step, Observed())
    assert progress.done == (step,)
    assert progress.has_moved is moves


def test_what_becomes_of_a_failure() -> None:
    """After a failed action, the stack state is read again; a failed lookup changes nothing."""
    begun = Progress(UPDATE, Observed().having_read(UPDATING))
    failed = after(begun, Move(HOLDS, "shop", "/"), OutOfTimeError("The time is over."))
    assert failed.observed.has_acted
    assert failed.observed.known_stack is None
    looked = after(begun, Look("www"), OutOfTimeError("The time is over."))
    assert not looked.observed.has_acted
    assert looked.done == ()


def test_what_only_finds_out_is_not_noted() -> None:
    """Nothing is there to be undone."""
    progress = after(Progress(UPDATE), Look("www"), Observed().having_looked("www", None))
    assert progress.done == ()
    assert progress.observed.by_name == {"www": None}


def test_a_look_that_fails_fails_the_event() -> None:
    """Without an effect there is nothing to look at."""
    error = OutOfTimeError("The time is over.")
    world = World()
    world.refused[Look] = [error]
    assert world.carry_out(CREATE) == Failed(error)
    assert not world.acts()


def test_a_source_that_is_gone_fails_the_event() -> None:
    """With its own sentence."""
    assert World(content=GONE).carry_out(CREATE) == Failed(GONE.error)


def test_what_is_known_is_forgotten_when_it_turns_round() -> None:
    """Another event may have changed it."""
    progress = Progress(UPDATE, Observed().having_looked("www", HOLDS), is_outdated=True)
    failed = progress.failed(refusal())
    assert failed.observed.by_name == {}
    assert not failed.is_outdated
    again = failed.failed(OutOfTimeError("later"))
    assert again.failure is failed.failure


def test_two_deliveries_of_one_event_upload_once() -> None:
    """The second finds what the first has uploaded, and gives the same answer."""
    world = World()
    first = world.carry_out(CREATE)
    assert world.carry_out(CREATE) == first
    assert len(world.acts()) == 1


def test_the_slower_of_two_uploads_goes() -> None:
    """Both have looked before either has uploaded; the faster one has moved its own in by now."""
    world = World((HOLDS,), UPDATING, NEW)
    faster = certificate("www", NEW, id=SPARE, request_id=NOW, replaces=HELD, takes_name=True)

    def move_in() -> None:
        world.certificates = (certificate(OLD_NAME), faster, world.at(NEW_NAME))

    world.after[Upload].append(move_in)
    world.lost[Upload].append(refusal("ConcurrentModification"))
    assert world.carry_out(UPDATE) == Done(faster)


def test_the_material_is_read_once() -> None:
    """Also where IAM surprises: it can't have changed for this event."""
    world = World()
    world.refused[Upload] = [refusal("EntityAlreadyExists")]
    world.carry_out(CREATE)
    assert len([step for step in world.taken if isinstance(step, ReadMaterial)]) == 1
    assert world.at("www").public is OLD
