"""What the tests of whole runs of the renewal function share."""

from __future__ import annotations

from typing import Any

from support.renewal_account import (
    NESTED_ID,
    RenewalAccount,
    StoredCertificate,
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


def watch_only(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 (of any type)
    """Return the input of a scheduled run without renewal."""
    usual = {"Trigger": SCHEDULED, "Parameter": None, "Role": None}
    return renewal_input(**{**usual, **changes})
