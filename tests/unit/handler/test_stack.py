"""Reading the state of the stack from CloudFormation."""

from __future__ import annotations

from typing import Any

import pytest

from dev.simulator.account import Account
from server_certificate_handler.deadline import Deadline
from server_certificate_handler.errors import StackUnreadableError
from server_certificate_handler.kernel.stack import Phase
from server_certificate_handler.stack import StackReader
from support.kernel import HELD, STACK_ID, stack_state

DENIED = (403, "AccessDenied", "not authorized to perform: cloudformation:ListStackResources")
BROKEN = (500, "InternalFailure", "The request processing has failed")


def reader(account: Account) -> StackReader:
    """Return what reads the stack of an account."""
    client: Any = account.client("cloudformation")
    return StackReader(client, Deadline(lambda: 900_000, lambda _: None), STACK_ID)


@pytest.fixture
def account() -> Account:
    """Return an account with a stack, and another stack's resource."""
    return Account(
        stack_statuses={STACK_ID: "UPDATE_ROLLBACK_IN_PROGRESS"},
        resources={
            (STACK_ID, "C"): (HELD, "UPDATE_COMPLETE"),
            (STACK_ID, "D"): ("", "CREATE_IN_PROGRESS"),
            ("another", "C"): ("else", "CREATE_COMPLETE"),
        },
    )


def test_the_books_are_read(account: Account) -> None:
    """What is going on, and what each resource of the stack holds."""
    shown = stack_state(Phase.ROLLBACK, C=f"{HELD} UPDATE_COMPLETE", D=" CREATE_IN_PROGRESS")
    assert reader(account).read() == shown


def test_what_is_going_on_is_read_last(account: Account) -> None:
    """A resource that has been rolled back looks like one that has been updated."""
    account.afterwards["ListStackResources"] = lambda: account.stack_statuses.update(
        {STACK_ID: "UPDATE_COMPLETE"}
    )
    assert reader(account).read().phase is Phase.DONE


@pytest.mark.parametrize("action", ["ListStackResources", "DescribeStacks"])
def test_a_missing_permission_is_told(account: Account, action: str) -> None:
    """With what has to be allowed, and why it is needed."""
    account.refuse[action] = [DENIED] * 20
    with pytest.raises(StackUnreadableError) as raised:
        reader(account).read()
    told = str(raised.value)
    assert "Allow cloudformation:DescribeStacks and cloudformation:ListStackResources" in told
    assert STACK_ID in told


def test_a_permission_that_takes_seconds_is_waited_for(account: Account) -> None:
    """The role's policy may have been attached a moment ago."""
    account.refuse["ListStackResources"] = [DENIED] * 2
    assert reader(account).read().phase is Phase.ROLLBACK


@pytest.mark.parametrize("action", ["ListStackResources", "DescribeStacks"])
def test_another_failure_is_told(account: Account, action: str) -> None:
    """An error other than a denied access is not reported as a missing permission."""
    account.refuse[action] = [BROKEN]
    with pytest.raises(StackUnreadableError, match="of the stack can't be read") as raised:
        reader(account).read()
    assert "Allow" not in str(raised.value)
