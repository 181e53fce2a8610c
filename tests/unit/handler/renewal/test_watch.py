"""The metrics of a certificate."""

from __future__ import annotations

from datetime import timedelta

import pytest

from server_certificate.contract.renewal import Metric
from server_certificate_handler.renewal.facts import CertificateFacts, SecretFacts
from server_certificate_handler.renewal.watch import (
    days_to_expiry,
    is_approaching,
    lag_hours,
    measurements,
)
from support.renewal_account import NEW, NOW, OLD, SECRET_ARN

SECRET = SecretFacts(
    arn=SECRET_ARN, current=NEW, created=NOW - timedelta(minutes=90), is_deleted=False
)


def certificate(left: timedelta, version: str | None = OLD) -> CertificateFacts:
    """Return a certificate that is valid for some time."""
    return CertificateFacts(arn="arn", name="tls", expiration=NOW + left, version_id=version)


@pytest.mark.parametrize(
    ("left", "days"),
    [
        (timedelta(days=14), 14),
        (timedelta(days=14, seconds=-1), 13),
        (timedelta(0), 0),
        (timedelta(seconds=-1), -1),
        (timedelta(days=-2), -2),
    ],
)
def test_days_are_whole_and_go_on_below_zero(left: timedelta, days: int) -> None:
    """An alarm on few days also triggers for a certificate that has expired."""
    assert days_to_expiry(certificate(left), NOW) == days


@pytest.mark.parametrize(
    ("left", "expected"),
    [
        (timedelta(days=14, seconds=1), False),
        (timedelta(days=14), True),
        (timedelta(days=-1), True),
    ],
)
def test_approaching_end(left: timedelta, expected: bool) -> None:  # noqa: FBT001 (a table)
    """The notice begins that many days before the end, and goes on after it."""
    assert is_approaching(certificate(left), notice_days=14, now=NOW) is expected


@pytest.mark.parametrize(
    ("version", "secret", "hours"),
    [
        (NEW, SECRET, 0),
        (OLD, SECRET, 1.5),
        ("", SECRET, 1.5),
        (None, SECRET, None),
        (OLD, SecretFacts(arn="", current=None, created=None, is_deleted=False), None),
        (OLD, SecretFacts(arn="", current=NEW, created=None, is_deleted=False), None),
        (NEW, SecretFacts(arn="", current=NEW, created=None, is_deleted=False), 0),
        (
            OLD,
            SecretFacts(arn="", current=NEW, created=NOW + timedelta(1), is_deleted=False),
            0,
        ),
    ],
)
def test_lag(version: str | None, secret: SecretFacts, hours: float | None) -> None:
    """The lag counts from the creation of the version, is never negative, and may be unknown."""
    assert lag_hours(version, secret, NOW) == hours


@pytest.mark.parametrize(
    ("version", "parameter", "lag"),
    [(OLD, NEW, 1.5), (None, NEW, 0), (None, "", 1.5), (None, None, None)],
)
def test_parameter_counts_without_a_tag(
    version: str | None, parameter: str | None, lag: float | None
) -> None:
    """The tag names the version; without one, the parameter does, if there is one."""
    found = {
        each.metric: each.value
        for each in measurements(
            "Web/Tls",
            certificate(timedelta(days=3), version),
            secret=SECRET,
            parameter=parameter,
            now=NOW,
        )
    }
    assert found == {Metric.DAYS_TO_EXPIRY: 3} | ({} if lag is None else {Metric.RENEWAL_LAG: lag})
