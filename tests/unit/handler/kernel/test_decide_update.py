"""Update: in place while the content is the same, a new certificate when it is not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from server_certificate_handler.errors import NameTakenError
from server_certificate_handler.kernel.decide import decide
from server_certificate_handler.kernel.desired import Previous
from server_certificate_handler.kernel.observed import Observed, Unreadable
from server_certificate_handler.kernel.stack import Phase
from server_certificate_handler.kernel.steps import (
    Delete,
    Done,
    ListNames,
    Look,
    Move,
    ReadMaterial,
    Upload,
)
from support.kernel import (
    GONE,
    HELD,
    NEW,
    NEW_NAME,
    NEXT,
    NOW,
    OLD,
    OLD_NAME,
    OTHER,
    OTHER_NAME,
    PREFIX,
    SPARE,
    STRANGER,
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

GENERATED = replace(UPDATE, name=None, previous=Previous())
RENAMED = replace(UPDATE, previous=Previous(name="shop"))

HOLDS = certificate()
ASIDE = certificate(OLD_NAME)
BESIDE = certificate(NEW_NAME, NEW, id=NEXT, request_id=NOW, replaces=HELD, takes_name=True)
MOVED_IN = replace(BESIDE, name="www")
"""The successor under its temporary name, and under the declared one."""


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
        rule("nothing changes", world(HOLDS), UPDATE, Done(HOLDS)),
        rule(
            "another name",
            world(certificate("shop")),
            RENAMED,
            Move(certificate("shop"), "www", "/"),
        ),
        rule(
            "another path",
            world(HOLDS),
            replace(UPDATE, path="/edge/"),
            Move(HOLDS, "www", "/edge/"),
        ),
        rule(
            "another name by hand is found by the id and corrected",
            world(certificate("by-hand")),
            UPDATE,
            Move(certificate("by-hand"), "www", "/"),
        ),
        rule(
            "a name that is generated from now on",
            world(HOLDS),
            replace(UPDATE, name=None),
            Move(HOLDS, OLD_NAME, "/"),
        ),
        rule(
            "a name that is generated from another prefix",
            world(certificate(OLD_NAME)),
            replace(GENERATED, name_prefix="shop"),
            Move(certificate(OLD_NAME), OLD_NAME.replace(PREFIX, "shop"), "/"),
        ),
        rule(
            "tags follow the template and those of others stay",
            world(certificate(tags={"team": "edge", "stage": "test", "cost": "42"})),
            replace(
                UPDATE,
                tags={"team": "core", "tier": "1"},
                previous=Previous(name="www", tag_keys=frozenset({"team", "stage"})),
            ),
            turning(
                certificate(tags={"team": "edge", "stage": "test", "cost": "42"}),
                certificate(tags={"team": "core", "tier": "1", "cost": "42"}),
            ),
        ),
        rule(
            "what was adopted loses the tags that the template gave it",
            world(certificate(adopted=True, tags={"team": "edge", "cost": "42"})),
            replace(
                UPDATE, adopts=True, previous=Previous(name="www", tag_keys=frozenset({"team"}))
            ),
            turning(
                certificate(adopted=True, tags={"team": "edge", "cost": "42"}),
                certificate(adopted=True, tags={"cost": "42"}),
            ),
        ),
        rule(
            "keys of tags differ by case",
            world(certificate(tags={"Team": "edge"})),
            replace(
                UPDATE,
                tags={"team": "edge"},
                previous=Previous(name="www", tag_keys=frozenset({"Team"})),
            ),
            turning(certificate(tags={"Team": "edge"}), certificate(tags={"team": "edge"})),
        ),
        rule(
            "another source of the same content and another removal policy are noted",
            world(certificate(source="before")),
            replace(UPDATE, retain=True),
            turning(certificate(source="before"), certificate(retain=True)),
        ),
        rule(
            "what it once replaced is history",
            world(certificate(replaces="ASCAELDER", takes_name=True)),
            UPDATE,
            turning(certificate(replaces="ASCAELDER", takes_name=True), HOLDS),
        ),
        rule(
            "a mark of deletion comes off what is held",
            world(certificate(discarded=True)),
            UPDATE,
            turning(certificate(discarded=True), HOLDS),
        ),
        rule(
            "stray tags of the constructs own go",
            world(certificate(tags={"cdk-iam-server-certificate:former": "x"})),
            UPDATE,
            turning(certificate(tags={"cdk-iam-server-certificate:former": "x"}), HOLDS),
        ),
        rule(
            "tags that somebody took away come back",
            world(certificate(owner=None)),
            UPDATE,
            turning(
                certificate(owner=None),
                replace(
                    HOLDS,
                    tags={
                        key: value
                        for key, value in certificate(adopted=True).tags.items()
                        if not key.endswith(":request-id")
                    },
                ),
            ),
        ),
        rule(
            "what somebody deleted is uploaded again",
            world(),
            UPDATE,
            Upload("www", "/", certificate(request_id=NOW, replaces=HELD, takes_name=True).tags),
        ),
        rule(
            "what another stack has taken is not ones own any more",
            world(certificate("shop", owner=STRANGER)),
            UPDATE,
            Upload("www", "/", certificate(request_id=NOW, replaces=HELD, takes_name=True).tags),
        ),
        rule(
            "new content under a generated name",
            world(ASIDE, content=NEW),
            GENERATED,
            Upload(NEW_NAME, "/", certificate(request_id=NOW, replaces=HELD).tags),
        ),
        rule(
            "new content under another name",
            world(certificate("shop"), content=NEW),
            RENAMED,
            Upload("www", "/", certificate(request_id=NOW, replaces=HELD).tags),
        ),
        rule(
            "new content under the same name is uploaded under a temporary name",
            world(HOLDS, content=NEW),
            UPDATE,
            Upload(NEW_NAME, "/", BESIDE.tags),
        ),
        rule(
            "then the one before moves aside",
            world(HOLDS, BESIDE, content=NEW),
            UPDATE,
            Move(HOLDS, OLD_NAME, "/"),
        ),
        rule(
            "then the new one moves in",
            world(ASIDE, BESIDE, content=NEW),
            UPDATE,
            Move(BESIDE, "www", "/"),
        ),
        rule("then all is done", world(ASIDE, MOVED_IN, content=NEW), UPDATE, Done(MOVED_IN)),
        rule(
            "what an earlier event uploaded becomes this ones before anything else",
            world(HOLDS, certificate(NEW_NAME, NEW, id=NEXT, replaces="ASCAELDER"), content=NEW),
            UPDATE,
            turning(certificate(NEW_NAME, NEW, id=NEXT, replaces="ASCAELDER"), BESIDE),
        ),
        rule(
            "what is held stays although a twin has the name of the content",
            world(HOLDS, certificate(OLD_NAME, id=SPARE, request_id=NOW)),
            UPDATE,
            Done(HOLDS),
        ),
        rule(
            "what a failed event was about to delete is deleted",
            world(HOLDS, certificate(NEW_NAME, NEW, id=SPARE, discarded=True), content=NEW),
            UPDATE,
            Delete(certificate(NEW_NAME, NEW, id=SPARE, discarded=True), is_optional=True),
        ),
        rule(
            "going forward nothing goes back to what was replaced",
            world(
                certificate(OLD_NAME.replace("web-C", "former")),
                certificate("www", NEW, id=NEXT, replaces=HELD),
                stack_state=stack_state(Phase.FORWARD, C=f"{NEXT} UPDATE_IN_PROGRESS"),
            ),
            replace(UPDATE, certificate_id=NEXT),
            Upload(OLD_NAME, "/", certificate(request_id=NOW, replaces=NEXT, takes_name=True).tags),
        ),
        rule(
            "a leftover of the resource stays until a Delete or a rollback",
            world(HOLDS, certificate(OTHER_NAME, OTHER, id=SPARE)),
            UPDATE,
            Done(HOLDS),
        ),
        rule(
            "a source that is gone has produced what is held",
            world(HOLDS, content=GONE),
            replace(UPDATE, path="/edge/"),
            Move(HOLDS, "www", "/edge/"),
        ),
        rule(
            "what can not be read keeps a generated name",
            world(certificate("x", content=None), content=GONE),
            GENERATED,
            Done(certificate("x", content=None)),
        ),
        rule(
            "a name that was declared may be that of the new content",
            world(certificate(NEW_NAME), content=NEW),
            replace(GENERATED, previous=Previous(name=NEW_NAME)),
            Move(certificate(NEW_NAME), OLD_NAME, "/"),
        ),
        rule(
            "what was adopted moves aside also if the stack state does not show the resource",
            world(
                certificate(adopted=True),
                BESIDE,
                content=NEW,
                stack_state=stack_state(Phase.FORWARD),
            ),
            UPDATE,
            Move(certificate(adopted=True), OLD_NAME, "/"),
        ),
    ],
)
def test_update(there: World, desired: Desired, step: Step | Done) -> None:
    """Each state leads to one step, from wherever an earlier delivery has stopped."""
    assert there.decision(desired) == step


@pytest.mark.parametrize("content", [OLD, NEW])
def test_a_rotation_from_begin_to_end(content: PublicMaterial) -> None:
    """There is always a certificate of the resource, and the one before is there until its Delete."""
    there = world(HOLDS, content=content)
    assert isinstance(there.carry_out(UPDATE), Done)
    assert HELD in there.named().values()
    assert there.at("www").public == content


SHARED = stack_state(Phase.FORWARD, C=f"{HELD} UPDATE_IN_PROGRESS", D=f"{HELD} CREATE_COMPLETE")
"""A construct that moved has taken over what this resource holds, which stays for all that."""


def test_what_another_resource_has_taken_over_is_left_to_it() -> None:
    """This resource gets a certificate of its own."""
    renamed = replace(UPDATE, name="shop")
    there = world(HOLDS, stack_state=SHARED)
    assert there.decision(renamed) == Upload(
        "shop", "/", certificate(request_id=NOW, replaces=HELD).tags
    )


def test_what_another_resource_has_taken_over_is_not_found_by_its_name_either() -> None:
    """Its tags still name this resource until the clean-up."""
    there = world(HOLDS, stack_state=SHARED)
    with pytest.raises(NameTakenError, match="www"):
        there.decision(UPDATE)


def test_what_is_found_out_first() -> None:
    """The stack state, its former name, the wanted one, then all names; the material at last."""
    observed = Observed().having_read(UPDATING)
    assert decide(observed, RENAMED) == Look("shop")
    observed = observed.having_looked("shop", None)
    assert decide(observed, RENAMED) == Look("www")
    observed = observed.having_looked("www", None)
    assert decide(observed, RENAMED) == ListNames()
    assert decide(observed.having_listed({}), RENAMED) == ReadMaterial(with_key=False)
    held = Observed().having_read(UPDATING).having_looked("www", HOLDS)
    assert decide(held, UPDATE) == ReadMaterial(with_key=False)
    assert decide(replace(held, known_content=OLD), UPDATE) == Done(HOLDS)
