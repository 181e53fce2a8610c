"""Delete: by id, missing is success, in use is waited for, nothing foreign is touched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from dev.simulator.stack import Stack

if TYPE_CHECKING:
    from collections.abc import Callable

    from dev.certificates.authority import Authority
    from dev.simulator.account import Account

LISTENER = (
    "arn:aws:elasticloadbalancing:eu-central-1:111122223333:loadbalancer/app/web/50dc6c495c0c9188"
)


@pytest.mark.parametrize("name", [None, "www"])
def test_deletes_the_certificate(
    account: Account,
    authority: Authority,
    properties: Callable[..., dict[str, Any]],
    name: str | None,
) -> None:
    """A Delete finds the certificate by its id, removes it, and looks for what is left over."""
    stack = Stack(account)
    stack.create(properties(authority.leaf(), ServerCertificateName=name))
    account.calls.clear()
    assert stack.delete()["Status"] == "SUCCESS"
    assert account.names() == {}
    stack_reads = ["ListStackResources", "DescribeStacks"]
    assert account.calls == [
        *stack_reads,
        "ListServerCertificates",
        "GetServerCertificate",
        "GetServerCertificate",
        "DeleteServerCertificate",
        *stack_reads,
    ]
    assert stack.context.slept == []


def test_missing_is_success(
    account: Account, authority: Authority, properties: Callable[..., dict[str, Any]]
) -> None:
    """Deleting twice succeeds twice."""
    stack = Stack(account)
    declared = properties(authority.leaf(), ServerCertificateName="www")
    gone = {
        "PhysicalResourceId": stack.create(declared)["PhysicalResourceId"],
        "ResourceProperties": declared,
    }
    stack.delete()
    assert stack.send("Delete", **gone)["Status"] == "SUCCESS"


def test_name_reused_by_somebody_else_is_left_alone(
    account: Account, authority: Authority, properties: Callable[..., dict[str, Any]]
) -> None:
    """A certificate under our name with another id is not ours to delete."""
    stack = Stack(account)
    stack.create(properties(authority.leaf(), ServerCertificateName="www"))
    account.certificates.delete("www")
    foreign = authority.leaf()
    account.certificates.upload("www", body=foreign.pem, private_key=foreign.key_pem())
    assert stack.delete()["Status"] == "SUCCESS"
    assert list(account.names()) == ["www"]


def test_waits_until_the_consumer_lets_go(
    account: Account, authority: Authority, properties: Callable[..., dict[str, Any]]
) -> None:
    """A certificate that is still in use is deleted as soon as it is free."""
    stack = Stack(account)
    stack.create(properties(authority.leaf(), ServerCertificateName="www"))
    assert stack.physical_id
    conflict = (409, "DeleteConflict", f"currently in use by {LISTENER}")
    account.refuse["DeleteServerCertificate"] = [conflict] * 3
    assert stack.delete()["Status"] == "SUCCESS"
    assert stack.context.slept == [2, 4, 8]
    assert account.names() == {}


def test_gives_up_before_the_deadline_and_names_the_consumer(
    account: Account, authority: Authority, properties: Callable[..., dict[str, Any]]
) -> None:
    """When the consumer never lets go, the answer comes in time and says who holds it."""
    stack = Stack(account)
    stack.create(properties(authority.leaf(), ServerCertificateName="www"))
    assert stack.physical_id
    account.in_use_by[stack.physical_id] = LISTENER
    answer = stack.delete()
    assert answer["Status"] == "FAILED"
    assert answer["PhysicalResourceId"] == stack.physical_id
    assert LISTENER in answer["Reason"]
    assert 10_000 < stack.context.remaining < 60_000
    assert list(account.names()) == ["www"]


@pytest.mark.parametrize(
    ("seconds", "slept", "after"),
    [
        ("0", [], ""),
        ("1", [1], " after 1 second"),
        ("50", [2, 4, 8, 16, 20], " after 50 seconds"),
        (None, [2, 4, 8, 16, *[30] * 28], " after 870 seconds"),
        ("damaged", [2, 4, 8, 16, *[30] * 28], " after 870 seconds"),
    ],
)
def test_waits_as_long_as_declared(
    account: Account,
    authority: Authority,
    properties: Callable[..., dict[str, Any]],
    seconds: str | None,
    slept: list[float],
    after: str,
) -> None:
    """The function gives up when the declared time is over; without one, when its own is."""
    stack = Stack(account)
    stack.create(properties(authority.leaf(), ServerCertificateName="www"))
    assert stack.physical_id
    account.in_use_by[stack.physical_id] = LISTENER
    stack.properties = {**stack.properties, "DeletionSeconds": seconds}
    answer = stack.delete()
    assert stack.context.slept == slept
    assert f"'www' can't be deleted because it is still in use{after}. IAM" in answer["Reason"]
    assert LISTENER in answer["Reason"]


def test_failed_create_leaves_nothing_to_delete(
    account: Account, authority: Authority, properties: Callable[..., dict[str, Any]]
) -> None:
    """The Delete that follows a failed Create succeeds and deletes nothing."""
    foreign = authority.leaf()
    account.certificates.upload("www", body=foreign.pem, private_key=foreign.key_pem())
    stack = Stack(account)
    stack.create(properties(authority.leaf(), ServerCertificateName="www"))
    assert stack.answers[-1]["Status"] == "SUCCESS"
    assert list(account.names()) == ["www"]


def test_invented_id_deletes_what_the_cancelled_create_uploaded(
    account: Account, authority: Authority, properties: Callable[..., dict[str, Any]]
) -> None:
    """The certificate that a canceled Create has uploaded is deleted; other certificates stay."""
    other = Stack(account, name="other")
    other.create(properties(authority.leaf()))
    stack = Stack(account)
    declared = properties(authority.leaf())
    stack.create(declared)
    stack.state = ("web-Certificate-1ABCDEFGHIJK2", "CREATE_FAILED")
    stack.status = "ROLLBACK_IN_PROGRESS"
    stack.send(
        "Delete", PhysicalResourceId="web-Certificate-1ABCDEFGHIJK2", ResourceProperties=declared
    )
    assert list(account.names().values()) == [other.physical_id]


@pytest.mark.parametrize("properties_of_old", [{}, {"Path": 7, "Tags": "x", "Certificate": []}])
def test_properties_of_any_shape_do(
    account: Account,
    authority: Authority,
    properties: Callable[..., dict[str, Any]],
    properties_of_old: dict[str, Any],
) -> None:
    """A Delete works by the id alone, whatever the properties look like."""
    stack = Stack(account)
    stack.create(properties(authority.leaf()))
    stack.properties = properties_of_old
    assert stack.delete()["Status"] == "SUCCESS"
    assert account.names() == {}


@pytest.mark.parametrize(
    "status",
    [
        "UPDATE_ROLLBACK_IN_PROGRESS",
        "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS",
    ],
)
def test_rollback_by_deletion_alone_gives_the_name_back(
    account: Account,
    authority: Authority,
    properties: Callable[..., dict[str, Any]],
    status: str,
) -> None:
    """A renewal that is rolled back by deleting the new certificate leaves the old under its name."""
    stack = Stack(account)
    before = properties(authority.leaf(), ServerCertificateName="www", Path="/edge/")
    stack.create(before)
    held = account.certificates.get("www")
    after = properties(authority.leaf(), ServerCertificateName="www", Path="/other/")
    answer = stack.send_update(after)
    stack.status = status
    stack.state = (stack.physical_id, "UPDATE_COMPLETE")
    stack.send("Delete", PhysicalResourceId=answer["PhysicalResourceId"], ResourceProperties=after)
    assert account.certificates.get("www") == held
    assert account.names() == {"www": stack.physical_id}


def test_with_a_stack_state_that_can_not_be_read_nothing_is_deleted(
    account: Account, authority: Authority, properties: Callable[..., dict[str, Any]]
) -> None:
    """Another resource of the stack could hold the certificate."""
    stack = Stack(account)
    stack.create(properties(authority.leaf(), ServerCertificateName="www"))
    account.refuse["ListStackResources"] = [(403, "AccessDenied", "no")] * 10
    answer = stack.delete()
    assert answer["Status"] == "FAILED"
    assert (
        "Allow cloudformation:DescribeStacks and cloudformation:ListStackResources"
        in answer["Reason"]
    )
    assert account.names() == {"www": stack.physical_id}


@dataclass
class FirstMove:
    """Delivers an event once more just before the first move takes effect."""

    deliver: Callable[[], None]
    is_over: bool = False

    def before(self, action: str) -> None:
        """See ``Observer``."""
        if action == "UpdateServerCertificate" and not self.is_over:
            self.is_over = True
            self.deliver()

    def after(self, action: str) -> None:
        """See ``Observer``."""


def test_rollback_by_deletion_alone_delivered_twice_at_once(
    account: Account, authority: Authority, properties: Callable[..., dict[str, Any]]
) -> None:
    """IAM moves whatever has the name by then; who moved the wrong certificate moves it back."""
    stack = Stack(account)
    before = properties(authority.leaf(), ServerCertificateName="www")
    stack.create(before)
    after = properties(authority.leaf(), ServerCertificateName="www")
    answer = stack.send_update(after)
    stack.status = "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS"
    stack.state = (stack.physical_id, "UPDATE_COMPLETE")
    undo = stack.events[-1] | {
        "RequestType": "Delete",
        "RequestId": "undo",
        "PhysicalResourceId": answer["PhysicalResourceId"],
    }
    account.observer = FirstMove(lambda: stack.handler(undo, stack.context))
    stack.handler(undo, stack.context)
    assert [given["Status"] for given in stack.answers[-2:]] == ["SUCCESS", "SUCCESS"]
    assert account.names() == {"www": stack.physical_id}


def test_certificates_with_alike_names_are_no_predecessors(
    account: Account, authority: Authority, properties: Callable[..., dict[str, Any]]
) -> None:
    """Deleting 'www' leaves 'www-shop' of the same stack and a foreign 'www-0' alone."""
    stack = Stack(account)
    stack.create(properties(authority.leaf(), ServerCertificateName="www"))
    sibling = Stack(account, logical_id="Shop")
    sibling.stack_id = stack.stack_id
    sibling.create(properties(authority.leaf(), ServerCertificateName="www-shop"))
    foreign = authority.leaf()
    account.certificates.upload("www-0", body=foreign.pem, private_key=foreign.key_pem())
    stack.delete()
    assert sorted(account.names()) == ["www-0", "www-shop"]


def test_certificate_under_an_older_name_of_the_resource_is_no_predecessor(
    account: Account, authority: Authority, properties: Callable[..., dict[str, Any]]
) -> None:
    """Only a certificate that was set aside by a swap gets the name back."""
    stack = Stack(account)
    stack.create(properties(authority.leaf(), ServerCertificateName="www"))
    tags = account.certificates.get("www").tags
    older = authority.leaf()
    account.certificates.upload("www-old", body=older.pem, private_key=older.key_pem(), tags=tags)
    stack.delete()
    assert list(account.names()) == ["www-old"]


def test_id_of_a_failed_create_stands_for_its_own_upload_only(
    account: Account, authority: Authority, properties: Callable[..., dict[str, Any]]
) -> None:
    """A late Delete after a failed Create leaves what another request of the resource uploaded."""
    stack = Stack(account)
    declared = properties(authority.leaf())
    stack.create(declared)
    stack.send("Delete", PhysicalResourceId="not-created-other", ResourceProperties=declared)
    assert list(account.names().values()) == [stack.physical_id]


def test_certificate_that_disappears_meanwhile_is_success(
    account: Account, authority: Authority, properties: Callable[..., dict[str, Any]]
) -> None:
    """Somebody who deletes at the same moment has done the work."""
    stack = Stack(account)
    stack.create(properties(authority.leaf(), ServerCertificateName="www"))
    account.afterwards["ListServerCertificates"] = lambda: account.certificates.delete("www")
    assert stack.delete()["Status"] == "SUCCESS"


def test_name_that_changes_hands_meanwhile_is_left_alone(
    account: Account, authority: Authority, properties: Callable[..., dict[str, Any]]
) -> None:
    """IAM deletes whatever has the name when the call arrives; in a rollback it is checked first."""
    stack = Stack(account)
    declared = properties(authority.leaf(), ServerCertificateName="www")
    stack.create(declared)
    foreign = authority.leaf()

    def take_over() -> None:
        account.certificates.delete("www")
        account.certificates.upload("www", body=foreign.pem, private_key=foreign.key_pem())

    stack.status = "ROLLBACK_IN_PROGRESS"
    account.afterwards["ListServerCertificates"] = take_over
    answer = stack.send("Delete", PhysicalResourceId=stack.physical_id, ResourceProperties=declared)
    assert answer["Status"] == "SUCCESS"
    assert list(account.names()) == ["www"]


@pytest.mark.parametrize("status", ["DELETE_IN_PROGRESS", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"])
def test_deletion_takes_what_a_failed_clean_up_left(
    account: Account,
    authority: Authority,
    properties: Callable[..., dict[str, Any]],
    status: str,
) -> None:
    """A predecessor that was in use at its clean-up goes with stack or resource, and frees the name."""
    stack = Stack(account)
    stack.create(properties(authority.leaf(), ServerCertificateName="www"))
    assert stack.physical_id
    account.in_use_by[stack.physical_id] = LISTENER
    stack.update(properties(authority.leaf(), ServerCertificateName="www"))
    assert stack.answers[-1]["Status"] == "FAILED"
    assert len(account.names()) == 2
    account.in_use_by.clear()
    stack.status = status
    answer = stack.send(
        "Delete", PhysicalResourceId=stack.physical_id, ResourceProperties=stack.properties
    )
    assert answer["Status"] == "SUCCESS"
    assert account.names() == {}


def test_deletion_of_the_stack_waits_for_leftovers_too(
    account: Account, authority: Authority, properties: Callable[..., dict[str, Any]]
) -> None:
    """Nobody comes for a predecessor after its stack, so a consumer that holds it fails the deletion."""
    stack = Stack(account)
    stack.create(properties(authority.leaf()))
    assert stack.physical_id
    predecessor = stack.physical_id
    account.in_use_by[predecessor] = LISTENER
    stack.update(properties(authority.leaf()))
    assert stack.answers[-1]["Status"] == "FAILED"
    answer = stack.delete()
    assert answer["Status"] == "FAILED"
    assert LISTENER in answer["Reason"]
    assert list(account.names().values()) == [predecessor]
    account.in_use_by.clear()
    assert stack.delete()["Status"] == "SUCCESS"
    assert account.names() == {}
