"""Create: what is there, what is wanted, and what is done first."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from server_certificate_handler.errors import (
    HandlerError,
    NameTakenError,
    SourceUnreadableError,
    UndoneMeanwhileError,
)
from server_certificate_handler.kernel.decide import decide
from server_certificate_handler.kernel.observed import Observed
from server_certificate_handler.kernel.stack import Phase
from server_certificate_handler.kernel.steps import (
    Delete,
    Done,
    Look,
    Move,
    ReadMaterial,
    ReadStack,
    Upload,
)
from support.kernel import (
    CLOSED,
    CREATE,
    CREATING,
    GONE,
    LATER,
    NEIGHBOR,
    NEW,
    NEW_NAME,
    NEXT,
    NOW,
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
    from server_certificate_handler.kernel.steps import Step

GENERATED = replace(CREATE, name=None)
TAGGED = replace(CREATE, tags={"team": "edge"}, retain=True)

MINE = certificate(request_id=NOW)
EARLIER = certificate()
"""What an earlier event has left under the name, with the declared content."""

LEFT = certificate("www", NEW)
"""What an earlier event has left under the name, with other content."""

BESIDE = certificate(OLD_NAME, id=NEXT, request_id=NOW)
DISCARDED = certificate(discarded=True)

MOVING = stack_state(Phase.FORWARD, C=" CREATE_IN_PROGRESS", Neighbor="ASCAHELD CREATE_COMPLETE")
MOVED = certificate(owner=NEIGHBOR, path="/edge/", tags={"team": "edge", "stage": "live"})
MOVES = replace(CREATE, path="/edge/", tags={"team": "edge"})
TAKEN_OVER = certificate(path="/edge/", tags={"team": "edge", "stage": "live"}, request_id=NOW)


@pytest.mark.parametrize(
    ("world", "desired", "step"),
    [
        rule("a free name is uploaded to", World(), CREATE, Upload("www", "/", MINE.tags)),
        rule(
            "a generated name is that of the content",
            World(),
            GENERATED,
            Upload(OLD_NAME, "/", MINE.tags),
        ),
        rule(
            "path and tags and what retains go with the upload",
            World(),
            replace(TAGGED, path="/edge/"),
            Upload(
                "www",
                "/edge/",
                certificate(tags={"team": "edge"}, request_id=NOW, retain=True).tags,
            ),
        ),
        rule("ones own work is found", World((MINE,)), CREATE, Done(MINE)),
        rule(
            "what an earlier event left becomes this ones",
            World((EARLIER,)),
            CREATE,
            turning(EARLIER, MINE),
        ),
        rule(
            "what was uploaded under a temporary name moves to the declared name",
            World((BESIDE,)),
            CREATE,
            Move(BESIDE, "www", "/"),
        ),
        rule(
            "a wrong path is corrected",
            World((certificate(path="/a/", request_id=NOW),)),
            CREATE,
            Move(certificate(path="/a/", request_id=NOW), "www", "/"),
        ),
        rule(
            "a leftover keeps the name until the new one is there",
            World((LEFT,)),
            CREATE,
            Upload(OLD_NAME, "/", MINE.tags),
        ),
        rule(
            "then it moves aside to the name of its content",
            World((LEFT, BESIDE)),
            CREATE,
            Move(LEFT, NEW_NAME, "/"),
        ),
        rule(
            "what holds that name with the same content in vain goes first",
            World((LEFT, BESIDE, certificate(NEW_NAME, NEW, id=SPARE))),
            CREATE,
            Delete(certificate(NEW_NAME, NEW, id=SPARE), is_optional=True),
        ),
        rule(
            "what a failed event was about to delete is deleted",
            World((DISCARDED,)),
            CREATE,
            Delete(DISCARDED, is_optional=True),
        ),
        rule(
            "also under the name of the content",
            World((replace(DISCARDED, name=OLD_NAME),)),
            CREATE,
            Delete(replace(DISCARDED, name=OLD_NAME), is_optional=True),
        ),
        rule(
            "what is left over is left to later events",
            World((MINE, certificate(OTHER_NAME, OTHER, id=SPARE))),
            CREATE,
            Done(MINE),
        ),
        rule(
            "a construct that has moved goes on with its certificate",
            World((MOVED,), MOVING),
            MOVES,
            turning(MOVED, TAKEN_OVER),
        ),
        rule(
            "and the one that was adopted stays adopted",
            World((certificate(owner=NEIGHBOR, adopted=True),), MOVING),
            replace(CREATE, adopts=True),
            turning(
                certificate(owner=NEIGHBOR, adopted=True),
                certificate(adopted=True, request_id=NOW),
            ),
        ),
        rule(
            "after which nothing is left to do",
            World((TAKEN_OVER,), MOVING),
            MOVES,
            Done(TAKEN_OVER),
        ),
    ],
)
def test_create(world: World, desired: Desired, step: Step | Done) -> None:
    """Each state leads to one step, and the last one to the answer."""
    assert world.decision(desired) == step


@pytest.mark.parametrize(
    ("world", "desired", "error", "words"),
    [
        rule(
            "the name is somebody elses",
            World((THEIRS,)),
            CREATE,
            NameTakenError,
            "To adopt it and keep its ID, set adopt_existing=True",
        ),
        rule(
            "with another content it can not be adopted either",
            World((replace(THEIRS, public=NEW),)),
            CREATE,
            NameTakenError,
            "its tags don't name a stack as its owner. It was not changed. Choose a different"
            " server_certificate_name, or omit it to generate a unique one.",
        ),
        rule(
            "the name is another stacks",
            World((certificate(owner=STRANGER),)),
            CREATE,
            NameTakenError,
            f"belongs to the resource C of the stack {STRANGER.stack_id}",
        ),
        rule(
            "the name belongs to a neighbor with other content",
            World((certificate(content=NEW, owner=NEIGHBOR),), MOVING),
            CREATE,
            NameTakenError,
            "A name can't be transferred within one deployment",
        ),
        rule(
            "a construct moves and takes another path",
            World((MOVED,), MOVING),
            replace(MOVES, path="/"),
            NameTakenError,
            "deploy the move on its own first, with the path '/edge/' and the existing tags",
        ),
        rule(
            "a construct moves and takes other tags",
            World((MOVED,), MOVING),
            replace(MOVES, tags={"team": "core"}),
            NameTakenError,
            "deploy the move on its own first",
        ),
        rule(
            "the tags name the neighbor as holder and the stack state does not",
            World((MOVED,), CREATING),
            MOVES,
            NameTakenError,
            "it belongs to the resource Neighbor of this stack",
        ),
        rule(
            "the stack state names a neighbor as holder and the tags do not",
            World((certificate(owner=None, path="/edge/", tags=MOVES.tags),), MOVING),
            MOVES,
            NameTakenError,
            "its tags don't name a stack",
        ),
        rule(
            "the name of the content is somebody elses",
            World((replace(THEIRS, name=OLD_NAME, public=NEW),)),
            GENERATED,
            NameTakenError,
            f"The name '{OLD_NAME}' is taken by the certificate ASCATHEIRS",
        ),
        rule(
            "the name to move it aside to is taken",
            World((LEFT, replace(THEIRS, name=OLD_NAME, public=NEW))),
            CREATE,
            NameTakenError,
            f"The name '{OLD_NAME}' is taken by the certificate ASCATHEIRS",
        ),
        rule(
            "the name that a leftover would move to is taken",
            World((LEFT, BESIDE, replace(THEIRS, name=NEW_NAME))),
            CREATE,
            NameTakenError,
            f"The name '{NEW_NAME}' is taken by the certificate ASCATHEIRS",
        ),
        rule(
            "the certificate under the name can not be read",
            World((certificate(content=None), BESIDE)),
            CREATE,
            NameTakenError,
            "The name 'www' is taken",
        ),
        rule(
            "another delivery of this event is deleting what it uploaded",
            World((replace(MINE, tags=certificate(request_id=NOW, discarded=True).tags),)),
            CREATE,
            UndoneMeanwhileError,
            "is deleting ASCAHELD. Deploy again.",
        ),
        rule(
            "the source is gone",
            World(content=GONE),
            CREATE,
            SourceUnreadableError,
            "The secret is gone",
        ),
        rule(
            "the source is gone and an earlier event left something",
            World((EARLIER,), content=GONE),
            CREATE,
            SourceUnreadableError,
            "The secret is gone",
        ),
        rule(
            "the stack state can't be read",
            World(stack_state=CLOSED),
            CREATE,
            HandlerError,
            "stack can't be read",
        ),
    ],
)
def test_create_is_refused(
    world: World, desired: Desired, error: type[HandlerError], words: str
) -> None:
    """A Create that can't succeed fails at once, with a message that suggests a fix."""
    with pytest.raises(error) as refused:
        world.decision(desired)
    assert words in str(refused.value)


def test_a_failed_deletion_of_what_is_discarded_stops_nothing() -> None:
    """What can't be deleted now is in the way like any other certificate of one's own."""
    world = World((replace(DISCARDED, public=NEW),))
    step = world.decision(CREATE, Observed(skipped=frozenset({"ASCAHELD"})))
    assert step == Upload(OLD_NAME, "/", MINE.tags)


def test_two_uploads_of_one_invocation() -> None:
    """The one that another delivery has made superfluous goes; nothing else waits for it."""
    twin = certificate(OLD_NAME, id=SPARE, request_id=NOW)
    observed = Observed(uploaded=frozenset({SPARE}))
    world = World((MINE, twin))
    assert world.decision(CREATE, observed) == Delete(twin, is_optional=True)
    assert World((MINE,)).decision(CREATE, observed) == Done(MINE)
    assert world.decision(CREATE, replace(observed, skipped=frozenset({SPARE}))) == Done(MINE)
    assert world.decision(
        CREATE, replace(observed, uploaded=frozenset({MINE.certificate_id}))
    ) == Done(MINE)


@pytest.mark.parametrize("desired", [CREATE, GENERATED])
def test_where_tags_follow_the_upload(desired: Desired) -> None:
    """Without tags the name of its content tells whose a certificate is; it gets its tags, then its name."""
    observed = Observed(tags_follow=True)
    assert World().decision(desired, observed) == Upload(OLD_NAME, "/", {})
    bare = certificate(OLD_NAME, owner=None)
    assert World((bare,)).decision(desired, observed) == turning(bare, replace(MINE, name=OLD_NAME))


def test_what_is_found_out_first() -> None:
    """The stack state, the name, then the material: with its key if an upload is certain."""
    assert decide(Observed(), CREATE) == ReadStack()
    observed = Observed().having_read(CREATING)
    assert decide(observed, CREATE) == Look("www")
    assert decide(observed.having_looked("www", None), CREATE) == ReadMaterial(with_key=True)
    assert decide(observed.having_looked("www", THEIRS), CREATE) == ReadMaterial(with_key=False)
    assert decide(observed, GENERATED) == ReadMaterial(with_key=True)


def test_discarded_of_another_event_is_no_work_of_this_one() -> None:
    """The tag of a discarded upload names the request that made it."""
    other = certificate(discarded=True, request_id=LATER)
    assert World((other,)).decision(CREATE) == Delete(other, is_optional=True)


def test_what_is_discarded_under_a_strangers_tags_stays() -> None:
    """The mark alone moves nothing."""
    theirs = certificate(owner=STRANGER, discarded=True)
    with pytest.raises(NameTakenError, match=r"\(.*\); it belongs to the resource C of the stack"):
        World((theirs,)).decision(CREATE)
