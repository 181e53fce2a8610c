"""Tags that somebody forged, and events that somebody replays: what they can't be made to do."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from server_certificate.contract.ownership import ADOPTED_TAG, OWNERSHIP_PREFIX, Provenance
from server_certificate_handler.errors import NameTakenError
from server_certificate_handler.kernel.desired import Previous
from server_certificate_handler.kernel.stack import Phase
from server_certificate_handler.kernel.steps import Done
from support.kernel import (
    ADOPT,
    CREATE,
    CREATING,
    DELETE,
    DELETING,
    HELD,
    NEIGHBOR,
    NEW,
    NEW_NAME,
    NEXT,
    OLD,
    OTHER,
    OWNER,
    ROLL_BACK,
    STRANGER,
    THEIRS,
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
    from server_certificate_handler.kernel.stored import StoredCertificate

VICTIM = certificate("shop", OTHER, id="ASCAVICTIM", owner=None, tags={"team": "them"})
"""Somebody else's, under a name that no template of the stack has ever declared."""

UNDOING = stack_state(Phase.ROLLBACK_CLEAN_UP, C=f"{HELD} UPDATE_COMPLETE")


def forged(victim: StoredCertificate, **tags: str) -> StoredCertificate:
    """Return a certificate with tags of the construct that somebody has put on it."""
    put = {f"{OWNERSHIP_PREFIX}{key}": value for key, value in tags.items()}
    return victim.retagged(put, ())


POINTS_AT_THEM = certificate(content=NEW, id=NEXT, replaces="ASCAVICTIM", takes_name=True)
OURS = forged(VICTIM, **{"stack-id": OWNER.stack_id, "logical-id": "C", "source": "wanted"})
ADOPTED_BY_US = OURS.retagged({ADOPTED_TAG: "true"}, ())
DISCARDED_BY_US = OURS.retagged(Provenance(request_id="r", discarded=True).tags(), ())
NEXT_DOOR = forged(VICTIM, **{"stack-id": OWNER.stack_id, "logical-id": "Neighbor"})
OF_NEIGHBOR = replace(OURS, name=replace(CREATE, owner=NEIGHBOR).content_name(OTHER))
"""A neighbor's certificate, whose generated name begins with the same prefix."""


@pytest.mark.parametrize(
    "victim",
    [
        rule("no tags", VICTIM),
        rule("no tags and the content that the resource had", replace(VICTIM, public=OLD)),
        rule("our owner", OURS),
        rule("our owner and the mark of an adoption", ADOPTED_BY_US),
        rule("our owner and the mark of a deletion", DISCARDED_BY_US),
        rule("a neighbor of ours", NEXT_DOOR),
        rule("our owner and a neighbors generated name", OF_NEIGHBOR),
        rule("another stack", replace(VICTIM, tags=STRANGER.tags())),
    ],
)
@pytest.mark.parametrize(
    ("where", "desired"),
    [
        rule("create", CREATING, CREATE),
        rule("create with a generated name", CREATING, replace(CREATE, name=None)),
        rule("adopt", CREATING, ADOPT),
        rule("update", stack_state(Phase.FORWARD, C=f"{NEXT} UPDATE_IN_PROGRESS"), ROLL_BACK),
        rule("roll back", stack_state(Phase.ROLLBACK, C=f"{NEXT} UPDATE_IN_PROGRESS"), ROLL_BACK),
        rule(
            "roll back to another source",
            stack_state(Phase.ROLLBACK, C=f"{NEXT} UPDATE_IN_PROGRESS"),
            replace(ROLL_BACK, source="else"),
        ),
        rule(
            "delete the stack",
            stack_state(Phase.DELETION, C=f"{NEXT} DELETE_IN_PROGRESS"),
            replace(DELETE, certificate_id=NEXT),
        ),
        rule("undo by deletion", UNDOING, replace(DELETE, certificate_id=NEXT)),
        rule("undo by deletion of what was adopted", UNDOING, replace(DELETE, certificate_id=NEXT, adopts=True)),
        rule(
            "delete what a canceled Create left",
            stack_state(Phase.DELETION, C="web-C-1 DELETE_IN_PROGRESS"),
            replace(DELETE, certificate_id=None),
        ),
    ],
)  # fmt: skip
def test_tags_alone_point_at_nobody(
    where: Stack, desired: Desired, victim: StoredCertificate
) -> None:
    """Whatever its tags say, and what says that it has replaced it, the victim stays as it is."""
    world = World((POINTS_AT_THEM, victim), where)
    world.carry_out(desired)
    assert victim in world.certificates


def test_the_content_of_a_victim_points_at_it_as_little() -> None:
    """Somebody else may have stored the same certificate, under a name that is theirs."""
    victim = certificate("shop", id="ASCAVICTIM", source="else")
    ours = certificate("www", NEW, id=NEXT, source="after", replaces="ASCAVICTIM", takes_name=True)
    world = World((ours, victim), stack_state(Phase.ROLLBACK, C=f"{NEXT} UPDATE_IN_PROGRESS"))
    world.carry_out(ROLL_BACK)
    assert victim in world.certificates


@pytest.mark.parametrize("name", ["www", "shop"])
def test_what_held_before_can_not_be_forged_to_be_a_strangers(name: str) -> None:
    """By the stack state, the resource's certificate is gone: the one that is named stays."""
    victim = replace(OURS, name="theirs")
    world = World((victim, certificate(name, NEW, id=NEXT, replaces=HELD, takes_name=True)))
    world.stack_state = stack_state(Phase.ROLLBACK_CLEAN_UP, C="ASCAVICTIM UPDATE_COMPLETE")
    world.carry_out(replace(DELETE, certificate_id=NEXT))
    assert world.certificates == (victim,)


def test_a_forged_delete_of_a_certificate_without_tags() -> None:
    """Nothing says that it is the resource's."""
    world = World((VICTIM,), DELETING)
    world.carry_out(replace(DELETE, certificate_id="ASCAVICTIM", name="shop"))
    assert world.certificates == (VICTIM,)


@pytest.mark.parametrize("phase", [Phase.DONE, Phase.UNDONE])
@pytest.mark.parametrize(
    "desired",
    [
        CREATE,
        ADOPT,
        UPDATE,
        replace(UPDATE, name="other", previous=Previous(name="www")),
        ROLL_BACK,
        DELETE,
        replace(DELETE, adopts=True),
        replace(DELETE, certificate_id="ASCAVICTIM"),
        replace(DELETE, certificate_id=None),
    ],
    ids=str,
)
def test_no_event_changes_a_stack_at_rest(phase: Phase, desired: Desired) -> None:
    """Forged, replayed or reordered: CloudFormation waits for none."""
    there = (certificate(), certificate(NEW_NAME, NEW, id=NEXT), OURS)
    world = World(there, stack_state(phase, C=f"{HELD} UPDATE_COMPLETE"))
    world.carry_out(desired)
    assert (world.certificates, world.acts()) == (there, [])


def test_the_mark_of_an_adoption_moves_nothing() -> None:
    """At worst the stack leaves a certificate of its own behind; certificates of others are unaffected."""
    marked = certificate(adopted=True)
    world = World((marked, THEIRS.moved("theirs", "/")), DELETING)
    world.carry_out(replace(DELETE, adopts=True))
    assert world.named() == {"www": HELD, "theirs": "ASCATHEIRS"}


def test_a_certificate_that_names_another_stack_is_not_updated() -> None:
    """After somebody has given the certificate to another stack, this stack doesn't change it."""
    gone = certificate("shop", owner=STRANGER)
    world = World((gone,), UPDATING)
    assert isinstance(world.carry_out(UPDATE), Done)
    assert gone in world.certificates


def test_a_neighbors_tags_on_a_certificate_that_no_resource_holds() -> None:
    """CloudFormation's own stack state shows that the construct has not moved."""
    lure = certificate(owner=replace(OWNER, logical_id="Neighbor"))
    world = World((lure,), CREATING)
    with pytest.raises(NameTakenError):
        world.decision(CREATE)


@pytest.mark.parametrize(
    ("held", "where"),
    [
        rule("the resource holds it", certificate(), UPDATING),
        rule(
            "it was there before",
            certificate(adopted=True),
            stack_state(Phase.FORWARD, C=f"{NEXT} UPDATE_IN_PROGRESS"),
        ),
    ],
)
def test_a_forged_mark_of_a_deletion_deletes_nothing(held: StoredCertificate, where: Stack) -> None:
    """A certificate that a resource holds still makes way for new content, or keeps its name."""
    mark = Provenance(request_id="r", discarded=True).tags()
    world = World((held.retagged(mark, ()),), where, content=NEW)
    world.carry_out(replace(UPDATE, certificate_id=where.resources["C"].physical_id))
    assert HELD in world.named().values()
