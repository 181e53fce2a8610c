"""A problem of one part of a run doesn't prevent the others."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError

from server_certificate_handler.renewal.failures import RunError
from support.renewal_account import (
    CERTIFICATE_ID,
    NEW,
    NOW,
    OLD,
    PARAMETER,
    RenewalAccount,
    certificate_change,
    listener_change,
    renewal_input,
)
from support.renewal_runs import (
    BROKEN,
    DAYS,
    DENIED,
    LAG,
    SCHEDULED,
    TWO,
    reason_of,
    watch_only,
    with_two,
)


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
