"""Updates that can't succeed fail with a message that explains the cause and suggests a fix."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from server_certificate_handler.errors import (
    HandlerError,
    MaterialRejectedError,
    NameTakenError,
    SourceUnreadableError,
    StackUnreadableError,
)
from server_certificate_handler.kernel.desired import Previous
from server_certificate_handler.kernel.observed import Observed, Unreadable
from server_certificate_handler.kernel.stack import Phase
from support.kernel import (
    CLOSED,
    GONE,
    HELD,
    NEIGHBOR,
    NEW,
    NEW_NAME,
    NEXT,
    NOW,
    OLD,
    OLD_NAME,
    OTHER,
    SPARE,
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
    from server_certificate.material import PublicMaterial
    from server_certificate_handler.kernel.desired import Desired
    from server_certificate_handler.kernel.stack import Stack
    from server_certificate_handler.kernel.stored import StoredCertificate

RENAMED = replace(UPDATE, previous=Previous(name="shop"))

HOLDS = certificate()
ASIDE = certificate(OLD_NAME)
BESIDE = certificate(NEW_NAME, NEW, id=NEXT, request_id=NOW, replaces=HELD, takes_name=True)
REJECTED = Unreadable(MaterialRejectedError(()))

NEXT_DOOR = certificate("www", NEW, id=SPARE, owner=NEIGHBOR)
BESIDES = stack_state(
    Phase.FORWARD, C=f"{HELD} UPDATE_IN_PROGRESS", Neighbor=f"{SPARE} UPDATE_COMPLETE"
)


def world(
    *certificates: StoredCertificate,
    content: PublicMaterial | Unreadable = OLD,
    stack_state: Stack | StackUnreadableError = UPDATING,
) -> World:
    """Write what there is during an update."""
    return World(certificates, stack_state, content)


@pytest.mark.parametrize(
    ("there", "desired", "error", "words"),
    [
        rule(
            "the name is somebody elses",
            world(certificate("shop"), THEIRS),
            RENAMED,
            NameTakenError,
            "its tags don't name a stack as its owner",
        ),
        rule(
            "for new content too",
            world(certificate("shop"), replace(THEIRS, public=OTHER), content=NEW),
            RENAMED,
            NameTakenError,
            "The name 'www' is taken",
        ),
        rule(
            "the name belongs to a neighbor",
            world(certificate("shop"), NEXT_DOOR, stack_state=BESIDES),
            RENAMED,
            NameTakenError,
            "deploy first with Neighbor renamed or removed",
        ),
        rule(
            "a neighbor has the same content and no construct has moved",
            world(certificate("shop"), replace(NEXT_DOOR, public=OLD), stack_state=BESIDES),
            RENAMED,
            NameTakenError,
            "It has the same content. If you have moved the construct",
        ),
        rule(
            "the resource itself does not move onto the certificate of a neighbor",
            world(certificate("shop"), NEXT_DOOR, content=NEW, stack_state=BESIDES),
            RENAMED,
            NameTakenError,
            "it belongs to the resource Neighbor of this stack",
        ),
        rule(
            "the place aside is somebody elses",
            world(HOLDS, BESIDE, replace(THEIRS, name=OLD_NAME, public=OTHER), content=NEW),
            UPDATE,
            NameTakenError,
            f"The name '{OLD_NAME}' is taken",
        ),
        rule(
            "the place aside has the same content and is another stacks",
            world(HOLDS, BESIDE, certificate(OLD_NAME, id=SPARE, owner=STRANGER), content=NEW),
            UPDATE,
            NameTakenError,
            f"The name '{OLD_NAME}' is taken",
        ),
        rule(
            "the place aside was declared before and has another content",
            world(
                HOLDS,
                certificate(NEW_NAME, NEW, id=NEXT, request_id=NOW, replaces=HELD),
                certificate(OLD_NAME, OTHER, id=SPARE),
                content=NEW,
            ),
            replace(UPDATE, previous=Previous(name=OLD_NAME)),
            NameTakenError,
            f"The name '{OLD_NAME}' is taken",
        ),
        rule(
            "what is held is not a duplicate even if the stack state does not show it",
            world(ASIDE, certificate(id=SPARE), stack_state=stack_state(Phase.FORWARD)),
            UPDATE,
            NameTakenError,
            f"The name '{OLD_NAME}' is taken by the certificate {HELD}",
        ),
        rule(
            "without the stack state nothing is decided",
            world(HOLDS, stack_state=CLOSED),
            UPDATE,
            StackUnreadableError,
            "stack can't be read",
        ),
        rule(
            "what has that place is held by another resource",
            world(
                HOLDS,
                BESIDE,
                certificate(OLD_NAME, id=SPARE),
                content=NEW,
                stack_state=BESIDES,
            ),
            UPDATE,
            NameTakenError,
            f"The name '{OLD_NAME}' is taken",
        ),
        rule(
            "what has that place was there before",
            world(HOLDS, BESIDE, certificate(OLD_NAME, id=SPARE, adopted=True), content=NEW),
            UPDATE,
            NameTakenError,
            f"The name '{OLD_NAME}' is taken",
        ),
        rule(
            "the source is gone and another one made what is held",
            world(certificate(source="before"), content=GONE),
            UPDATE,
            SourceUnreadableError,
            "The secret is gone",
        ),
        rule(
            "a mistake in the material is one also where nothing is uploaded",
            world(HOLDS, content=REJECTED),
            UPDATE,
            MaterialRejectedError,
            "",
        ),
    ],
)
def test_update_is_refused(
    there: World, desired: Desired, error: type[HandlerError], words: str
) -> None:
    """A certificate that blocks the update is left unchanged."""
    with pytest.raises(error) as refused:
        there.decision(desired)
    assert words in str(refused.value)


def test_what_is_discarded_and_can_not_be_deleted_now_is_in_the_way() -> None:
    """Nothing is done with it, and nothing is uploaded in its place."""
    there = world(HOLDS, certificate(NEW_NAME, NEW, id=SPARE, discarded=True), content=NEW)
    with pytest.raises(NameTakenError, match=NEW_NAME):
        there.decision(UPDATE, Observed(skipped=frozenset({SPARE})))
