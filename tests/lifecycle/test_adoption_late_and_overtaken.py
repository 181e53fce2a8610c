"""Adoption by events that are overtaken, come late, or come twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from dev.simulator.stack import Stack
from support.adopting import EDGE, roll_creation_back, store, users_tags

if TYPE_CHECKING:
    from collections.abc import Callable

    from dev.certificates.authority import Authority
    from dev.simulator.account import Account

    Properties = Callable[..., dict[str, Any]]

LOST = (500, "ServiceFailure", "The request processing has failed")


def test_creation_that_was_cancelled_meanwhile_is_undone(
    account: Account, authority: Authority, properties: Properties
) -> None:
    """A Delete that came before the first tag found nothing to give back; the Create does it."""
    leaf = authority.leaf()
    theirs = store(account, leaf)
    stack = Stack(account)

    def cancel() -> None:
        stack.state = ("web-Certificate-1ABCDEFGHIJK2", "DELETE_COMPLETE")

    account.afterwards["TagServerCertificate"] = cancel
    answer = stack.send("Create", ResourceProperties=properties(leaf, **EDGE))
    assert answer["Status"] == "FAILED"
    assert account.certificates.get("www") == theirs


def test_adoption_whose_answer_was_lost(
    account: Account, authority: Authority, properties: Properties
) -> None:
    """When the first tag took effect without an answer, the same event knows its own work."""
    leaf = authority.leaf()
    theirs = store(account, leaf)
    account.fail_after["UpdateServerCertificate"] = (0, 1, LOST)
    stack = Stack(account)
    declared = properties(leaf, **EDGE)
    assert stack.create(declared)["PhysicalResourceId"] == theirs.certificate_id
    again = stack.deliver(stack.events[0])
    assert again["PhysicalResourceId"] == theirs.certificate_id
    roll_creation_back(stack, declared, theirs.certificate_id)
    assert account.certificates.get("www") == theirs


def test_update_delivered_again_takes_no_tag_of_theirs(
    account: Account, authority: Authority, properties: Properties
) -> None:
    """Tags of the template before were on another certificate: theirs of the same key stays."""
    stack = Stack(account)
    stack.create(properties(authority.leaf(), Tags=[{"Key": "cost-centre", "Value": "7"}]))
    leaf = authority.leaf()
    theirs = store(account, leaf)
    declared = properties(leaf, **EDGE)
    stack.status = "UPDATE_IN_PROGRESS"
    stack.send_update(declared)
    stack.deliver(stack.events[-1])
    assert users_tags(account)["cost-centre"] == "42"
    stack.status = "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS"
    stack.state = (str(stack.physical_id), "UPDATE_COMPLETE")
    stack.send("Delete", PhysicalResourceId=theirs.certificate_id, ResourceProperties=declared)
    assert account.certificates.get("www") == theirs


def test_update_that_is_overtaken_tags_nothing(
    account: Account, authority: Authority, properties: Properties
) -> None:
    """Whether it is still wanted is asked before: the rollback could adopt the same certificate."""
    stack = Stack(account)
    stack.create(properties(authority.leaf()))
    leaf = authority.leaf()
    theirs = store(account, leaf)

    def begin_rollback() -> None:
        stack.status = "UPDATE_ROLLBACK_IN_PROGRESS"

    stack.status = "UPDATE_IN_PROGRESS"
    account.afterwards["GetServerCertificate"] = begin_rollback
    account.calls.clear()
    assert stack.send_update(properties(leaf, **EDGE))["Status"] == "FAILED"
    assert "TagServerCertificate" not in account.calls
    assert account.certificates.get("www") == theirs


def test_update_that_comes_late_gives_nothing_back(
    account: Account, authority: Authority, properties: Properties
) -> None:
    """What another event has adopted, and CloudFormation holds, is not adopted in vain."""
    stack = Stack(account)
    stack.create(properties(authority.leaf()))
    leaf = authority.leaf()
    store(account, leaf)
    stack.status = "UPDATE_IN_PROGRESS"
    stack.send_update(properties(leaf, **EDGE))
    held = account.certificates.get("www")
    late = stack.deliver(stack.events[-1] | {"RequestId": "another"})
    assert late["Status"] == "FAILED"
    assert "which another event has adopted for this resource since" in late["Reason"]
    assert account.certificates.get("www") == held


def test_delete_of_a_rollback_that_comes_late(
    account: Account, authority: Authority, properties: Properties
) -> None:
    """What was adopted anew since is not given back by the Delete of the time before."""
    leaf = authority.leaf()
    store(account, leaf)
    stack = Stack(account)
    declared = properties(leaf, **EDGE)
    stack.create(declared)
    roll_creation_back(stack, declared, str(stack.physical_id))
    late = stack.events[-1]
    stack.create(declared)
    held = account.certificates.get("www")
    stack.status = "UPDATE_ROLLBACK_IN_PROGRESS"
    assert stack.deliver(late)["Status"] == "SUCCESS"
    assert account.certificates.get("www") == held


@pytest.mark.parametrize(
    ("status", "changes"),
    [
        ("DELETE_COMPLETE", {}),
        ("UPDATE_ROLLBACK_IN_PROGRESS", {}),
        ("", {"ResourceProperties": {}}),
    ],
)
def test_delete_of_a_stack_before_that_comes_late(
    account: Account,
    authority: Authority,
    properties: Properties,
    status: str,
    changes: dict[str, Any],
) -> None:
    """What another stack has adopted since keeps its id, and is no more of the one that gave it back."""
    leaf = authority.leaf()
    store(account, leaf)
    first, second = Stack(account), Stack(account, name="second")
    declared = properties(leaf, **EDGE)
    first.create(declared)
    roll_creation_back(first, declared, str(first.physical_id))
    second.create(declared)
    held = account.certificates.get("www")
    first.status = status
    assert first.deliver(first.events[-1] | changes)["Status"] == "SUCCESS"
    assert account.certificates.get("www") == held
