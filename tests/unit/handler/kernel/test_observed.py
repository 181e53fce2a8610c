"""What is known, what is asked for, and what becomes of it by each step."""

from __future__ import annotations

from dataclasses import replace

import pytest

from server_certificate_handler.kernel.observed import Observed, UnknownError
from server_certificate_handler.kernel.stack import Phase, Stack
from server_certificate_handler.kernel.steps import (
    ListNames,
    Look,
    Move,
    ReadMaterial,
    ReadStack,
    Retag,
)
from support.kernel import (
    ACCOUNT,
    HELD,
    NEW,
    NEXT,
    OLD,
    OLD_WITHOUT_ROOT,
    UPDATING,
    certificate,
    stack_state,
)

HOLDS = certificate()


@pytest.mark.parametrize(
    ("status", "phase"),
    [
        ("CREATE_IN_PROGRESS", Phase.FORWARD),
        ("REVIEW_IN_PROGRESS", Phase.FORWARD),
        ("UPDATE_IN_PROGRESS", Phase.FORWARD),
        ("IMPORT_IN_PROGRESS", Phase.FORWARD),
        ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", Phase.CLEAN_UP),
        ("UPDATE_ROLLBACK_IN_PROGRESS", Phase.ROLLBACK),
        ("IMPORT_ROLLBACK_IN_PROGRESS", Phase.ROLLBACK),
        ("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS", Phase.ROLLBACK_CLEAN_UP),
        ("DELETE_IN_PROGRESS", Phase.DELETION),
        ("ROLLBACK_IN_PROGRESS", Phase.DELETION),
        ("CREATE_COMPLETE", Phase.DONE),
        ("CREATE_FAILED", Phase.DONE),
        ("UPDATE_COMPLETE", Phase.DONE),
        ("UPDATE_FAILED", Phase.DONE),
        ("DELETE_COMPLETE", Phase.DONE),
        ("DELETE_FAILED", Phase.DONE),
        ("ROLLBACK_COMPLETE", Phase.UNDONE),
        ("ROLLBACK_FAILED", Phase.UNDONE),
        ("UPDATE_ROLLBACK_COMPLETE", Phase.UNDONE),
        ("UPDATE_ROLLBACK_FAILED", Phase.UNDONE),
        ("IMPORT_ROLLBACK_COMPLETE", Phase.UNDONE),
    ],
)
def test_phase(status: str, phase: Phase) -> None:
    """Each status of a stack says what CloudFormation is doing."""
    assert Phase.of(status) is phase


def test_phases() -> None:
    """Some are the end of an operation, some undo one."""
    assert [phase for phase in Phase if phase.is_at_rest] == [Phase.DONE, Phase.UNDONE]
    assert [phase for phase in Phase if phase.is_undoing] == [
        Phase.ROLLBACK,
        Phase.ROLLBACK_CLEAN_UP,
        Phase.DELETION,
        Phase.UNDONE,
    ]


@pytest.mark.parametrize(
    ("status", "is_going"),
    [
        ("DELETE_IN_PROGRESS", True),
        ("DELETE_FAILED", True),
        ("DELETE_COMPLETE", True),
        ("DELETE_SKIPPED", False),
        ("CREATE_FAILED", False),
        ("UPDATE_COMPLETE", False),
    ],
)
def test_a_resource_that_goes_holds_nothing(status: str, *, is_going: bool) -> None:
    """A resource that is deleted, or is being deleted, doesn't keep a certificate."""
    stack: Stack = stack_state(Phase.DELETION, C=f"{HELD} {status}")
    assert stack.resources["C"].is_being_deleted is is_going
    assert stack.holder(HELD) == (None if is_going else "C")


def test_holder() -> None:
    """The resource that holds a certificate, but for one that does not count."""
    stack = stack_state(Phase.FORWARD, C=f"{HELD} UPDATE_COMPLETE", D=f"{HELD} CREATE_COMPLETE")
    assert stack.holder(HELD) == "C"
    assert stack.holder(HELD, but="C") == "D"
    assert stack.holder(NEXT) is None


@pytest.mark.parametrize(
    ("ask", "step"),
    [
        (lambda observed: observed.at("www"), Look("www")),
        (lambda observed: observed.with_id(HELD), ListNames()),
        (lambda observed: observed.with_id(HELD, likely=(None, "www")), Look("www")),
        (lambda observed: observed.listed(), ListNames()),
        (lambda observed: observed.stack(), ReadStack()),
        (lambda observed: observed.content(), ReadMaterial(with_key=False)),
        (lambda observed: observed.content(with_key=True), ReadMaterial(with_key=True)),
    ],
)
def test_what_is_unknown_names_what_finds_it_out(ask: object, step: object) -> None:
    """A question about unknown state raises an error with the step that finds the answer."""
    with pytest.raises(UnknownError) as unknown:
        ask(Observed())  # type: ignore[operator]
    assert unknown.value.step == step
    assert str(unknown.value) == repr(step)


def test_with_id() -> None:
    """By what is known, then by likely names, then by the list, which may be out of date."""
    assert Observed().with_id(None) is None
    assert Observed().having_looked("www", HOLDS).with_id(HELD, likely=("shop",)) is HOLDS
    free = Observed().having_looked("www", None)
    with pytest.raises(UnknownError) as unknown:
        free.with_id(HELD, likely=("www", "shop"))
    assert unknown.value.step == Look("shop")
    listed = free.having_listed({HELD: "moved"})
    assert free.having_listed({}).with_id(HELD, likely=("shop",)) is None
    with pytest.raises(UnknownError) as unknown:
        listed.with_id(HELD, likely=("shop",))
    assert unknown.value.step == Look("moved")
    for there in (None, certificate("moved", id=NEXT)):
        with pytest.raises(UnknownError) as unknown:
            listed.having_looked("moved", there).with_id(HELD)
        assert unknown.value.step == ListNames()
    moved = certificate("moved")
    assert listed.having_looked("moved", moved).with_id(HELD) is moved


def test_what_is_here_is_nowhere_else() -> None:
    """A look shows that a certificate has moved; what is free elsewhere stays known."""
    observed = Observed().having_looked("www", HOLDS).having_looked("free", None)
    observed = observed.having_looked("next", certificate("next", id=NEXT))
    moved = certificate("shop")
    assert observed.having_looked("shop", moved).by_name.keys() == {"free", "next", "shop"}
    assert observed.having_looked("other", None).by_name.keys() == {"www", "free", "next", "other"}


def test_a_list_contradicts_what_is_known() -> None:
    """A certificate that the list contradicts is forgotten, and read again."""
    observed = Observed().having_looked("www", HOLDS).having_looked("free", None)
    listed = observed.having_listed({HELD: "www"})
    assert listed.by_name == {"www": HOLDS, "free": None}
    assert observed.having_listed({HELD: "shop"}).by_name == {"free": None}
    assert observed.having_listed({NEXT: "free", HELD: "www"}).by_name == {"www": HOLDS}


def test_acts() -> None:
    """What an act changes is known; the stack state has to be read again."""
    observed = Observed(names={HELD: "www"}).having_looked("www", HOLDS).having_read(UPDATING)
    move = Move(HOLDS, "shop", "/edge/")
    moved = observed.having_moved(move)
    assert moved.by_name == {"www": None, "shop": move.moved}
    assert moved.names == {HELD: "shop"}
    assert move.moved.arn == f"{ACCOUNT}:server-certificate/edge/shop"
    retag = Retag(HOLDS, {"team": "edge"}, frozenset({"x"}))
    assert observed.having_retagged(retag).by_name == {"www": retag.retagged}
    uploaded = certificate("new", id=NEXT)
    after = observed.having_uploaded(uploaded)
    assert after.names == {HELD: "www", NEXT: "new"}
    assert after.uploaded == {NEXT}
    deleted = observed.having_deleted(HOLDS)
    assert (deleted.by_name, deleted.names) == ({"www": None}, {})
    for each in (moved, after, deleted):
        assert each.has_acted
        assert each.known_stack is None
    unlisted = Observed().having_looked("www", HOLDS)
    assert unlisted.having_uploaded(uploaded).names is None
    assert unlisted.having_deleted(HOLDS).names is None
    assert after.having_uploaded(certificate("third", id="ASCATHIRD")).uploaded == {
        NEXT,
        "ASCATHIRD",
    }


def test_what_was_going_on_when_the_event_came() -> None:
    """The first reading sets the initial phase; later readings only update the stack state."""
    rollback = stack_state(Phase.ROLLBACK)
    observed = Observed().having_read(UPDATING).having_read(rollback)
    assert (observed.initial_phase, observed.stack()) == (Phase.FORWARD, rollback)


def test_a_pause_and_a_surprise() -> None:
    """After a pause the stack state is read again; after a surprise everything is."""
    observed = Observed(names={}).having_looked("www", None).having_read(UPDATING)
    paused = observed.having_paused()
    assert (paused.pauses, paused.known_stack) == (1, None)
    assert paused.by_name == observed.by_name
    forgotten = replace(observed, known_content=OLD, has_acted=True).forgetting()
    assert (forgotten.by_name, forgotten.names, forgotten.known_stack) == ({}, None, None)
    assert (forgotten.known_content, forgotten.has_acted) == (OLD, True)
    assert forgotten.initial_phase is Phase.FORWARD


@pytest.mark.parametrize(
    ("held", "is_it"), [(OLD, True), (NEW, False), (OLD_WITHOUT_ROOT, False), (None, False)]
)
def test_content(held: object, *, is_it: bool) -> None:
    """Leaf and chain make it, by their DER."""
    assert certificate(content=held).has_content(OLD) is is_it  # type: ignore[arg-type]
