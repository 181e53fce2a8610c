"""Runs of the renewal function in an account: what it calls, publishes and raises."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from server_certificate.contract.renewal import SECRET_EVENT
from server_certificate_handler.errors import OutOfTimeError
from server_certificate_handler.renewal.failures import RunError
from support.renewal_account import (
    CERTIFICATE_ID,
    NESTED_ID,
    NEW,
    NOW,
    OLD,
    PARAMETER,
    ROLE_ARN,
    SECRET_ARN,
    STACK_ID,
    RenewalAccount,
    StoredCertificate,
    StoredVersion,
    certificate_change,
    change,
    detail,
    listener_change,
    renewal_input,
)

SCHEDULED = "Scheduled Event"
FAILED = "Server Certificate Renewal Failed"
REFUSED = "Server Certificate Renewal Refused"
EXPIRING = "Server Certificate Approaching Expiration"
DENIED = (403, "AccessDenied", "User: x is not authorized to perform: y")
BROKEN = (503, "ServiceUnavailable", "Later")
SECOND_ID = "ASCA" + "B" * 17
TWO = [
    {"Path": "Web/Tls", "LogicalId": "Certificate", "NoticeDays": 14},
    {"Path": "Web/Nested/Tls", "LogicalId": "C", "NestedStack": NESTED_ID, "NoticeDays": 90},
]
DAYS, LAG = ("DaysToExpiry", "Web/Tls"), ("RenewalLagHours", "Web/Tls")


def with_two() -> RenewalAccount:
    """Return an account with a certificate in the root stack and one in a nested stack."""
    account = RenewalAccount()
    account.resources[NESTED_ID, "C"] = (SECOND_ID, "UPDATE_COMPLETE")
    account.certificates[SECOND_ID] = StoredCertificate("second")
    return account


def reason_of(account: RenewalAccount, detail_type: str = FAILED) -> str:
    """Return the reason in the only event that was sent."""
    (event,) = account.sent
    assert event["DetailType"] == detail_type
    reason: str = event["Detail"]["Reason"]
    return reason


def assert_not_executed(account: RenewalAccount) -> None:
    """Check that nothing has been changed, and no change set is left."""
    assert not account.called("ExecuteChangeSet")
    assert account.change_set is None


# Renewals


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
    assert f"continue-update-rollback --stack-name {STACK_ID}" in reason_of(account)
    account.sent.clear()
    account.run()
    assert f"continue-update-rollback --stack-name {STACK_ID}" in reason_of(account)
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


# Stacks that can't be updated


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


# Two runs at once, and runs that died


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


# Time


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


# What CloudFormation refuses


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


# Secrets


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"deletion": NOW}, f"restore-secret --secret-id {SECRET_ARN}"),
        ({"versions": {}}, "no version with the label AWSCURRENT"),
        ({"versions": {"é/..": StoredVersion(["AWSCURRENT"], NOW)}}, "version is 'é/..'"),
        ({"refuse": {"DescribeSecret": [DENIED]}}, "Allow secretsmanager:DescribeSecret for the"),
        ({"refuse": {"DescribeSecret": [(400, "ResourceNotFoundException", "None")]}}, "None."),
    ],
)
def test_secret_that_cannot_be_used(changes: dict[str, Any], sentence: str) -> None:
    """The event says why, and the days are published anyway."""
    account = RenewalAccount(**changes)
    account.run()
    assert sentence in reason_of(account)
    assert account.metrics[DAYS] == [60]


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


# Watching


def watch_only(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 (of any type)
    """Return the input of a scheduled run without renewal."""
    usual = {"Trigger": SCHEDULED, "Parameter": None, "Role": None}
    return renewal_input(**{**usual, **changes})


def test_certificates_that_are_only_watched() -> None:
    """Their stack is not read, and nothing is changed."""
    account = RenewalAccount()
    account.run(watch_only())
    assert account.metrics == {DAYS: [60], LAG: [3]}
    assert not account.called("DescribeStacks")
    account = RenewalAccount()
    account.run(watch_only(Secret=None))
    assert account.metrics == {DAYS: [60]}
    assert not account.called("DescribeSecret")


@pytest.mark.parametrize(
    ("trigger", "time", "expected"),
    [
        (SCHEDULED, "2026-11-28T00:17:00Z", [EXPIRING]),
        (SCHEDULED, "2026-11-28T06:17:00Z", []),
        (SECRET_EVENT, "2026-11-28T00:17:00Z", []),
    ],
)
def test_expiration_is_reported_once_a_day(trigger: str, time: str, expected: list[str]) -> None:
    """Each certificate has its own notice, and the event comes with one scheduled run."""
    account = with_two()
    account.run(watch_only(Trigger=trigger, Time=time, Certificates=TWO))
    assert account.sent_types() == expected
    for event in account.sent:
        assert event["Resources"] == [account.certificates[SECOND_ID].arn, STACK_ID]
        assert event["Detail"] == {
            "DaysToExpiry": 60,
            "Expiration": "2027-01-27T05:17:00+00:00",
            "ServerCertificateName": "second",
            "ConstructPath": "Web/Nested/Tls",
            "StackName": "Web",
        }


def test_more_events_than_one_call_takes() -> None:
    """Twenty certificates that expire are reported with two calls."""
    account = RenewalAccount()
    listed = []
    for number in range(20):
        id_ = f"ASCA{number:017d}"
        account.resources[STACK_ID, f"C{number}"] = (id_, "CREATE_COMPLETE")
        account.certificates[id_] = StoredCertificate(f"c{number}", expiration=NOW)
        listed.append({"Path": f"Web/{number}", "LogicalId": f"C{number}"})
    account.run(watch_only(Certificates=listed, Secret=None))
    assert account.sent_types() == [EXPIRING] * 20
    assert [len(call["Entries"]) for call in account.called("PutEvents")] == [10, 10]
    assert len(account.called("PutMetricData")) == 1
    assert len(account.called("ListServerCertificates")) == 1


# Problems of one part don't prevent the others


@pytest.mark.parametrize(
    ("operation", "sentence"),
    [
        ("DescribeStackResource", "Allow cloudformation:DescribeStackResource"),
        ("GetServerCertificate", "Allow iam:GetServerCertificate"),
    ],
)
def test_certificate_that_cannot_be_read(operation: str, sentence: str) -> None:
    """The other one is measured, both are renewed, and the run fails at the end."""
    account = with_two()
    account.refuse[operation] = [DENIED]
    with pytest.raises(RunError, match=sentence):
        account.run(renewal_input(Certificates=TWO))
    assert account.metrics["DaysToExpiry", "Web/Nested/Tls"] == [60, 60]
    assert account.called("ExecuteChangeSet")


def test_certificate_that_was_deleted() -> None:
    """The error names its ID and what to do."""
    account = RenewalAccount(certificates={}, parameters={PARAMETER: NEW})
    with pytest.raises(RunError, match=f"IAM has none with the ID '{CERTIFICATE_ID}'"):
        account.run()
    assert account.metrics == {}


def test_certificates_that_cannot_be_listed() -> None:
    """IAM's refusal prevents the watch, but not the renewal."""
    account = RenewalAccount(refuse={"ListServerCertificates": [DENIED]})
    with pytest.raises(RunError, match="Allow iam:ListServerCertificates for the function's role"):
        account.run()
    assert account.called("ExecuteChangeSet")


@pytest.mark.parametrize("operation", ["PutMetricData", "PutEvents"])
def test_what_cannot_be_published(operation: str) -> None:
    """A failure to publish prevents no renewal, and makes the run fail at the end."""
    account = RenewalAccount(refuse={operation: [DENIED]})
    account.certificates[CERTIFICATE_ID].expiration = NOW
    with pytest.raises(RunError, match=f"{operation} for the function's role"):
        account.run(renewal_input(Trigger=SCHEDULED))
    assert account.called("ExecuteChangeSet")


def test_event_that_is_not_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    """EventBridge answers with an error for a single event."""
    answer = {
        "FailedEntryCount": 1,
        "Entries": [{"ErrorCode": "Throttled", "ErrorMessage": "Slow"}],
    }
    monkeypatch.setattr(RenewalAccount, "_PutEvents", lambda *_: dict(answer))
    account = RenewalAccount(status=None)
    with pytest.raises(RunError, match="didn't accept 1 of 1 events: Throttled: Slow"):
        account.run()


def test_service_that_cannot_be_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a route to a service, the error says what a VPC needs."""

    def fail(*_: object) -> dict[str, Any]:
        raise EndpointConnectionError(endpoint_url="https://monitoring.example")

    monkeypatch.setattr(RenewalAccount, "_PutMetricData", fail)
    account = RenewalAccount()
    with pytest.raises(RunError, match="it needs a route to the service, such as a VPC endpoint"):
        account.run()
    assert account.called("ExecuteChangeSet")


@pytest.mark.parametrize("operation", ["DescribeSecret", "DescribeStacks", "CreateChangeSet"])
@pytest.mark.parametrize("error", [BROKEN, (400, "Throttling", "Later")])
def test_error_that_passes(operation: str, error: tuple[int, str, str]) -> None:
    """An outage is not reported as a failed renewal, but Lambda retries the run."""
    account = RenewalAccount(refuse={operation: [error]})
    with pytest.raises(RunError, match=f"{error[1]}: Later"):
        account.run()
    assert account.metrics[DAYS] == [60]
    assert not account.sent


def test_stack_that_cannot_be_read() -> None:
    """The missing permission is reported, and the days are published."""
    account = RenewalAccount(refuse={"DescribeStacks": [DENIED]})
    account.run()
    assert "Allow cloudformation:DescribeStacks for the function's role" in reason_of(account)
    assert account.metrics == {DAYS: [60], LAG: [3]}


def test_secret_that_cannot_be_read_by_the_watch() -> None:
    """Without renewal, there is no event about one, but the run fails."""
    account = RenewalAccount(refuse={"DescribeSecret": [DENIED]})
    with pytest.raises(RunError, match="Allow secretsmanager:DescribeSecret"):
        account.run(watch_only(Time="2026-11-28T06:17:00Z"))
    assert account.metrics == {DAYS: [60]}
    assert not account.sent


def test_internal_error_of_one_part(monkeypatch: pytest.MonkeyPatch) -> None:
    """Even an answer that nobody expected only hides what it is about."""
    monkeypatch.setattr(RenewalAccount, "_GetServerCertificate", lambda *_: {})
    account = RenewalAccount()
    with pytest.raises(RunError, match="Internal error: KeyError"):
        account.run()
    assert account.called("ExecuteChangeSet")
    monkeypatch.setattr(RenewalAccount, "_DescribeSecret", lambda *_: {"VersionIdsToStages": 7})
    account = RenewalAccount()
    with pytest.raises(RunError, match="Internal error"):
        account.run()


def test_usual_change_sets_are_like_those_of_the_renewal() -> None:
    """The changes that the account returns are accepted in the other order, too."""
    account = RenewalAccount(changes=[listener_change(), certificate_change()])
    account.run()
    assert account.called("ExecuteChangeSet")
    assert account.parameters[PARAMETER] != OLD
