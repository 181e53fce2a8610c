"""Adoption: like an import of CloudFormation; what was there before outlives the stack."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from server_certificate.contract.ownership import ADOPTED_TAG, RETAIN_TAG, STACK_ID_TAG
from server_certificate.rules.tags import MAX_TAGS
from server_certificate_handler.errors import AdoptionRefusedError, HandlerError, NameTakenError
from server_certificate_handler.kernel.desired import Previous
from server_certificate_handler.kernel.stack import Phase
from server_certificate_handler.kernel.steps import Delete, Done, Move, Retag, Upload
from support.kernel import (
    ADOPT,
    CLEANING_UP,
    CLEANING_UP_ROLLBACK,
    CLOSED,
    CREATE,
    CREATING,
    DELETE,
    DELETING,
    HELD,
    NEW,
    NEW_NAME,
    NEXT,
    NOW,
    OLD_NAME,
    OLD_WITHOUT_ROOT,
    ROLL_BACK,
    ROLLING_BACK,
    SPARE,
    STRANGER,
    THEIRS,
    UPDATE,
    UPDATING,
    World,
    certificate,
    released,
    rule,
    stack_state,
    turning,
)

if TYPE_CHECKING:
    from server_certificate_handler.kernel.desired import Desired
    from server_certificate_handler.kernel.stack import Stack
    from server_certificate_handler.kernel.steps import Step
    from server_certificate_handler.kernel.stored import StoredCertificate

TAGGED = {"team": "edge", "tier": "1"}
ADOPTED = certificate(adopted=True)
LET_GO = turning(ADOPTED, released(ADOPTED))

IN_VAIN = certificate(id=SPARE, adopted=True)
"""An event has adopted it, failed, and not undone that: no resource holds it."""

ROTATED = replace(ADOPTED, name=OLD_NAME)
SUCCESSOR = certificate("www", NEW, id=NEXT, replaces=HELD, takes_name=True)
FAILED_ADOPTION = replace(certificate(id=NEXT, adopted=True, replaces=HELD), name="theirs")
UNADOPT = replace(DELETE, certificate_id=NEXT, name="theirs", adopts=True)


@pytest.mark.parametrize(
    ("world", "desired", "step"),
    [
        rule(
            "what nobody owns is adopted by its tags alone",
            World((THEIRS,)),
            replace(ADOPT, tags=TAGGED),
            turning(
                THEIRS,
                certificate(id="ASCATHEIRS", adopted=True, tags=TAGGED, request_id=NOW),
            ),
        ),
        rule(
            "another encoding is the same content, so nothing changes",
            World((certificate(adopted=True, request_id=NOW),)),
            ADOPT,
            Done(certificate(adopted=True, request_id=NOW)),
        ),
        rule(
            "a free name is uploaded to and nothing is adopted",
            World(),
            ADOPT,
            Upload("www", "/", certificate(request_id=NOW).tags),
        ),
        rule(
            "an update adopts in place of an upload",
            World((certificate("shop"), replace(THEIRS, public=NEW)), UPDATING, NEW),
            replace(UPDATE, adopts=True),
            turning(
                replace(THEIRS, public=NEW),
                certificate(
                    content=NEW,
                    id="ASCATHEIRS",
                    adopted=True,
                    tags={"team": "them"},
                    request_id=NOW,
                    replaces=HELD,
                    takes_name=True,
                ),
            ),
        ),
        rule(
            "what an event adopted in vain is released before anything else",
            World((IN_VAIN,), content=NEW),
            CREATE,
            turning(IN_VAIN, released(IN_VAIN)),
        ),
        rule(
            "also where the name is needed in place",
            World((certificate("shop"), IN_VAIN), UPDATING),
            UPDATE,
            turning(IN_VAIN, released(IN_VAIN)),
        ),
        rule(
            "an update in place keeps the mark",
            World((ADOPTED,), UPDATING),
            replace(UPDATE, adopts=True),
            Done(ADOPTED),
        ),
        rule(
            "a renewal under its name moves it aside",
            World((ADOPTED, replace(SUCCESSOR, name=NEW_NAME)), UPDATING, NEW),
            replace(UPDATE, adopts=True, request_id="request-then"),
            Move(ADOPTED, OLD_NAME, "/"),
        ),
    ],
)
def test_adoption(world: World, desired: Desired, step: Step | Done) -> None:
    """It costs one call, which sets tags."""
    assert world.decision(desired) == step


@pytest.mark.parametrize(
    ("held", "desired", "error", "words"),
    [
        rule(
            "another leaf",
            replace(THEIRS, public=NEW),
            ADOPT,
            AdoptionRefusedError,
            "deploy, and declare the new ones in the next deployment",
        ),
        rule(
            "another chain",
            replace(THEIRS, public=OLD_WITHOUT_ROOT),
            ADOPT,
            AdoptionRefusedError,
            "its leaf is the declared one, but its chain is",
        ),
        rule(
            "no certificate that can be read",
            replace(THEIRS, public=None),
            ADOPT,
            AdoptionRefusedError,
            "is not an X.509 certificate",
        ),
        rule(
            "another path",
            THEIRS.moved("www", "/theirs/"),
            ADOPT,
            AdoptionRefusedError,
            "Declare path='/theirs/', or move the certificate first: aws iam"
            " update-server-certificate --server-certificate-name www --new-path /",
        ),
        rule(
            "too many tags",
            replace(THEIRS, tags={f"key-{number}": "" for number in range(MAX_TAGS - 5)}),
            replace(ADOPT, tags=TAGGED),
            AdoptionRefusedError,
            "it would have 52, but IAM accepts 50. Remove 2 of its tags",
        ),
        rule(
            "another stacks certificate",
            certificate(owner=STRANGER),
            ADOPT,
            NameTakenError,
            "release the certificate: server-certificate release www (or: aws iam untag-server-certificate"
            f" --server-certificate-name www --tag-keys {STACK_ID_TAG}). Then deploy again to adopt it.",
        ),
        rule(
            "only the declared name is adopted",
            replace(THEIRS, name=OLD_NAME, public=NEW),
            replace(ADOPT, name=None),
            NameTakenError,
            "its tags don't name a stack as its owner",
        ),
    ],
)
def test_adoption_is_refused(
    held: object, desired: Desired, error: type[HandlerError], words: str
) -> None:
    """It is left as it is, with what to do about it."""
    with pytest.raises(error) as refused:
        World((held,)).decision(desired)  # type: ignore[arg-type]
    assert words in str(refused.value)


def test_there_is_room_for_fifty_tags() -> None:
    """The declared ones, and five that say whose it is and that it was there before."""
    full = replace(THEIRS, tags={f"key-{number}": "" for number in range(MAX_TAGS - 5)})
    world = World((full,))
    assert isinstance(world.carry_out(ADOPT), Done)
    assert len(world.at("www").tags) == MAX_TAGS


def test_what_the_resource_has_the_content_of_already_is_not_adopted() -> None:
    """Nothing would be uploaded, so the name is merely taken."""
    world = World((certificate("shop"), THEIRS), UPDATING)
    with pytest.raises(NameTakenError, match="www"):
        world.decision(replace(UPDATE, adopts=True))


@pytest.mark.parametrize(
    "where",
    [
        rule("a stack that is deleted", DELETING),
        rule("a creation that is rolled back", DELETING),
        rule(
            "a resource that is removed",
            stack_state(Phase.CLEAN_UP, C=f"{HELD} DELETE_IN_PROGRESS"),
        ),
        rule(
            "a resource that was new in an update that is rolled back",
            stack_state(Phase.ROLLBACK_CLEAN_UP, C=f"{HELD} DELETE_IN_PROGRESS"),
        ),
        rule(
            "an adoption by an update that is rolled back",
            stack_state(Phase.ROLLBACK_CLEAN_UP, C=f"{NEXT} UPDATE_COMPLETE"),
        ),
        rule("an outdated stack state", stack_state(Phase.FORWARD)),
        rule("a clean-up whose stack state does not show it", stack_state(Phase.CLEAN_UP)),
    ],
)
def test_a_delete_releases_what_was_there_before(where: object) -> None:
    """As long as the template sets ``Adopt``, a Delete in any stack state releases the certificate."""
    world = World((ADOPTED,), where)  # type: ignore[arg-type]
    assert world.decision(replace(DELETE, adopts=True)) == LET_GO


def test_what_was_released_is_nobodys_again() -> None:
    """Its declared tags stay; and the Delete that is repeated does nothing."""
    tagged = certificate(adopted=True, tags=TAGGED)
    world = World((tagged,), DELETING)
    for _ in range(2):
        assert world.carry_out(replace(DELETE, adopts=True)) == Done()
        assert world.at("www").tags == TAGGED
    assert len(world.acts()) == 1


@pytest.mark.parametrize(
    ("world", "desired", "step"),
    [
        rule(
            "taking Adopt out of the template makes it the stacks own",
            World((ADOPTED,), DELETING),
            DELETE,
            Delete(ADOPTED),
        ),
        rule(
            "what new content has replaced is deleted by the clean up",
            World((ROTATED, SUCCESSOR), CLEANING_UP),
            replace(DELETE, adopts=True),
            Delete(ROTATED),
        ),
        rule(
            "the successor of what was adopted is deleted like any other",
            World((SUCCESSOR,), stack_state(Phase.DELETION, C=f"{NEXT} DELETE_IN_PROGRESS")),
            replace(DELETE, certificate_id=NEXT, adopts=True),
            Delete(SUCCESSOR),
        ),
        rule(
            "what was uploaded under Adopt is deleted like any other",
            World((certificate(),), DELETING),
            replace(DELETE, adopts=True),
            Delete(certificate()),
        ),
    ],
)
def test_what_is_the_stacks_own_is_deleted(world: World, desired: Desired, step: Step) -> None:
    """The template decides, or the replacement."""
    assert world.decision(desired) == step


def test_in_a_rollback_what_was_there_before_keeps_its_name() -> None:
    """Somebody had taken the name from the one before, which is not followed to where it is now."""
    held = certificate("by-hand")
    adopted = certificate("www", NEW, id=NEXT, adopted=True, replaces=HELD, source="after")
    world = World((held, adopted), ROLLING_BACK)
    with pytest.raises(NameTakenError, match="it existed before"):
        world.decision(ROLL_BACK)


def test_a_rollback_of_an_adopting_update_goes_back() -> None:
    """The Update leaves it to the Delete that follows, and gives what held before its place."""
    world = World((certificate("shop"), certificate(id=NEXT, adopted=True, replaces=HELD)))
    world.stack_state = ROLLING_BACK
    back = replace(ROLL_BACK, name="shop", previous=Previous(name="www"))
    assert world.carry_out(back) == Done(certificate("shop"))
    world.stack_state = stack_state(Phase.ROLLBACK_CLEAN_UP, C=f"{HELD} UPDATE_COMPLETE")
    assert world.carry_out(replace(DELETE, certificate_id=NEXT, adopts=True)) == Done()
    assert world.named() == {"shop": HELD, "www": NEXT}
    assert world.at("www").tags == {}


def test_a_rollback_of_a_rotation_gives_the_name_back_to_what_was_adopted() -> None:
    """It moved aside, and is still there."""
    world = World((ROTATED, SUCCESSOR), ROLLING_BACK)
    assert world.carry_out(replace(ROLL_BACK, adopts=True)) == Done(ADOPTED)
    assert world.named() == {"www": HELD, NEW_NAME: NEXT}


def test_a_tag_of_the_template_before_is_no_tag_of_what_is_adopted() -> None:
    """That was on another certificate: theirs of the same key stays."""
    theirs = replace(THEIRS, public=NEW, tags={"stage": "theirs"})
    world = World((certificate("shop"), theirs), UPDATING, NEW)
    previous = Previous(name="www", tag_keys=frozenset({"stage"}))
    world.carry_out(replace(UPDATE, adopts=True, previous=previous))
    assert world.at("www").tags["stage"] == "theirs"


@pytest.mark.parametrize("desired", [CREATE, replace(ADOPT, path="/edge/")])
def test_what_was_adopted_in_vain_is_not_ones_own(desired: Desired) -> None:
    """Without ``Adopt``, or with another path, nobody has asked for it any more."""
    assert World((IN_VAIN,)).decision(desired) == turning(IN_VAIN, released(IN_VAIN))


@pytest.mark.parametrize(
    ("stored", "desired", "where"),
    [
        rule("nobody else holds it and it is adopted again", IN_VAIN, ADOPT, CREATING),
        rule(
            "another delivery of the event has adopted it",
            certificate(id=SPARE, adopted=True, request_id=NOW),
            CREATE,
            CREATING,
        ),
    ],
)
def test_what_this_event_adopts_is_its_own(
    stored: StoredCertificate, desired: Desired, where: Stack
) -> None:
    """It is not released first."""
    world = World((stored,), where)
    assert isinstance(world.carry_out(desired), Done)
    assert world.at("www").is_adopted
    assert not any(act.remove for act in world.acts() if isinstance(act, Retag))


def test_what_another_resource_has_adopted_is_not_released() -> None:
    """Its tags still name the one that it came from."""
    world = World((IN_VAIN,), content=NEW)
    world.stack_state = stack_state(
        Phase.FORWARD, C=" CREATE_IN_PROGRESS", D=f"{SPARE} UPDATE_COMPLETE"
    )
    with pytest.raises(NameTakenError, match="www"):
        world.decision(CREATE)


def test_a_late_delete_of_a_failed_adoption_releases() -> None:
    """It may arrive in the clean-up of a later update, which has replaced nothing."""
    world = World((certificate("shop"), FAILED_ADOPTION), CLEANING_UP)
    world.stack_state = stack_state(Phase.CLEAN_UP, C=f"{HELD} UPDATE_COMPLETE")
    assert world.decision(UNADOPT) == turning(FAILED_ADOPTION, released(FAILED_ADOPTION))


def test_only_a_clean_up_deletes_what_new_content_has_replaced() -> None:
    """The replacement may still be undone, and then the certificate stays."""
    world = World((ROTATED, replace(SUCCESSOR, name=NEW_NAME)), CLEANING_UP)
    world.stack_state = stack_state(Phase.DELETION, C=f"{NEXT} UPDATE_COMPLETE")
    world.carry_out(replace(DELETE, adopts=True))
    assert released(ADOPTED) in world.certificates


def test_what_was_released_is_not_swept() -> None:
    """A renewal has moved the adopted certificate aside and is unfinished when the stack is deleted."""
    world = World((ROTATED, SUCCESSOR), stack_state(Phase.DELETION, C=f"{NEXT} DELETE_IN_PROGRESS"))
    world.carry_out(replace(DELETE, certificate_id=NEXT, adopts=True))
    assert HELD in world.named().values()


def test_what_was_released_aside_survives_a_second_delete() -> None:
    """Its own Delete may be delivered twice."""
    world = World((ROTATED,), DELETING)
    for _ in range(2):
        world.carry_out(replace(DELETE, adopts=True))
    assert HELD in world.named().values()


def test_an_adopted_neighbor_keeps_the_name_in_a_rollback() -> None:
    """What was there before is not moved for another resource."""
    neighbor = certificate(content=NEW, id=SPARE, adopted=True)
    neighbor = replace(
        neighbor, tags={**neighbor.tags, "cdk-iam-server-certificate:logical-id": "Neighbor"}
    )
    world = World(
        (certificate("shop"), neighbor),
        stack_state(Phase.ROLLBACK, C=f"{HELD} UPDATE_IN_PROGRESS"),
    )
    with pytest.raises(NameTakenError, match="belongs to the resource Neighbor"):
        world.decision(UPDATE)


def test_an_unreadable_stack_state_releases_nothing() -> None:
    """They do not say that an adoption was in vain."""
    world = World((certificate("shop"), IN_VAIN), CLOSED)
    world.carry_out(UPDATE)
    assert all(each.tags for each in world.certificates)


def test_a_sweep_releases_what_was_there_before() -> None:
    """The Delete of another certificate of the resource finds it, and deletes it not."""
    world = World((IN_VAIN, certificate(NEW_NAME, NEW, id=NEXT)), CLEANING_UP_ROLLBACK)
    world.stack_state = stack_state(Phase.ROLLBACK_CLEAN_UP, C=f"{HELD} UPDATE_COMPLETE")
    world.carry_out(replace(DELETE, certificate_id=NEXT, adopts=True))
    assert world.certificates == (released(IN_VAIN),)


@pytest.mark.parametrize(
    "update", [UPDATE, replace(UPDATE, adopts=True), replace(UPDATE, name=None)]
)
def test_what_a_person_has_untagged_counts_as_there_before(update: Desired) -> None:
    """Nothing says any more that it was not; and the template that is rolled back to may adopt it."""
    world = World((certificate(owner=None),), UPDATING)
    world.carry_out(update)
    (held,) = world.certificates
    assert held.name == (update.name or OLD_NAME)
    assert held.is_adopted


def test_what_was_there_before_needs_no_mark_to_be_kept() -> None:
    """So there is room for the tags that a template may declare."""
    world = World((ADOPTED,), UPDATING)
    world.carry_out(replace(UPDATE, adopts=True, retain=True))
    assert world.at("www").tags.keys() & {RETAIN_TAG, ADOPTED_TAG} == {ADOPTED_TAG}
