"""Renewals that CloudFormation or the secret prevents are reported."""

from __future__ import annotations

from typing import Any

import pytest

from server_certificate_handler.renewal.failures import RunError
from support.renewal_account import (
    NEW,
    NOW,
    SECRET_ARN,
    RenewalAccount,
    StoredVersion,
    change,
    renewal_input,
)
from support.renewal_runs import (
    DAYS,
    DENIED,
    LAG,
    REFUSED,
    assert_not_executed,
    reason_of,
    watch_only,
)

NOT_SHARED = "because no resource-based policy allows the secretsmanager:DescribeSecret action"


@pytest.mark.parametrize(
    ("error", "sentence"),
    [
        ((400, "InsufficientCapabilitiesException", "Requires x"), "acknowledges the capabilities"),
        ((400, "LimitExceededException", "Too many"), "LimitExceededException: Too many."),
        (DENIED, "Allow cloudformation:CreateChangeSet for the function's role"),
    ],
)
def test_change_set_that_cannot_be_created(error: tuple[int, str, str], sentence: str) -> None:
    """CloudFormation's error is reported with the fix."""
    account = RenewalAccount(refuse={"CreateChangeSet": [error]})
    account.run()
    assert sentence in reason_of(account)


def test_change_set_that_fails() -> None:
    """CloudFormation's reason is reported, and the change set is deleted."""
    account = RenewalAccount()
    reason = "The submitted information didn't contain changes."
    account.nested[f"renewal-{NEW}"] = {"Status": "FAILED", "StatusReason": reason}
    account.run()
    assert reason_of(account) == f"CloudFormation could not create the change set: {reason}"
    assert_not_executed(account)


def test_change_set_that_is_deleted_by_someone_else() -> None:
    """A deployment deletes change sets, and the run is retried."""
    account = RenewalAccount(nested={f"renewal-{NEW}": {"Status": "DELETE_COMPLETE"}})
    with pytest.raises(RunError, match="has been deleted"):
        account.run()


def test_change_set_that_cannot_be_deleted() -> None:
    """The refusal is still reported."""
    account = RenewalAccount(refuse={"DeleteChangeSet": [DENIED]})
    account.changes.append(change("Bucket", "AWS::S3::Bucket", action="Add"))
    account.run()
    assert "would create the resource 'Bucket'" in reason_of(account, REFUSED)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"deletion": NOW}, f"restore-secret --secret-id {SECRET_ARN}"),
        ({"versions": {}}, "no version with the label AWSCURRENT"),
        ({"versions": {"é/..": StoredVersion(["AWSCURRENT"], NOW)}}, "version is 'é/..'"),
        ({"refuse": {"DescribeSecret": [DENIED]}}, "Allow secretsmanager:DescribeSecret for the"),
        (
            {"refuse": {"DescribeSecret": [(400, "AccessDeniedException", NOT_SHARED)]}},
            "Allow secretsmanager:DescribeSecret for the function's role in the resource-based policy.",
        ),
        ({"refuse": {"DescribeSecret": [(400, "ResourceNotFoundException", "None")]}}, "None."),
    ],
)
def test_secret_that_cannot_be_used(changes: dict[str, Any], sentence: str) -> None:
    """The event says why, and the days are published anyway."""
    account = RenewalAccount(**changes)
    account.run()
    assert sentence in reason_of(account)
    assert account.metrics[DAYS] == [60]


@pytest.mark.parametrize(
    ("error", "may_be_gone"),
    [
        ((400, "ResourceNotFoundException", "can't find the specified secret."), True),
        ((400, "AccessDeniedException", "because no identity-based policy allows it"), True),
        ((400, "AccessDeniedException", "with an explicit deny in a resource-based policy"), False),
        ((400, "DecryptionFailure", "None"), False),
    ],
)
def test_secret_that_may_be_gone(error: tuple[int, str, str], *, may_be_gone: bool) -> None:
    """If the policies of the stack don't match the secret, it may have been deleted, and the event says so."""
    account = RenewalAccount(refuse={"DescribeSecret": [error]})
    account.run()
    assert ("If the secret was deleted, create it again" in reason_of(account)) is may_be_gone


def test_time_of_the_version_is_not_needed() -> None:
    """Without permission to list versions, the lag is missing, but the renewal succeeds."""
    account = RenewalAccount(refuse={"ListSecretVersionIds": [DENIED]})
    account.run()
    assert account.called("ExecuteChangeSet")
    assert account.metrics[LAG] == [0]


def test_version_that_is_not_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    """If the version is replaced between two calls, the lag is missing until the next run."""
    monkeypatch.setattr(RenewalAccount, "_ListSecretVersionIds", lambda *_: {"Versions": []})
    account = RenewalAccount()
    account.run(watch_only(Time="2026-11-28T06:17:00Z"))
    assert account.metrics == {DAYS: [60]}


def test_secret_of_another_region() -> None:
    """The client of Secrets Manager is that of the secret's Region."""
    account = RenewalAccount()
    account.run(renewal_input(Secret=SECRET_ARN.replace("eu-central-1", "us-east-1")))
    assert account.regions["secretsmanager"] == "us-east-1"
    assert account.regions["cloudformation"] == "eu-central-1"
