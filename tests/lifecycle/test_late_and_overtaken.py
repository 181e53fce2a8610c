"""Events that nobody waits for, sources that are gone, names that change hands, time that runs out."""

from __future__ import annotations

import re
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
CONFLICT = (409, "DeleteConflict", f"currently in use by {LISTENER}")


@pytest.mark.parametrize(
    "status", ["UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "UPDATE_FAILED", "DELETE_COMPLETE"]
)
def test_update_that_comes_when_the_stack_rests(
    account: Account,
    authority: Authority,
    properties: Callable[..., dict[str, Any]],
    status: str,
) -> None:
    """An Update that Lambda delivers again after all is over changes nothing."""
    stack = Stack(account)
    leaf = authority.leaf()
    stack.create(properties(leaf, ServerCertificateName="www"))
    stack.update(properties(leaf, ServerCertificateName="shop"))
    late = stack.events[-1]
    stack.update(properties(leaf, ServerCertificateName="www"))
    stack.status = status
    answer = stack.deliver(late)
    assert answer["Status"] == "FAILED"
    assert "is late" in answer["Reason"]
    assert account.names() == {"www": stack.physical_id}


def test_delete_that_comes_when_the_stack_rests(
    account: Account, authority: Authority, properties: Callable[..., dict[str, Any]]
) -> None:
    """A clean-up that was given up does not delete, late, what the resource has gone back to."""
    stack = Stack(account)
    first = properties(authority.leaf(), ServerCertificateName="www")
    created = stack.create(first)
    account.in_use_by[created["PhysicalResourceId"]] = LISTENER
    stack.update(properties(authority.leaf(), ServerCertificateName="www"))
    late = stack.events[-1]
    account.in_use_by.clear()
    stack.update(first)
    assert stack.physical_id == created["PhysicalResourceId"]
    stack.status = "UPDATE_COMPLETE"
    stack.state = (created["PhysicalResourceId"], "UPDATE_COMPLETE")
    assert stack.deliver(late)["Status"] == "SUCCESS"
    assert account.names() == {"www": created["PhysicalResourceId"]}


def test_update_that_is_overtaken_is_undone(
    account: Account, authority: Authority, properties: Callable[..., dict[str, Any]]
) -> None:
    """If CloudFormation starts to roll back during a renewal, nothing of the renewal stays."""
    stack = Stack(account)
    created = stack.create(properties(authority.leaf(), ServerCertificateName="www"))

    def begin_rollback() -> None:
        stack.status = "UPDATE_ROLLBACK_IN_PROGRESS"

    account.afterwards["UploadServerCertificate"] = begin_rollback
    answer = stack.send_update(properties(authority.leaf(), ServerCertificateName="www"))
    assert answer["Status"] == "FAILED"
    assert answer["PhysicalResourceId"] == created["PhysicalResourceId"]
    assert account.names() == {"www": created["PhysicalResourceId"]}


def test_update_that_is_overtaken_leaves_the_name_to_the_rollback(
    account: Account, authority: Authority, properties: Callable[..., dict[str, Any]]
) -> None:
    """It goes back to the name that a person gave; the rollback's own Update brings the declared one."""
    stack = Stack(account)
    leaf = authority.leaf()
    created = stack.create(properties(leaf, ServerCertificateName="www"))
    account.certificates.update("www", new_name="by-hand")

    def begin_rollback() -> None:
        stack.status = "UPDATE_ROLLBACK_IN_PROGRESS"

    account.afterwards["UpdateServerCertificate"] = begin_rollback
    stack.status = "UPDATE_IN_PROGRESS"
    renamed = properties(leaf, ServerCertificateName="shop")
    assert stack.send_update(renamed)["Status"] == "FAILED"
    assert account.names() == {"by-hand": created["PhysicalResourceId"]}
    back = stack.send(
        "Update",
        PhysicalResourceId=created["PhysicalResourceId"],
        ResourceProperties=stack.properties,
        OldResourceProperties=renamed,
    )
    assert back["Status"] == "SUCCESS"
    assert account.names() == {"www": created["PhysicalResourceId"]}


TAG_REFUSED = (409, "LimitExceeded", "Cannot exceed quota for tags")


@pytest.mark.parametrize(("during", "status"), [("move", "SUCCESS"), ("undoing", "FAILED")])
def test_failure_after_another_delivery_was_accepted_undoes_nothing(
    account: Account,
    authority: Authority,
    properties: Callable[..., dict[str, Any]],
    during: str,
    status: str,
) -> None:
    """A failure undoes nothing after CloudFormation has accepted another delivery's answer."""
    stack = Stack(account)
    leaf = authority.leaf()
    created = stack.create(properties(leaf, ServerCertificateName="www"))
    held = created["PhysicalResourceId"]
    account.calls.clear()

    def accept() -> None:
        stack.state = (held, "UPDATE_COMPLETE")

    def accept_after_the_next() -> None:
        account.afterwards["UpdateServerCertificate"] = accept

    account.afterwards["UpdateServerCertificate"] = (
        accept if during == "move" else accept_after_the_next
    )
    account.refuse["TagServerCertificate"] = [TAG_REFUSED]
    stack.status = "UPDATE_IN_PROGRESS"
    answer = stack.send(
        "Update",
        PhysicalResourceId=held,
        ResourceProperties=properties(
            leaf, ServerCertificateName="shop", Tags=[{"Key": "team", "Value": "edge"}]
        ),
        OldResourceProperties=stack.properties,
    )
    assert answer["Status"] == status
    assert account.names() == {"shop": held}
    assert account.calls.count("UpdateServerCertificate") == (1 if during == "move" else 3)


def test_late_delete_of_a_cancelled_create_spares_the_next(
    account: Account, authority: Authority, properties: Callable[..., dict[str, Any]]
) -> None:
    """A Delete with an id that CloudFormation invented names no Create; what is held now stays."""
    stack = Stack(account)
    created = stack.create(properties(authority.leaf(), ServerCertificateName="www"))
    stack.status = "CREATE_COMPLETE"
    stack.state = (created["PhysicalResourceId"], "CREATE_COMPLETE")
    answer = stack.deliver(
        stack.events[-1] | {"RequestType": "Delete", "PhysicalResourceId": "web-Certificate-1A2B3C"}
    )
    assert answer["Status"] == "SUCCESS"
    assert account.names() == {"www": created["PhysicalResourceId"]}


def test_rollback_of_a_mere_move_of_the_source_needs_no_source(
    account: Account, authority: Authority, properties: Callable[..., dict[str, Any]]
) -> None:
    """Nothing was replaced, so the certificate from before is the present one, whatever can be read."""
    arn = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:leaf-AbCdEf"
    leaf = authority.leaf()
    account.secrets[arn] = leaf.pem
    stack = Stack(account)
    declared = properties(leaf, ServerCertificateName="www")
    created = stack.create({**declared, "Certificate": {"SecretArn": arn}})
    account.secrets.clear()
    stack.update({**declared, "Path": "/edge/"}, neighbor_fails=True)
    assert account.names() == {"www": created["PhysicalResourceId"]}
    assert account.certificates.get("www").path == "/"


def test_rollback_needs_no_source(
    account: Account, authority: Authority, properties: Callable[..., dict[str, Any]]
) -> None:
    """The certificate from before comes back although its secrets are gone, certificate included."""
    arn = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:leaf-AbCdEf"
    leaf = authority.leaf()
    account.secrets[arn] = leaf.pem
    stack = Stack(account)
    declared = properties(leaf, ServerCertificateName="www", Certificate={"SecretArn": arn})
    created = stack.create(declared)
    account.secrets.clear()
    renewed = properties(authority.leaf(), ServerCertificateName="www")
    stack.update(renewed, neighbor_fails=True)
    assert account.names() == {"www": created["PhysicalResourceId"]}


def test_rename_needs_no_source_either(
    account: Account, authority: Authority, properties: Callable[..., dict[str, Any]]
) -> None:
    """The same properties produced the certificate once; a version that is gone does not block a rename."""
    arn = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:leaf-AbCdEf"
    leaf = authority.leaf()
    account.secrets[arn] = leaf.pem
    stack = Stack(account)
    declared = properties(leaf, ServerCertificateName="www", Certificate={"SecretArn": arn})
    created = stack.create(declared)
    account.secrets.clear()
    assert stack.update({**declared, "ServerCertificateName": "shop"})["Status"] == "SUCCESS"
    assert account.names() == {"shop": created["PhysicalResourceId"]}
    other = {**declared, "Certificate": {"SecretArn": f"{arn}2"}}
    assert "doesn't exist" in stack.update(other)["Reason"]
    assert account.names() == {"shop": created["PhysicalResourceId"]}


def test_secret_whose_content_changed_is_a_rotation(
    account: Account, authority: Authority, properties: Callable[..., dict[str, Any]]
) -> None:
    """The properties are the same, the content is not: contents are compared, not properties."""
    arn = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:leaf-AbCdEf"
    key = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:key-AbCdEf"
    stack = Stack(account)
    before, after = authority.leaf(), authority.leaf()
    parts = {"Certificate": {"SecretArn": arn}, "PrivateKey": {"SecretArn": key}}
    declared = properties(before, ServerCertificateName="www", **parts)
    account.secrets |= {arn: before.pem, key: before.key_pem()}
    created = stack.create(declared)
    account.secrets |= {arn: after.pem, key: after.key_pem()}
    changed = {**declared, "Path": "/edge/"}
    rolled_back = stack.update(changed, neighbor_fails=True)
    assert rolled_back["PhysicalResourceId"] != created["PhysicalResourceId"]
    assert account.names() == {"www": created["PhysicalResourceId"]}
    assert account.certificates.get("www").path == "/"
    assert stack.update(changed)["PhysicalResourceId"] != created["PhysicalResourceId"]
    assert account.names() == {"www": stack.physical_id}


def test_rollback_goes_one_certificate_back_and_no_further(
    account: Account, authority: Authority, properties: Callable[..., dict[str, Any]]
) -> None:
    """What the present one has replaced is history, though it is still there and of the same secret."""
    arn = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:leaf-AbCdEf"
    key = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:key-AbCdEf"
    stack = Stack(account)
    first, second = authority.leaf(), authority.leaf()
    parts = {"Certificate": {"SecretArn": arn}, "PrivateKey": {"SecretArn": key}}
    account.secrets |= {arn: first.pem, key: first.key_pem()}
    declared = properties(first, **parts)
    account.in_use_by[stack.create(declared)["PhysicalResourceId"]] = LISTENER
    account.secrets |= {arn: second.pem, key: second.key_pem()}
    renewed = stack.update({**declared, "Path": "/edge/"})["PhysicalResourceId"]
    assert len(account.names()) == 2
    stack.update({**stack.properties, "Certificate": {"Text": second.pem}}, neighbor_fails=True)
    assert stack.physical_id == renewed


def test_name_that_changes_hands_during_the_wait(
    account: Account, authority: Authority, properties: Callable[..., dict[str, Any]]
) -> None:
    """Waiting for a consumer, the function deletes by id: what has the name by then is not touched."""
    stack = Stack(account)
    stack.create(properties(authority.leaf(), ServerCertificateName="www"))
    foreign = authority.leaf()

    def hand_over() -> None:
        account.certificates.update("www", new_name="moved-by-hand")
        account.certificates.upload("www", body=foreign.pem, private_key=foreign.key_pem())

    account.refuse["DeleteServerCertificate"] = [CONFLICT]
    account.afterwards["GetServerCertificate"] = hand_over
    stack.status = "UPDATE_ROLLBACK_IN_PROGRESS"
    sleep = stack.context.sleep

    def sleep_and_hand_over(seconds: float) -> None:
        sleep(seconds)
        if "GetServerCertificate" in account.afterwards:
            account.afterwards.pop("GetServerCertificate")()

    stack.handler._sleep = sleep_and_hand_over
    answer = stack.send(
        "Delete", PhysicalResourceId=stack.physical_id, ResourceProperties={"NamePrefix": "x"}
    )
    assert answer["Status"] == "SUCCESS"
    assert list(account.names()) == ["www"]
    assert account.certificates.get("www").material.body.strip() == foreign.pem.strip()


@pytest.mark.parametrize("status", ["DELETE_IN_PROGRESS", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS"])
def test_what_is_retained_is_not_swept(
    account: Account,
    authority: Authority,
    properties: Callable[..., dict[str, Any]],
    status: str,
) -> None:
    """Certificates that CloudFormation was told to keep survive every clean-up but their own Delete."""
    stack = Stack(account)
    kept = stack.create(properties(authority.leaf(), Retain="true"))["PhysicalResourceId"]
    # Retained: CloudFormation sends no Delete for what this replaces.
    stack.physical_id = stack.send(
        "Update",
        PhysicalResourceId=kept,
        ResourceProperties=properties(authority.leaf(), Retain="true"),
        OldResourceProperties={},
    )["PhysicalResourceId"]
    stack.status = "UPDATE_IN_PROGRESS"
    stack.update(properties(authority.leaf()))
    stack.status = status
    stack.send("Delete", PhysicalResourceId=stack.physical_id, ResourceProperties=stack.properties)
    assert kept in account.names().values()
    assert stack.physical_id not in account.names().values()


def test_time_that_runs_out_is_told_and_undone(
    account: Account, authority: Authority, properties: Callable[..., dict[str, Any]]
) -> None:
    """No call begins that could outlive the answer, and what was begun is undone in what is left."""
    stack = Stack(account)
    created = stack.create(properties(authority.leaf(), ServerCertificateName="www"))

    def pass_time() -> None:
        stack.context.remaining = 14_000

    account.afterwards["UploadServerCertificate"] = pass_time
    answer = stack.send_update(properties(authority.leaf(), ServerCertificateName="www"))
    assert answer["Status"] == "FAILED"
    assert re.search("time was over|ran out of time", answer["Reason"])
    assert account.names() == {"www": created["PhysicalResourceId"]}


@pytest.mark.parametrize("code", ["NoSuchEntity", "AccessDenied"])
def test_rename_whose_answer_was_lost_and_that_looks_denied_when_repeated(
    account: Account,
    authority: Authority,
    properties: Callable[..., dict[str, Any]],
    code: str,
) -> None:
    """IAM may deny access to a name that doesn't exist; that is not reported as a missing permission."""
    stack = Stack(account)
    leaf = authority.leaf()
    created = stack.create(properties(leaf, ServerCertificateName="www"))
    account.lose_answer["UpdateServerCertificate"] = (403, code, "not authorized to perform")
    answer = stack.update(properties(leaf, ServerCertificateName="shop"))
    assert answer["Status"] == "SUCCESS"
    assert account.names() == {"shop": created["PhysicalResourceId"]}
    assert sum(stack.context.slept) < 5


def test_deletion_whose_answer_was_lost_and_that_looks_denied_when_repeated(
    account: Account, authority: Authority, properties: Callable[..., dict[str, Any]]
) -> None:
    """The certificate is gone, so what IAM refuses is not there to be deleted."""
    stack = Stack(account)
    stack.create(properties(authority.leaf(), ServerCertificateName="www"))
    account.lose_answer["DeleteServerCertificate"] = (403, "AccessDenied", "not authorized")
    assert stack.delete()["Status"] == "SUCCESS"
    assert sum(stack.context.slept) < 5


@pytest.mark.parametrize(
    ("event", "lacks"),
    [
        ({}, "RequestType, ResponseURL, StackId, RequestId, LogicalResourceId, PhysicalResourceId"),
        ({"RequestType": "Update", "StackId": 7}, "StackId"),
    ],
)
def test_event_without_fields(account: Account, event: dict[str, Any], lacks: str) -> None:
    """An incomplete event fails with a list of the missing fields, and calls nothing in AWS."""
    stack = Stack(account)
    complete = {
        "RequestType": "Create",
        "ResponseURL": "https://cloudformation-custom-resource-response.example/answer?X-Amz-Signature=5ecre7",
        "StackId": stack.stack_id,
        "RequestId": "r",
        "LogicalResourceId": "C",
        "PhysicalResourceId": "p",
    }
    if event:
        stack.handler(complete | event, stack.context)
        assert stack.answers[-1]["Status"] == "FAILED"
        assert f"The event has no {lacks}," in stack.answers[-1]["Reason"]
    else:
        with pytest.raises(AssertionError):
            stack.handler({}, stack.context)
    assert account.calls == []
