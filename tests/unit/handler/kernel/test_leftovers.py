"""What is left over, what is not, and where it is looked for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from server_certificate_handler.kernel.desired import Previous
from server_certificate_handler.kernel.leftovers import hand_over, next_leftover, release
from server_certificate_handler.kernel.observed import Observed, UnknownError
from server_certificate_handler.kernel.stack import Phase
from server_certificate_handler.kernel.steps import Delete, ListNames, Look, Move
from support.kernel import (
    DELETE,
    HELD,
    NEIGHBOR,
    NEW,
    NEW_NAME,
    NEXT,
    NOW,
    OLD_NAME,
    OTHER,
    OTHER_NAME,
    PREFIX,
    SPARE,
    STRANGER,
    UPDATE,
    UPDATING,
    certificate,
    rule,
    stack_state,
    turning,
)

if TYPE_CHECKING:
    from server_certificate_handler.kernel.desired import Desired
    from server_certificate_handler.kernel.stack import Stack
    from server_certificate_handler.kernel.stored import StoredCertificate

UNDOING = stack_state(Phase.ROLLBACK, C=f"{HELD} UPDATE_IN_PROGRESS")

HOLDS = certificate()
LEFT = certificate(OTHER_NAME, OTHER, id=SPARE)
REPLACES = certificate(NEW_NAME, NEW, id=NEXT, replaces=SPARE)


def known(*certificates: StoredCertificate, where: Stack = UNDOING) -> Observed:
    """Return the observed state after every certificate has been read."""
    return Observed(
        by_name={"www": None, **{each.name: each for each in certificates}},
        names={each.certificate_id: each.name for each in certificates},
    ).having_read(where)


@pytest.mark.parametrize(
    ("observed", "desired", "step"),
    [
        rule("nothing", known(HOLDS), UPDATE, None),
        rule(
            "a generated name of the resource",
            known(HOLDS, LEFT),
            UPDATE,
            Delete(LEFT, is_optional=True),
        ),
        rule(
            "a generated name with a prefix that this event doesn't have",
            known(HOLDS, LEFT),
            replace(UPDATE, name_prefix="shop"),
            Delete(LEFT, is_optional=True),
        ),
        rule(
            "the name that was declared before",
            known(HOLDS, certificate("shop", OTHER, id=SPARE)),
            replace(UPDATE, previous=Previous(name="shop")),
            Delete(certificate("shop", OTHER, id=SPARE), is_optional=True),
        ),
        rule(
            "the name that is declared",
            known(certificate("www", OTHER, id=SPARE)),
            UPDATE,
            Delete(certificate("www", OTHER, id=SPARE), is_optional=True),
        ),
        rule(
            "what was there before goes back to its name",
            known(certificate(OTHER_NAME, OTHER, id=SPARE, adopted=True)),
            UPDATE,
            Move(
                certificate(OTHER_NAME, OTHER, id=SPARE, adopted=True),
                "www",
                "/",
                is_optional=True,
            ),
        ),
        rule(
            "and stays where that is taken",
            known(HOLDS, certificate(OTHER_NAME, OTHER, id=SPARE, adopted=True)),
            UPDATE,
            None,
        ),
        rule(
            "and hides nothing else that is left over",
            known(
                HOLDS,
                certificate(NEW_NAME, NEW, id=NEXT, adopted=True),
                LEFT,
            ),
            UPDATE,
            Delete(LEFT, is_optional=True),
        ),
        rule("what the event keeps", known(LEFT), replace(UPDATE, certificate_id=SPARE), None),
        rule(
            "what another resource holds",
            known(
                certificate(OTHER_NAME, OTHER, id=SPARE),
                where=stack_state(Phase.ROLLBACK, C=f"{SPARE} UPDATE_IN_PROGRESS"),
            ),
            UPDATE,
            None,
        ),
        rule(
            "what another resource holds and bears our tags",
            known(
                LEFT,
                where=stack_state(
                    Phase.ROLLBACK,
                    C=f"{HELD} UPDATE_IN_PROGRESS",
                    Neighbor=f"{SPARE} CREATE_COMPLETE",
                ),
            ),
            UPDATE,
            turning(LEFT, replace(LEFT, tags={**LEFT.tags, **NEIGHBOR.tags()})),
        ),
        rule(
            "what is to be kept for good",
            known(certificate(OTHER_NAME, OTHER, id=SPARE, retain=True)),
            UPDATE,
            None,
        ),
        rule(
            "what another delivery of the event has uploaded",
            known(certificate(OTHER_NAME, OTHER, id=SPARE, request_id=NOW)),
            UPDATE,
            None,
        ),
        rule(
            "in a Delete that was another event",
            known(
                certificate(OTHER_NAME, OTHER, id=SPARE, request_id=NOW),
                where=stack_state(Phase.DELETION),
            ),
            DELETE,
            Delete(certificate(OTHER_NAME, OTHER, id=SPARE, request_id=NOW)),
        ),
        rule(
            "the certificate of a neighbor",
            known(replace(LEFT, tags=NEIGHBOR.tags())),
            UPDATE,
            None,
        ),
        rule("another stacks", known(replace(LEFT, tags=STRANGER.tags())), UPDATE, None),
        rule(
            "our tags under a name that is nobodys content",
            known(certificate(f"{PREFIX}-0123456789abcdef", OTHER, id=SPARE)),
            UPDATE,
            None,
        ),
        rule(
            "what a certificate of the resource has replaced under a name that it can't own",
            known(HOLDS, REPLACES, certificate("before", OTHER, id=SPARE)),
            replace(UPDATE, certificate_id=NEXT),
            None,
        ),
    ],
)
def test_next_leftover(observed: Observed, desired: Desired, step: object) -> None:
    """What no resource holds, the event does not keep, and this resource alone can have left."""
    assert next_leftover(observed, desired, keep={desired.certificate_id}) == step


def test_what_could_not_be_deleted_is_spared() -> None:
    """It is not tried for ever."""
    observed = replace(known(LEFT), skipped=frozenset({SPARE}))
    assert next_leftover(observed, UPDATE, keep=()) is None


@pytest.mark.parametrize(
    ("where", "is_swept"),
    [
        (stack_state(Phase.CLEAN_UP), True),
        (stack_state(Phase.ROLLBACK_CLEAN_UP), True),
        (stack_state(Phase.DELETION), True),
        (stack_state(Phase.FORWARD), False),
        (stack_state(Phase.ROLLBACK), False),
        (stack_state(Phase.ROLLBACK, C=f"{HELD} UPDATE_COMPLETE"), False),
        (stack_state(Phase.FORWARD, C=f"{HELD} DELETE_IN_PROGRESS"), True),
    ],
)
def test_when_a_delete_sweeps(where: Stack, *, is_swept: bool) -> None:
    """When no rollback can want it any more."""
    assert bool(next_leftover(known(LEFT, where=where), DELETE, keep=())) is is_swept


def test_no_update_sweeps_going_forward() -> None:
    """It may be a late one, and what looks left over may be what the present one has uploaded."""
    assert next_leftover(known(LEFT, where=UPDATING), UPDATE, keep=()) is None


def test_only_the_deletion_of_the_stack_insists() -> None:
    """Elsewhere there is a later event that tries again."""
    observed = known(LEFT, where=stack_state(Phase.DELETION))
    assert next_leftover(observed, DELETE, keep=()) == Delete(LEFT)


def test_names_are_looked_at_that_the_resource_may_have_only() -> None:
    """Each look costs a call, and an account may hold a thousand certificates."""
    observed = Observed(names={SPARE: OTHER_NAME, "ASCA1": "else", "ASCA2": "web-D-0"})
    observed = observed.having_read(UNDOING)
    with pytest.raises(UnknownError) as unknown:
        next_leftover(observed, UPDATE, keep=())
    assert unknown.value.step == Look(OTHER_NAME)
    observed = observed.having_looked(OTHER_NAME, replace(LEFT, tags=STRANGER.tags()))
    assert next_leftover(observed, UPDATE, keep=()) is None


def test_all_names_are_listed_first() -> None:
    """Otherwise nobody knows what there is."""
    with pytest.raises(UnknownError) as unknown:
        next_leftover(Observed().having_read(UNDOING), UPDATE, keep=())
    assert unknown.value.step == ListNames()


MOVED_ON = stack_state(
    Phase.CLEAN_UP, C=f"{HELD} DELETE_IN_PROGRESS", Neighbor=f"{HELD} CREATE_COMPLETE"
)


def test_what_another_resource_holds_is_handed_over() -> None:
    """Its tags name the resource that has it by the stack state."""
    step = hand_over(HOLDS, UPDATE, MOVED_ON)
    assert step == turning(HOLDS, replace(HOLDS, tags={**HOLDS.tags, **NEIGHBOR.tags()}))


@pytest.mark.parametrize(
    ("stored", "where"),
    [
        rule("that is noted already", certificate(owner=NEIGHBOR), MOVED_ON),
        rule("it is another stacks by its tags", certificate(owner=STRANGER), MOVED_ON),
        rule("it has no tags", certificate(owner=None), MOVED_ON),
        rule("no other resource holds it", HOLDS, UPDATING),
    ],
)
def test_nothing_is_handed_over(stored: StoredCertificate, where: Stack) -> None:
    """There is nothing to note, or it is not ours to note."""
    assert hand_over(stored, UPDATE, where) is None


ADOPTED = certificate(adopted=True, tags={"team": "edge"})
ASIDE = replace(ADOPTED, name=OLD_NAME)


@pytest.mark.parametrize(
    ("observed", "stored", "step"),
    [
        rule(
            "under its own name it loses the constructs tags",
            known(ADOPTED),
            ADOPTED,
            turning(ADOPTED, certificate(owner=None, tags={"team": "edge"})),
        ),
        rule(
            "what has made way goes back first",
            Observed(by_name={"www": None}),
            ASIDE,
            Move(ASIDE, "www", "/"),
        ),
        rule(
            "it stays as it is where its name is taken",
            known(certificate("www", NEW, id=NEXT)),
            ASIDE,
            None,
        ),
        rule(
            "a name that a person has given it is left",
            Observed(by_name={"www": None}),
            replace(ADOPTED, name="by-hand"),
            turning(
                replace(ADOPTED, name="by-hand"),
                certificate("by-hand", owner=None, tags={"team": "edge"}),
            ),
        ),
    ],
)
def test_release(observed: Observed, stored: StoredCertificate, step: object) -> None:
    """What was there before is nobody's again."""
    assert release(observed, UPDATE, stored) == step


@pytest.mark.parametrize("name", [rule("none", None), rule("the same", OLD_NAME)])
def test_a_name_of_content_is_left_where_no_other_is_declared(name: str | None) -> None:
    """There is no name to go back to."""
    step = release(known(ASIDE), replace(UPDATE, name=name), ASIDE)
    assert step == turning(ASIDE, certificate(OLD_NAME, owner=None, tags={"team": "edge"}))


def test_what_is_gone_since_the_list_was_read_is_not_left_over() -> None:
    """Nothing has to be done."""
    observed = Observed(names={SPARE: OTHER_NAME}).having_read(UNDOING)
    assert next_leftover(observed.having_looked(OTHER_NAME, None), UPDATE, keep=()) is None


def test_what_is_held_does_not_hide_what_is_left_over() -> None:
    """Nothing has to be noted of the one, and the other is next."""
    where = stack_state(Phase.ROLLBACK, C=f"{NEXT} UPDATE_IN_PROGRESS")
    observed = known(certificate(NEW_NAME, NEW, id=NEXT), LEFT, where=where)
    assert next_leftover(observed, UPDATE, keep=()) == Delete(LEFT, is_optional=True)


def test_what_a_stranger_says_to_have_replaced_is_not_looked_at() -> None:
    """Tags of others lead nowhere."""
    forged = certificate("else", NEW, id=NEXT, owner=STRANGER, replaces=SPARE)
    observed = Observed(names={SPARE: "shop", NEXT: "else"}).having_read(UNDOING)
    assert next_leftover(observed.having_looked("else", forged), UPDATE, keep=()) is None


def test_certificates_of_others_with_the_same_prefix_are_not_looked_at() -> None:
    """Each one would cost a call, and hundreds of resources can share a prefix."""
    others = [replace(UPDATE, owner=owner) for owner in (NEIGHBOR, STRANGER)]
    names = {f"ASCA{number}": each.content_name(OTHER) for number, each in enumerate(others)}
    assert next_leftover(Observed(names=names).having_read(UNDOING), UPDATE, keep=()) is None


def test_the_longest_prefix() -> None:
    """A name is found even if the prefix was cut to leave room for the fingerprint."""
    long = replace(UPDATE, name_prefix="p" * 128)
    name = long.content_name(OTHER)
    left = certificate(name, OTHER, id=SPARE)
    assert next_leftover(known(left), long, keep=()) == Delete(left, is_optional=True)
    assert OLD_NAME not in name
