"""A construct that has moved in the tree: another logical id, the same certificate."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from dev.simulator.declared import Declared, upload_by_hand
from server_certificate.contract.ownership import ADOPTED_TAG, LOGICAL_ID_TAG, is_own

if TYPE_CHECKING:
    from dev.simulator.world import World
    from local_cloud.iam.store import ServerCertificate

DECLARED = Declared(leaf=0, name="www", path="/cloudfront/edge/", tags=2)


def stored(world: World, name: str = "www") -> ServerCertificate:
    """Return the certificate that has a name."""
    return world.account.certificates.get(name)


def tags(world: World) -> dict[str, str]:
    """Return the tags of the one certificate."""
    (name,) = world.account.names()
    return {tag.key: tag.value for tag in stored(world, name).tags}


@pytest.fixture(params=[False, True], ids=["uploaded", "adopted"])
def declared(request: pytest.FixtureRequest, world: World) -> Declared:
    """Declare a certificate under the logical id Old, which is uploaded or was there before."""
    declared = replace(DECLARED, adopt=request.param)
    if declared.adopt:
        upload_by_hand(world.account, "www", 0, path=declared.path, tags={"owner": "them"})
    world.deploy("web", {"Old": declared})
    world.account.calls.clear()
    return declared


def test_it_goes_on(world: World, declared: Declared) -> None:
    """Nothing is uploaded, moved or waited for, and no key is read; its tags name the new resource."""
    before = stored(world)
    assert world.deploy("web", {"New": declared})
    assert stored(world).certificate_id == before.certificate_id
    assert world.stacks["web"].resources["New"].physical_id == before.certificate_id
    assert tags(world)[LOGICAL_ID_TAG] == "New"
    assert (ADOPTED_TAG in tags(world)) is declared.adopt
    reads = ("Get", "List", "Describe")
    assert [call for call in world.account.calls if not call.startswith(reads)] == [
        "TagServerCertificate"
    ]
    assert "GetSecretValue" not in world.account.calls
    assert world.violations == []


def test_it_goes_with_the_stack_or_is_released(world: World, declared: Declared) -> None:
    """Like one that has never moved."""
    world.deploy("web", {"New": declared})
    assert world.delete("web")
    assert list(world.account.names()) == (["www"] if declared.adopt else [])
    assert not declared.adopt or not any(map(is_own, tags(world)))


@pytest.mark.parametrize("by_deletion_alone", [False, True])
def test_a_move_that_is_rolled_back(
    world: World, declared: Declared, *, by_deletion_alone: bool
) -> None:
    """The Delete of the new logical id leaves it to the old one, and notes that."""
    before = stored(world)
    world.cloudformation.roll_back_by_deletion = by_deletion_alone
    assert not world.deploy("web", {"New": declared, "Old": declared}, neighbor_fails_after=1)
    assert world.account.names() == {"www": before.certificate_id}
    assert tags(world)[LOGICAL_ID_TAG] == "Old"
    assert (ADOPTED_TAG in tags(world)) is declared.adopt
    assert world.deploy("web", {"Old": replace(declared, tags=1)})
    assert world.violations == []


def test_a_stack_that_was_left_in_the_middle_of_a_move(world: World, declared: Declared) -> None:
    """With rollback off both resources hold it when the stack is deleted: the last one lets it go."""
    world.deploy("web", {"Old": declared, "New": declared})
    assert len(world.account.names()) == 1
    assert world.delete("web")
    assert list(world.account.names()) == (["www"] if declared.adopt else [])


@pytest.mark.parametrize(
    "also",
    [{"path": "/"}, {"tags": 1}],
    ids=["another path", "other tags"],
)
def test_a_move_that_changes_something_else(
    world: World, declared: Declared, also: dict[str, object]
) -> None:
    """It is refused with a message that explains how to move it."""
    before = stored(world)
    changed = replace(declared, **also)  # type: ignore[arg-type]
    assert not world.deploy("web", {"New": changed})
    (reason,) = {
        answer["Reason"] for answer in world.answers.values() if answer["Status"] == "FAILED"
    }
    assert "it belongs to the resource Old of this stack" in reason
    assert "deploy the move on its own first, with the path '/cloudfront/edge/'" in reason
    assert stored(world) == before
    assert world.deploy("web", {"New": declared})
    assert world.deploy("web", {"New": changed})


def test_a_move_with_another_content(world: World, declared: Declared) -> None:
    """With new content the construct doesn't count as moved: the name is taken."""
    before = stored(world)
    assert not world.deploy("web", {"New": replace(declared, leaf=1)})
    assert stored(world) == before


@pytest.mark.parametrize(("prefix", "names"), [(None, ("Old", "New")), ("www", ("www", "www"))])
def test_a_generated_name_moves_by_a_new_upload(
    world: World, prefix: str | None, names: tuple[str, str]
) -> None:
    """
    Another logical id has other generated names, even with the same prefix.

    So the old certificate stays until its consumers have moved.
    """
    generated = replace(DECLARED, name=None, prefix=prefix)
    world.deploy("web", {"Old": generated})
    (before,) = world.account.names()
    world.account.calls.clear()
    assert world.deploy("web", {"New": generated})
    (after,) = world.account.names()
    assert (before[:3], after[:3]) == names
    assert before != after
    changes = [call for call in world.account.calls if call.endswith("ServerCertificate")]
    assert changes.index("UploadServerCertificate") < changes.index("DeleteServerCertificate")
    assert "UpdateServerCertificate" not in changes
    assert world.violations == []


def test_a_move_with_a_prefix_that_is_rolled_back(world: World) -> None:
    """Only the upload under the new logical id is deleted."""
    generated = replace(DECLARED, name=None, prefix="www")
    world.deploy("web", {"Old": generated})
    before = world.account.names()
    assert not world.deploy("web", {"New": generated}, neighbor_fails_after=1)
    assert world.account.names() == before
    assert world.violations == []


def test_another_stack_does_not_take_it_over(world: World, declared: Declared) -> None:
    """A construct that moves to another stack is told whose the name is."""
    before = stored(world)
    assert not world.deploy("shop", {"New": declared})
    assert stored(world) == before
