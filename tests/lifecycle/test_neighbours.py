"""Two certificates of one stack that pass a name on: on the way there, and on the way back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from dev.certificates.authority import NOW
from dev.simulator.stack import Stack

if TYPE_CHECKING:
    from collections.abc import Callable

    from dev.certificates.authority import Authority
    from dev.simulator.account import Account

LISTENER = (
    "arn:aws:elasticloadbalancing:eu-central-1:111122223333:loadbalancer/app/web/50dc6c495c0c9188"
)
INVALID = (400, "ValidationError", "no")


@dataclass
class Pair:
    """Two resources of one stack."""

    account: Account
    giver: Stack
    """It has the name 'www'."""

    taker: Stack
    """It is to have it."""

    def begin_update(self) -> None:
        """Begin an update of the stack: what changes from now on is changed by it."""
        self.giver.status = "UPDATE_IN_PROGRESS"
        self.account.began_at[self.giver.stack_id] = NOW + timedelta(minutes=1)

    def roll_back(self) -> None:
        """Turn round."""
        self.giver.status = "UPDATE_ROLLBACK_IN_PROGRESS"

    def has_changed(self, stack: Stack) -> None:
        """Have CloudFormation know that the update has changed a resource."""
        self.account.changed_at[stack.stack_id, stack.logical_id] = NOW + timedelta(minutes=2)

    def give_up(self) -> dict[str, Any]:
        """Update the giver: it is to be called 'shop'."""
        self.before = self.giver.properties
        self.after = {**self.before, "ServerCertificateName": "shop"}
        return self.giver.send_update(self.after)

    def pass_on(self, wanted: dict[str, Any], *, state: tuple[str, str] | None = None) -> None:
        """
        Pass the name on to a new certificate in an update, and begin to roll that back.

        Args:
            wanted: The new certificate.
            state: What CloudFormation shows of it; what it answered unless told.
        """
        self.begin_update()
        self.give_up()
        self.taker.send("Create", ResourceProperties=wanted)
        if state is not None:
            self.taker.state = state
        self.has_changed(self.taker)
        self.roll_back()

    def take_back(self) -> dict[str, Any]:
        """Roll the giver back."""
        return self.giver.send(
            "Update",
            PhysicalResourceId=self.giver.physical_id,
            ResourceProperties=self.before,
            OldResourceProperties=self.after,
        )


@pytest.fixture
def pair(account: Account, authority: Authority, properties: Callable[..., dict[str, Any]]) -> Pair:
    """Return a stack with one certificate called 'www', and a second resource."""
    giver = Stack(account, logical_id="Giver")
    giver.create(properties(authority.leaf(), ServerCertificateName="www"))
    taker = Stack(account, logical_id="Taker")
    taker.stack_id = giver.stack_id
    return Pair(account, giver, taker)


@pytest.fixture
def wanted(authority: Authority, properties: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    """Return the properties of another certificate that is to be called 'www'."""
    return properties(authority.leaf(), ServerCertificateName="www")


def test_rollback_takes_the_name_back_from_a_new_certificate(
    pair: Pair, wanted: dict[str, Any]
) -> None:
    """CloudFormation deletes what is new after it has rolled back what is old: it makes way till then."""
    names = pair.account.names()
    pair.pass_on(wanted)
    taken = pair.account.names()["www"]
    assert pair.take_back()["Status"] == "SUCCESS"
    assert pair.account.names()["www"] == pair.giver.physical_id
    pair.giver.status = "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS"
    deleted = pair.taker.send("Delete", PhysicalResourceId=taken, ResourceProperties=wanted)
    assert deleted["Status"] == "SUCCESS"
    assert pair.account.names() == names


def test_rollback_takes_the_name_back_from_a_certificate_that_goes_back_later(
    pair: Pair, wanted: dict[str, Any]
) -> None:
    """What was given the name in place is found by its own rollback wherever it is."""
    elsewhere = {**wanted, "ServerCertificateName": "other"}
    pair.giver.status = "CREATE_IN_PROGRESS"
    held = pair.taker.send("Create", ResourceProperties=elsewhere)["PhysicalResourceId"]
    names = pair.account.names()
    pair.begin_update()
    pair.give_up()
    change = {"PhysicalResourceId": held, "OldResourceProperties": elsewhere}
    pair.taker.send("Update", ResourceProperties=wanted, **change)
    pair.has_changed(pair.taker)
    pair.roll_back()
    assert pair.take_back()["Status"] == "SUCCESS"
    back = {"PhysicalResourceId": held, "OldResourceProperties": wanted}
    assert pair.taker.send("Update", ResourceProperties=elsewhere, **back)["Status"] == "SUCCESS"
    assert pair.account.names() == names


def test_rollback_deletes_the_upload_of_a_create_that_was_given_up(
    pair: Pair, wanted: dict[str, Any]
) -> None:
    """Its function died, or CloudFormation has cancelled it: its id is known to nobody."""
    names = pair.account.names()
    pair.pass_on(wanted, state=("web-Taker-1X2Y3Z", "CREATE_FAILED"))
    assert pair.take_back()["Status"] == "SUCCESS"
    assert pair.account.names() == names


@pytest.mark.parametrize("is_in_use", [False, True])
def test_rollback_after_a_replacement_that_is_rolled_back_already(
    pair: Pair,
    wanted: dict[str, Any],
    authority: Authority,
    properties: Callable[..., dict[str, Any]],
    *,
    is_in_use: bool,
) -> None:
    """The replacement waits for its Delete in the clean-up: it goes at once, or aside while it is in use."""
    elsewhere = properties(authority.leaf(), ServerCertificateName="other")
    held = pair.taker.send("Create", ResourceProperties=elsewhere)["PhysicalResourceId"]
    names = pair.account.names()
    pair.begin_update()
    pair.give_up()
    replaced = pair.taker.send(
        "Update",
        PhysicalResourceId=held,
        ResourceProperties=wanted,
        OldResourceProperties=elsewhere,
    )["PhysicalResourceId"]
    pair.taker.state = (held, "UPDATE_COMPLETE")
    pair.has_changed(pair.taker)
    if is_in_use:
        pair.account.in_use_by[replaced] = LISTENER
    pair.roll_back()
    assert pair.take_back()["Status"] == "SUCCESS"
    assert pair.account.names()["www"] == pair.giver.physical_id
    assert (replaced in pair.account.names().values()) is is_in_use
    pair.account.in_use_by.clear()
    pair.giver.status = "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS"
    pair.taker.send("Delete", PhysicalResourceId=replaced, ResourceProperties=wanted)
    assert pair.account.names() == names


def test_rollback_waits_for_a_create_that_is_not_given_up_yet(
    pair: Pair, wanted: dict[str, Any]
) -> None:
    """What becomes of it is not told yet."""
    pair.pass_on(wanted, state=("", "CREATE_IN_PROGRESS"))
    pair.giver.context.meanwhile[2] = lambda: pair.account.certificates.delete("www")
    assert pair.take_back()["Status"] == "SUCCESS"
    assert pair.account.names() == {"www": pair.giver.physical_id}


def test_rollback_leaves_a_certificate_that_the_update_has_not_touched(
    pair: Pair, wanted: dict[str, Any]
) -> None:
    """It had the name before: somebody renamed the other by hand. That is said at once."""
    pair.account.certificates.update("www", new_name="by-hand")
    pair.giver.status = "CREATE_IN_PROGRESS"
    pair.taker.send("Create", ResourceProperties=wanted)
    pair.begin_update()
    pair.give_up()
    names = pair.account.names()
    pair.roll_back()
    answer = pair.take_back()
    assert answer["Status"] == "FAILED"
    assert "belongs to the resource Taker of this stack" in answer["Reason"]
    assert pair.account.names() == names
    assert sum(pair.giver.context.slept) <= 1


def test_what_made_way_goes_back_when_the_rollback_fails(
    pair: Pair, wanted: dict[str, Any]
) -> None:
    """A rollback that fails leaves everything as it was: a person continues it."""
    pair.pass_on(wanted)
    names = pair.account.names()
    pair.account.fail_after["UpdateServerCertificate"] = (1, 1, INVALID)
    assert pair.take_back()["Status"] == "FAILED"
    assert pair.account.names() == names
    assert pair.take_back()["Status"] == "SUCCESS"
    assert pair.account.names()["www"] == pair.giver.physical_id


def test_create_waits_for_a_name_that_is_given_up_at_the_same_time(
    pair: Pair, wanted: dict[str, Any]
) -> None:
    """CloudFormation works on several resources at once, and knows nothing of names."""
    pair.begin_update()
    pair.taker.context.meanwhile[2] = pair.give_up
    answer = pair.taker.send("Create", ResourceProperties=wanted)
    assert answer["Status"] == "SUCCESS"
    assert pair.account.names() == {
        "shop": pair.giver.physical_id,
        "www": answer["PhysicalResourceId"],
    }


def test_create_waits_half_a_minute(pair: Pair, wanted: dict[str, Any]) -> None:
    """A name that is not given up is refused, with what a person can do about it."""
    pair.begin_update()
    answer = pair.taker.send("Create", ResourceProperties=wanted)
    assert answer["Status"] == "FAILED"
    assert "let this certificate depend on that one" in answer["Reason"]
    assert 30 <= sum(pair.taker.context.slept) <= 35
    assert pair.account.names() == {"www": pair.giver.physical_id}


def test_create_does_not_wait_for_a_neighbour_that_is_done(
    pair: Pair, wanted: dict[str, Any]
) -> None:
    """Two certificates of one new stack that want one name: the second is told soon."""
    pair.has_changed(pair.giver)
    answer = pair.taker.send("Create", ResourceProperties=wanted)
    assert answer["Status"] == "FAILED"
    assert sum(pair.taker.context.slept) <= 1


def test_waiting_ends_with_the_time(pair: Pair, wanted: dict[str, Any]) -> None:
    """The answer comes before the function's time is over."""
    pair.begin_update()
    pair.taker.context.remaining = 20_000
    answer = pair.taker.send("Create", ResourceProperties=wanted)
    assert answer["Status"] == "FAILED"
    assert "is taken by the certificate" in answer["Reason"]
    assert pair.taker.context.remaining > 6_000


def test_waiting_ends_when_nobody_waits_any_more(pair: Pair, wanted: dict[str, Any]) -> None:
    """A Create that CloudFormation cancels meanwhile does not upload when the name becomes free."""
    pair.begin_update()

    def cancel() -> None:
        pair.taker.state = ("web-Taker-1X2Y3Z", "CREATE_FAILED")
        pair.account.certificates.delete("www")

    pair.taker.context.meanwhile[2] = cancel
    answer = pair.taker.send("Create", ResourceProperties=wanted)
    assert answer["Status"] == "FAILED"
    assert "did not wait for the event any more" in answer["Reason"]
    assert pair.account.names() == {}


def test_a_name_that_changes_hands_meanwhile_is_looked_at_again(
    pair: Pair, wanted: dict[str, Any], authority: Authority
) -> None:
    """IAM deletes whatever has a name when the call arrives: somebody else's is not deleted."""
    pair.pass_on(wanted, state=("web-Taker-1X2Y3Z", "CREATE_FAILED"))
    foreign = authority.leaf()

    def change_hands() -> None:
        pair.account.certificates.delete("www")
        pair.account.certificates.upload("www", body=foreign.pem, private_key=foreign.key_pem())

    pair.account.afterwards["DescribeStackResource"] = change_hands
    answer = pair.take_back()
    assert answer["Status"] == "FAILED"
    assert "its tags name no stack" in answer["Reason"]
    assert "www" in pair.account.names()
