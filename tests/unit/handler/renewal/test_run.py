"""Runs that renew, or are refused: what CloudFormation is asked for, and what is reported."""

from __future__ import annotations

from datetime import timedelta

import pytest

from support.renewal_account import (
    CERTIFICATE_ID,
    NESTED_ID,
    NEW,
    NOW,
    PARAMETER,
    ROLE_ARN,
    SECRET_ARN,
    STACK_ID,
    RenewalAccount,
    StoredCertificate,
    StoredVersion,
    change,
    detail,
    renewal_input,
)
from support.renewal_runs import (
    DAYS,
    LAG,
    REFUSED,
    TWO,
    assert_not_executed,
    reason_of,
    with_two,
)


def test_due_renewal_updates_the_stack() -> None:
    """CloudFormation gets one change set under the renewal role, executes it, and the lag ends."""
    account = RenewalAccount()
    account.run()
    (created,) = account.called("CreateChangeSet")
    assert created["RoleARN"] == ROLE_ARN
    assert created["ChangeSetName"] == f"renewal-{NEW}"
    assert created["UsePreviousTemplate"] is True
    assert created["IncludeNestedStacks"] is True
    assert created["Capabilities"] == ["CAPABILITY_IAM"]
    assert created["Parameters"] == [
        {"ParameterKey": PARAMETER, "ParameterValue": NEW},
        {"ParameterKey": "Other", "UsePreviousValue": True},
    ]
    (executed,) = account.called("ExecuteChangeSet")
    assert executed["StackName"] == STACK_ID
    assert executed["ClientRequestToken"] == f"renewal-{NEW}-20261128001700"
    assert executed["DisableRollback"] is False
    assert account.metrics == {DAYS: [60, 60], LAG: [3, 0]}
    assert account.sent == []


def test_nothing_is_due() -> None:
    """If the tag names the current version, neither events are read nor changes made."""
    account = RenewalAccount(certificates={CERTIFICATE_ID: StoredCertificate("tls", version=NEW)})
    account.run()
    assert account.metrics == {DAYS: [60], LAG: [0]}
    operations = {name for name, _ in account.calls}
    assert operations.isdisjoint({"DescribeStackEvents", "CreateChangeSet", "PutEvents"})
    assert "GetSecretValue" not in operations


def test_without_a_tag_the_parameter_counts() -> None:
    """The name of a secret can be too long for a tag."""
    account = RenewalAccount(certificates={CERTIFICATE_ID: StoredCertificate("tls", version=None)})
    account.run()
    assert account.called("ExecuteChangeSet")
    account = RenewalAccount(
        certificates={CERTIFICATE_ID: StoredCertificate("tls", version=None)},
        parameters={PARAMETER: NEW},
    )
    account.run()
    assert_not_executed(account)
    assert account.metrics[LAG] == [0]


def test_two_certificates_of_one_secret() -> None:
    """One update renews both, and both have metrics."""
    account = with_two()
    account.changes.append(
        change(
            "Nested",
            "AWS::CloudFormation::Stack",
            detail("ParameterReference", PARAMETER, name="Parameters"),
            ChangeSetId="arn:aws:cloudformation:eu-central-1:111122223333:changeSet/renewal-N-X/1",
            PhysicalResourceId=NESTED_ID,
        )
    )
    account.nested["renewal-N-X"] = {
        "Status": "CREATE_COMPLETE",
        "Parameters": [
            {"ParameterKey": "Ref", "ParameterValue": NEW},
            {"ParameterKey": "Ami", "ParameterValue": "/ami", "ResolvedValue": "ami-1"},
        ],
        "Changes": [
            change("C", "Custom::IamServerCertificate", detail("ParameterReference", "Ref"))
        ],
    }
    account.run(renewal_input(Certificates=TWO))
    assert len(account.called("ExecuteChangeSet")) == 1
    assert account.metrics["RenewalLagHours", "Web/Nested/Tls"] == [3, 0]


def test_unchanged_nested_stack_is_accepted() -> None:
    """Its change set fails, because nothing changes, and that isn't a failure of the renewal."""
    account = RenewalAccount()
    arn = "arn:aws:cloudformation:eu-central-1:111122223333:changeSet/renewal-N-X/1"
    account.changes.append(
        change(
            "Nested",
            "AWS::CloudFormation::Stack",
            detail("Automatic", evaluation="Dynamic"),
            ChangeSetId=arn,
            PhysicalResourceId=NESTED_ID,
        )
    )
    reason = "The submitted information didn't contain changes."
    account.nested["renewal-N-X"] = {"Status": "FAILED", "StatusReason": reason, "Changes": []}
    account.run()
    assert account.called("ExecuteChangeSet")
    account = RenewalAccount(changes=account.changes)
    account.nested["renewal-N-X"] = {"Status": "FAILED", "StatusReason": "No.", "Changes": []}
    account.run()
    assert "In the nested stack 'Nested': FAILED: No." in reason_of(account, REFUSED)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"action": "Add"}, "It would create the resource 'Nested'"),
        ({"PhysicalResourceId": NESTED_ID}, "because of the parameter 'Ami'"),
    ],
)
def test_nested_stack_with_something_else_is_refused(given: dict[str, str], sentence: str) -> None:
    """A new nested stack is refused, and one that reads a parameter from Systems Manager again."""
    account = RenewalAccount()
    arn = "arn:aws:cloudformation:eu-central-1:111122223333:changeSet/renewal-N-X/1"
    account.changes.append(
        change(
            "Nested",
            "AWS::CloudFormation::Stack",
            detail("Automatic", evaluation="Dynamic"),
            ChangeSetId=arn,
            **given,
        )
    )
    account.nested["renewal-N-X"] = {
        "Status": "CREATE_COMPLETE",
        "Parameters": [{"ParameterKey": "Ami", "ParameterValue": "/ami", "ResolvedValue": "ami-1"}],
        "Changes": [
            change("Fleet", "AWS::EC2::LaunchTemplate", detail("ParameterReference", "Ami"))
        ],
    }
    account.run()
    assert_not_executed(account)
    assert sentence in reason_of(account, REFUSED)


def test_change_set_that_touches_something_else_is_refused() -> None:
    """It is deleted, and an event names the resource and the reason, with a command that deploys it."""
    account = RenewalAccount()
    account.changes.append(
        change("Fleet", "AWS::EC2::LaunchTemplate", detail("ParameterReference", "Ami"))
    )
    account.run()
    assert_not_executed(account)
    (event,) = account.sent
    assert event["DetailType"] == REFUSED
    assert event["Source"] == "cdk-iam-server-certificate"
    assert event["Resources"] == [account.certificates[CERTIFICATE_ID].arn, STACK_ID]
    assert event["Detail"] == {
        "StackName": "Web",
        "SecretArn": SECRET_ARN,
        "VersionId": NEW,
        "ConstructPaths": ["Web/Tls"],
        "Reason": (
            "The change set was not executed. It would change the resource 'Fleet'"
            " (AWS::EC2::LaunchTemplate) because of the parameter 'Ami'. If you want all of its"
            f" changes, deploy them: cdk deploy --parameters Web:{PARAMETER}={NEW}"
        ),
    }


def test_renewal_that_is_rolled_back() -> None:
    """CloudFormation's first reason is reported, and the run doesn't fail: a retry can't help."""
    account = RenewalAccount(outcome="UPDATE_ROLLBACK_COMPLETE")
    account.run()
    assert reason_of(account) == (
        "The renewal failed, and the status of the stack is UPDATE_ROLLBACK_COMPLETE. Reason:"
        " Certificate: The key doesn't belong to it."
    )
    assert account.metrics == {DAYS: [60], LAG: [3]}


def test_rollback_that_fails() -> None:
    """The report also has the command to continue it."""
    account = RenewalAccount(outcome="UPDATE_ROLLBACK_FAILED")
    account.run()
    assert "continue the rollback with cdk rollback." in reason_of(account)
    account.sent.clear()
    account.run()
    assert "continue the rollback with cdk rollback." in reason_of(account)
    assert len(account.called("ExecuteChangeSet")) == 1


def test_version_that_failed_today_is_not_tried_again() -> None:
    """The second run only reports; a newer version is tried at once."""
    account = RenewalAccount(outcome="UPDATE_ROLLBACK_COMPLETE")
    account.run()
    account.sent.clear()
    account.run()
    assert "The key doesn't belong to it." in reason_of(account)
    assert len(account.called("ExecuteChangeSet")) == 1
    account.versions["2" * 32] = StoredVersion(["AWSCURRENT"], NOW)
    account.versions[NEW].labels = []
    account.outcome = "UPDATE_COMPLETE"
    account.run()
    assert account.called("ExecuteChangeSet")[1]["ClientRequestToken"].startswith("renewal-2222")


def test_version_that_failed_yesterday_is_tried_again() -> None:
    """Events that are older than the waiting time don't count."""
    account = RenewalAccount()
    account.add_event(
        f"renewal-{NEW}-1", "UPDATE_ROLLBACK_COMPLETE", time=NOW - timedelta(hours=23, minutes=1)
    )
    account.run()
    assert account.called("ExecuteChangeSet")


def test_old_events_are_not_read() -> None:
    """A stack can have thousands of events, and only those of the last day matter."""
    account = RenewalAccount(certificates={CERTIFICATE_ID: StoredCertificate("tls")})
    for hours in range(60, 24, -1):
        account.add_event("", "UPDATE_COMPLETE", time=NOW - timedelta(hours=hours))
    account.changes.append(change("Bucket", "AWS::S3::Bucket", action="Add"))
    account.run()
    assert len(account.called("DescribeStackEvents")) == 1


def test_earlier_renewal_with_the_version_does_not_count() -> None:
    """After a version is made current again, the run waits for its own update."""
    account = RenewalAccount(outcome=None)
    account.context.remaining = 90_000
    account.add_event(f"renewal-{NEW}-1", "UPDATE_COMPLETE", time=NOW - timedelta(minutes=1))
    account.run()
    assert len(account.metrics[LAG]) == 1


@pytest.mark.parametrize("minutes", [-4, 4])
def test_clocks_may_differ(minutes: int) -> None:
    """The events of the update are found if CloudFormation's clock is behind or ahead."""
    account = RenewalAccount(clock_difference=timedelta(minutes=minutes))
    account.run()
    assert account.metrics[LAG] == [3, 0]
