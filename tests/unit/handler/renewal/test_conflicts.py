"""Runs that meet another operation, another run, or the end of their time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from server_certificate_handler.errors import OutOfTimeError
from server_certificate_handler.renewal.failures import RunError
from support.renewal_account import (
    CERTIFICATE_ID,
    NEW,
    NOW,
    STACK_ID,
    RenewalAccount,
)
from support.renewal_runs import (
    DAYS,
    LAG,
    assert_not_executed,
    reason_of,
)


def test_busy_stack_makes_the_run_fail_at_the_end() -> None:
    """The metrics are published, nothing is reported, and Lambda retries the run."""
    account = RenewalAccount(status="UPDATE_IN_PROGRESS")
    with pytest.raises(RunError, match="status is UPDATE_IN_PROGRESS"):
        account.run()
    assert account.metrics == {DAYS: [60], LAG: [3]}
    assert not account.sent
    assert_not_executed(account)


@pytest.mark.parametrize(
    ("operation", "error"),
    [
        ("CreateChangeSet", (400, "ValidationError", "Stack is in UPDATE_IN_PROGRESS state.")),
        ("CreateChangeSet", (400, "OperationInProgressException", "Busy")),
        ("DescribeChangeSet", (404, "ChangeSetNotFound", "Gone")),
        ("ExecuteChangeSet", (400, "InvalidChangeSetStatus", "It is OBSOLETE.")),
        ("ExecuteChangeSet", (404, "ChangeSetNotFound", "Gone")),
        ("ExecuteChangeSet", (400, "TokenAlreadyExistsException", "Used")),
        ("ExecuteChangeSet", (400, "ValidationError", "Stack is in UPDATE_IN_PROGRESS state.")),
    ],
)
def test_stack_that_becomes_busy(operation: str, error: tuple[int, str, str]) -> None:
    """A deployment that begins between two calls makes the run fail, and leaves no change set."""
    account = RenewalAccount(refuse={operation: [error]})
    with pytest.raises(RunError):
        account.run()
    assert account.change_set is None
    assert not account.sent


def test_first_deployment_is_quiet() -> None:
    """A certificate that doesn't exist yet is neither measured nor reported."""
    account = RenewalAccount(status="CREATE_IN_PROGRESS", certificates={})
    for found in ((None, "CREATE_IN_PROGRESS"), ("not-created-1", "CREATE_FAILED")):
        account.resources[STACK_ID, "Certificate"] = found
        account.run()
    account.resources.clear()
    account.run()
    assert (account.metrics, account.sent) == ({}, [])
    assert not account.called("PutMetricData")
    assert not account.called("ListServerCertificates")


def test_stack_that_is_gone() -> None:
    """The event says what to do about the rules that remain."""
    account = RenewalAccount(status=None, resources={})
    account.run()
    assert "The stack doesn't exist." in reason_of(account)
    account = RenewalAccount(status="DELETE_COMPLETE")
    account.resources[STACK_ID, "Certificate"] = (CERTIFICATE_ID, "DELETE_COMPLETE")
    account.run()
    assert account.metrics == {}


def test_another_run_has_the_change_set() -> None:
    """A run that finds a young change set of another run leaves it alone, and is retried."""
    account = RenewalAccount(change_set={"Description": "another", "CreationTime": NOW})
    with pytest.raises(RunError, match="Another run is renewing the certificates"):
        account.run()
    assert account.change_set is not None
    assert not account.sent


@pytest.mark.parametrize(
    "left_behind",
    [
        {"Description": "another", "CreationTime": NOW - timedelta(minutes=17)},
        {
            "Description": "Renews IAM server certificates. Invocation: invocation",
            "CreationTime": NOW,
        },
    ],
)
def test_change_set_left_behind_is_replaced(left_behind: dict[str, Any]) -> None:
    """A run that died leaves a change set, which a later run, or its own retry, begins again."""
    account = RenewalAccount(change_set=left_behind)
    account.run()
    assert len(account.called("DeleteChangeSet")) == 1
    assert account.called("ExecuteChangeSet")


def test_second_run_during_a_renewal_is_quiet() -> None:
    """The event and the schedule can come at once, and only one run renews."""
    account = RenewalAccount(outcome=None)
    account.context.remaining = 90_000
    account.run()
    account.context.remaining = 90_000
    account.run()
    assert len(account.called("ExecuteChangeSet")) == 1
    assert not account.sent


def test_run_ends_before_its_time() -> None:
    """While CloudFormation goes on, the run ends about a minute before Lambda would stop it."""
    account = RenewalAccount(outcome=None)
    account.context.remaining = 90_000
    account.run()
    assert 55_000 < account.context.remaining <= 60_000


def test_change_set_that_takes_too_long() -> None:
    """Without time to review a change set, the run fails before Lambda stops it."""
    account = RenewalAccount()
    account.context.remaining = 30_000
    pending = {"CreationTime": NOW, "Description": "", "Status": "CREATE_IN_PROGRESS"}
    account.nested[f"renewal-{NEW}"] = pending
    with pytest.raises(RunError, match="takes too long to create the change set"):
        account.run()
    assert account.context.remaining > 10_000
    assert account.change_set is None


def test_deletion_of_a_change_set_that_takes_too_long() -> None:
    """Waiting for the deletion of an old change set ends in time, too."""
    old = {"CreationTime": NOW - timedelta(days=1), "Status": "DELETE_FAILED"}
    account = RenewalAccount(change_set=old, nested={f"renewal-{NEW}": old})
    account.context.remaining = 30_000
    with pytest.raises(RunError, match="takes too long to delete"):
        account.run()


def test_no_time_at_all() -> None:
    """With no time left nothing is called, and the run says so."""
    account = RenewalAccount()
    account.context.remaining = 10_000
    with pytest.raises(RunError, match="ran out of time"):
        account.run()
    assert not account.calls


def test_retries_of_the_sdk_begin_in_time() -> None:
    """Each attempt of the SDK checks the time of its own run, also in a warm function."""
    RenewalAccount().run()
    account = RenewalAccount()
    account.run()
    account.context.remaining = 10_000
    for service in account.regions:
        events = account.client(service).meta.events
        with pytest.raises(OutOfTimeError):
            events.emit("before-send.service.Operation", request=None)
