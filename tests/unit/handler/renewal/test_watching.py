"""Runs that measure certificates, and report those that expire soon."""

from __future__ import annotations

import pytest

from server_certificate.contract.renewal import SECRET_EVENT
from support.renewal_account import (
    NOW,
    STACK_ID,
    RenewalAccount,
    StoredCertificate,
)
from support.renewal_runs import (
    DAYS,
    EXPIRING,
    LAG,
    SCHEDULED,
    SECOND_ID,
    TWO,
    watch_only,
    with_two,
)


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
            "Expiration": "2027-01-27T05:17:00Z",
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
