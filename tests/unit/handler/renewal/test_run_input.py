"""The input of the renewal function: what the rule in the template contains, and damaged input."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime
from typing import Any

import pytest

from server_certificate.contract.renewal import DEFAULT_NOTICE_DAYS, RenewalInput
from server_certificate_handler.errors import InvalidRequestError
from server_certificate_handler.renewal.run_input import (
    Renewing,
    WatchedCertificate,
    parse_input,
)
from support.renewal_account import (
    NESTED_ID,
    PARAMETER,
    REGION,
    ROLE_ARN,
    SECRET_ARN,
    STACK_ID,
    renewal_input,
)

CERTIFICATE = {"Path": "Web/Tls", "LogicalId": "Certificate"}


def test_input_of_a_renewal() -> None:
    """All fields are read, and the certificate is in the root stack by default."""
    parsed = parse_input(renewal_input())
    assert parsed.time == datetime(2026, 11, 28, 0, 17, tzinfo=UTC)
    assert (parsed.stack_id, parsed.stack_name) == (STACK_ID, "Web")
    assert (parsed.secret, parsed.secret_region) == (SECRET_ARN, REGION)
    assert parsed.renewing == Renewing(parameter=PARAMETER, role=ROLE_ARN)
    assert parsed.certificates == (
        WatchedCertificate(
            path="Web/Tls", logical_id="Certificate", stack_id=STACK_ID, notice_days=14
        ),
    )


def test_input_of_a_watch() -> None:
    """Without secret, parameter and role, the certificates are only watched."""
    nested = [{**CERTIFICATE, "NestedStack": NESTED_ID}]
    parsed = parse_input(renewal_input(Secret=None, Parameter=None, Role=None, Certificates=nested))
    assert (parsed.secret, parsed.secret_region, parsed.renewing) == (None, None, None)
    (certificate,) = parsed.certificates
    assert certificate.stack_id == NESTED_ID
    assert certificate.notice_days == DEFAULT_NOTICE_DAYS


@pytest.mark.parametrize(
    ("trigger", "time", "expected"),
    [
        ("Scheduled Event", "2026-11-28T00:17:00Z", True),
        ("Scheduled Event", "2026-11-28T06:17:00Z", False),
        ("Scheduled Event", "2026-11-28T02:17:00+02:00", True),
        ("Secret Label Updated", "2026-11-28T00:17:00Z", False),
    ],
)
def test_daily_run(trigger: str, time: str, expected: bool) -> None:  # noqa: FBT001 (a table)
    """Only the scheduled run of one hour, in UTC, sends what is sent once a day."""
    assert parse_input(renewal_input(Trigger=trigger, Time=time)).is_daily is expected


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        (
            {"Stack": None},
            "The input's field Stack must be a string that isn't empty, not missing.",
        ),
        ({"Stack": "Web"}, "field Stack must be the ARN of a stack, not 'Web'."),
        ({"Stack": SECRET_ARN}, "field Stack must be the ARN of a stack, not 'arn:"),
        ({"Secret": 7}, "field Secret must be a string that isn't empty, not int."),
        ({"Secret": ""}, "field Secret must be a string that isn't empty, not ''."),
        ({"Secret": "tls"}, "field Secret must be the ARN of a secret, not 'tls'."),
        ({"Role": "renewal"}, "field Role must be the ARN of a role, not 'renewal'."),
        ({"Role": None}, "needs the input's fields Secret, Parameter and Role."),
        ({"Parameter": None}, "needs the input's fields Secret, Parameter and Role."),
        ({"Secret": None}, "needs the input's fields Secret, Parameter and Role."),
        ({"Time": "noon"}, "field Time must be a time in ISO 8601"),
        ({"Time": None}, "field Time must be a string"),
        ({"Trigger": None}, "field Trigger must be a string"),
        ({"Certificates": None}, "must be a list of at least one certificate, not missing."),
        ({"Certificates": []}, "must be a list of at least one certificate, not list."),
        ({"Certificates": ["a"]}, "must be a list of objects, not 'a'."),
        ({"Certificates": [{"Path": "a"}]}, "field LogicalId must be a string"),
        ({"Certificates": [{"LogicalId": "a"}]}, "field Path must be a string"),
        (
            {"Certificates": [{**CERTIFICATE, "NestedStack": "N"}]},
            "field NestedStack must be the ARN",
        ),
        ({"Certificates": [{**CERTIFICATE, "NoticeDays": "14"}]}, "a number of days, not '14'."),
        ({"Certificates": [{**CERTIFICATE, "NoticeDays": True}]}, "a number of days, not bool."),
    ],
)
def test_damaged_field_is_named(changes: dict[str, Any], sentence: str) -> None:
    """The error names the field, its value, what is allowed, and the fix."""
    event = {key: value for key, value in renewal_input().items() if key not in changes}
    event |= {key: value for key, value in changes.items() if value is not None}
    with pytest.raises(InvalidRequestError) as raised:
        parse_input(event)
    assert sentence in str(raised.value)
    assert "Deploy the stack again" in str(raised.value)


DAMAGE = [None, True, 7, 1.5, "", "x", [], [None], [{}], {}, {"Stack": STACK_ID}, [[CERTIFICATE]]]


@pytest.mark.parametrize("field", [None, *RenewalInput])
def test_any_damage_is_explained(field: RenewalInput | None) -> None:
    """Whatever the input or one of its fields is, no other error is raised."""
    for value in DAMAGE:
        event = value if field is None else {**renewal_input(), field: value}
        with contextlib.suppress(InvalidRequestError):
            parse_input(event)
