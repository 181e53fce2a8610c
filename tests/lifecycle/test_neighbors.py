"""Two certificates of one stack that want one name: an error on the way there, healed on the way back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dev.simulator.declared import Declared, leaf

if TYPE_CHECKING:
    from dev.simulator.world import World

HAS_IT = Declared(leaf=0, name="www")
GIVES_IT_UP = Declared(leaf=0, name="shop")
WANTS_IT = Declared(leaf=1, name="www")
ELSEWHERE = Declared(leaf=1, name="other")

LISTENER = (
    "arn:aws:elasticloadbalancing:eu-central-1:111122223333:loadbalancer/app/web/50dc6c495c0c9188"
)
REFUSED = (400, "ValidationError", "no")


def last_reason(world: World) -> str:
    """Return why the last event that failed has failed."""
    answers = [world.answers[event["RequestId"]] for event in world.history]
    return str([answer["Reason"] for answer in answers if answer["Status"] == "FAILED"][-1])


def held(world: World, logical_id: str) -> str:
    """Return the ServerCertificateId that a resource holds."""
    return world.stacks["web"].resources[logical_id].physical_id


def test_a_name_is_not_passed_on_within_one_deployment(world: World) -> None:
    """The one who wants it is told at once how it is done, and nothing stays of the deployment."""
    world.deploy("web", {"Giver": HAS_IT})
    before = world.account.names()
    assert not world.deploy("web", {"Taker": WANTS_IT, "Giver": GIVES_IT_UP})
    assert "deploy first with Giver renamed or removed" in last_reason(world)
    assert world.account.names() == before


def test_a_name_is_passed_on_by_two_deployments(world: World) -> None:
    """That is what the error says."""
    world.deploy("web", {"Giver": HAS_IT})
    assert world.deploy("web", {"Giver": GIVES_IT_UP})
    assert world.deploy("web", {"Taker": WANTS_IT, "Giver": GIVES_IT_UP})
    assert world.account.names() == {"shop": held(world, "Giver"), "www": held(world, "Taker")}


def test_a_certificate_does_not_move_onto_a_neighbors_name(world: World) -> None:
    """A rename of what is there is told the same."""
    world.deploy("web", {"Giver": HAS_IT, "Taker": ELSEWHERE})
    before = world.account.names()
    assert not world.deploy("web", {"Taker": WANTS_IT, "Giver": HAS_IT})
    assert "A name can't be transferred within one deployment" in last_reason(world)
    assert world.account.names() == before


def test_nobody_waits_for_a_neighbor(world: World) -> None:
    """CloudFormation works on several resources at once, and knows nothing of names."""
    world.deploy("web", {"Giver": HAS_IT})
    world.deploy("web", {"Taker": WANTS_IT, "Giver": GIVES_IT_UP})
    taker = next(event for event in world.history if event["LogicalResourceId"] == "Taker")
    assert taker["RequestType"] == "Create"
    assert all(sandbox.context.slept == [] for sandbox in world._sandboxes)


@pytest.mark.parametrize("before", [None, ELSEWHERE, Declared(leaf=2, name="other")])
def test_a_rollback_takes_the_name_back(world: World, before: Declared | None) -> None:
    """From a certificate that is new, was renamed, or was replaced: its own event finds it by its id."""
    template = {"Giver": HAS_IT, **({"Taker": before} if before else {})}
    world.deploy("web", template)
    names = world.account.names()
    changed = {"Giver": GIVES_IT_UP, "Taker": WANTS_IT}
    assert not world.deploy("web", changed, neighbor_fails_after=2)
    assert world.stacks["web"].status == "UPDATE_ROLLBACK_COMPLETE"
    assert world.account.names() == names
    assert world.violations == []


def test_a_rollback_takes_the_name_back_from_what_is_in_use(world: World) -> None:
    """It moves aside, and stays there as long as its consumer holds it."""
    world.deploy("web", {"Giver": HAS_IT})
    in_use_by = world.account.in_use_by

    def use() -> None:
        in_use_by[world.account.names()["www"]] = LISTENER

    world.account.afterwards["UploadServerCertificate"] = use
    world.deploy("web", {"Giver": GIVES_IT_UP, "Taker": WANTS_IT}, neighbor_fails_after=2)
    assert world.account.names()["www"] == held(world, "Giver")
    assert in_use_by.keys() < set(world.account.names().values())


def test_a_rollback_that_fails_is_continued(world: World) -> None:
    """What had made way goes back, and makes way again when a person continues."""
    world.deploy("web", {"Giver": HAS_IT})
    names = world.account.names()
    changed = {"Giver": GIVES_IT_UP, "Taker": WANTS_IT}
    world.account.fail_after["UpdateServerCertificate"] = (2, 1, REFUSED)
    assert not world.deploy("web", changed, neighbor_fails_after=2)
    assert world.account.names() == names


def test_a_rollback_takes_no_name_from_somebody_else(world: World) -> None:
    """What has the name by then may be nobody's of this stack."""
    world.deploy("web", {"Giver": HAS_IT})
    foreign = leaf(3)

    def take() -> None:
        world.account.certificates.upload("www", body=foreign.pem, private_key=foreign.key_pem())

    world.account.afterwards["UpdateServerCertificate"] = take
    assert not world.deploy("web", {"Giver": GIVES_IT_UP}, neighbor_fails_after=1)
    assert world.stacks["web"].status == "UPDATE_ROLLBACK_FAILED"
    assert "its tags don't name a stack" in last_reason(world)
    assert world.account.certificates.get("www").material.body.strip() == foreign.pem.strip()
