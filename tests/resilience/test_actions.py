"""What the search can do, each thing once, and what has become of the certificates then."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from dev.resilience.actions import (
    AdoptByName,
    ChangeTags,
    Circumstances,
    Deploy,
    Forge,
    MoveConstruct,
    Point,
    Untag,
)
from dev.resilience.search import LifeCycle
from dev.resilience.tally import TALLY
from dev.simulator.cloudformation import OnFailure
from dev.simulator.declared import Declared

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.no_cover
"""Nothing runs here that the tests of the life cycle don't run, and counting takes as long again."""

NAMED = Declared(name="www", tags=1)
SMOOTH = Circumstances({})
FAILING = Circumstances({}, neighbor_fails_after=1)
NESTED = Circumstances({}, parent_fails=True)


@pytest.fixture
def search() -> Iterator[LifeCycle]:
    """Return a world in which a stack holds one certificate; in the end all stacks are deleted."""
    yield from begun(OnFailure.ROLLBACK)


def begun(on_failure: OnFailure) -> Iterator[LifeCycle]:
    """Yield a world, and delete all of its stacks."""
    TALLY.counted.clear()
    TALLY.is_closed = False
    search = LifeCycle()
    search.begin(template={"First": NAMED}, by_deletion=False, on_failure=on_failure, bystander=1)
    yield search
    search.teardown()


def held(search: LifeCycle, name: str = "web") -> dict[str, str]:
    """Return the physical ids of a stack by logical id."""
    return {key: each.physical_id for key, each in search.world.stacks[name].resources.items()}


@pytest.mark.parametrize("circumstances", [SMOOTH, FAILING, NESTED])
def test_a_construct_moves(search: LifeCycle, circumstances: Circumstances) -> None:
    """Its certificate goes on, or goes back."""
    before = held(search)
    search.happens(action=MoveConstruct("web", "First", "Third", None, NAMED, circumstances))
    after = "Third" if circumstances is SMOOTH else "First"
    assert held(search) == {after: before["First"]}


def test_a_construct_that_moves_and_changes_is_refused(search: LifeCycle) -> None:
    """Where it keeps its name, it can't."""
    changed = replace(NAMED, leaf=2)
    search.happens(action=MoveConstruct("web", "First", "Third", "leaf", changed, SMOOTH))
    assert TALLY.counted["must be refused"] == 1
    assert held(search).keys() == {"First"}


def adopting(circumstances: Circumstances) -> AdoptByName:
    """Have a new stack adopt something."""
    declared = Declared(leaf=3, tags=2)
    return AdoptByName("shop", "First", "shop", declared, True, circumstances)  # noqa: FBT003


@pytest.mark.parametrize("on_failure", OnFailure)
@pytest.mark.parametrize("circumstances", [FAILING, NESTED])
def test_what_was_there_outlives_a_new_stack(
    on_failure: OnFailure, circumstances: Circumstances
) -> None:
    """A nested one whose parent fails, and one whose creation fails, whatever becomes of it then."""
    for search in begun(on_failure):
        search.happens(action=adopting(circumstances))
        (certificate_id,) = search.ownership.foreign
        search.delete_everything()
        assert search.account.certificates.get("shop").certificate_id == certificate_id


@pytest.mark.parametrize(
    ("on_failure", "status"),
    [
        (OnFailure.ROLLBACK, "ROLLBACK_COMPLETE"),
        (OnFailure.DELETE, "DELETE_COMPLETE"),
        (OnFailure.DO_NOTHING, "CREATE_FAILED"),
    ],
)
def test_a_creation_fails(on_failure: OnFailure, status: str) -> None:
    """It is undone, and the stack with it, or stays."""
    for search in begun(on_failure):
        search.happens(action=Deploy("shop", {"First": Declared()}, FAILING))
        assert search.world.stacks["shop"].status == status


def test_a_nested_stack_is_rolled_back_whole(search: LifeCycle) -> None:
    """Its update has succeeded when its parent fails."""
    before = held(search)
    search.happens(action=Deploy("web", {"First": replace(NAMED, leaf=2)}, NESTED))
    assert held(search) == before
    assert search.world.stacks["web"].status == "UPDATE_ROLLBACK_COMPLETE"


@pytest.mark.parametrize(
    "action", [Untag("web", "First"), ChangeTags("web", "First"), Point("web", "First", 0)]
)
def test_the_next_update_mends_the_tags(
    search: LifeCycle, action: Untag | ChangeTags | Point
) -> None:
    """Whatever a person has done to them, and nobody else's certificate is touched."""
    search.happens(action=action)
    search.happens(
        action=Deploy("web", {"First": replace(NAMED, path="/cloudfront/edge/")}, SMOOTH)
    )
    assert not search.disorder.drifted
    tags = {tag.key: tag.value for tag in search.account.certificates.get("www").tags}
    assert tags["team"] == "edge"
    assert search.ownership.bystander.certificate_id not in str(tags)


def test_forged_tags_give_no_right(search: LifeCycle) -> None:
    """A bystander with the tags of a resource is there when the stack is gone."""
    search.happens(action=Forge("web", "First", is_adopted=True))
    forged = search.ownership.bystander
    assert len(forged.tags) > 4
    search.delete_everything()
    assert search.account.certificates.get(forged.name) == forged
