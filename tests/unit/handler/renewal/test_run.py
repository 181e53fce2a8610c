"""Runs of the renewal function in an account, from its input to what it publishes."""

from __future__ import annotations

from support.renewal_account import NEW, PARAMETER, ROLE_ARN, STACK_ID, RenewalAccount


def test_a_due_renewal_updates_the_stack() -> None:
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
    assert account.metrics == {
        ("DaysToExpiry", "Web/Tls"): [60, 60],
        ("RenewalLagHours", "Web/Tls"): [3, 0],
    }
    assert account.sent == []
