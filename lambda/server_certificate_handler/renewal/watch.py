"""Compute the metrics of a certificate. This module calls nothing."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from server_certificate.contract.renewal import Metric

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from server_certificate_handler.renewal.facts import CertificateFacts, SecretFacts


@dataclass(frozen=True, slots=True)
class Measurement:
    """The value of a metric for a certificate."""

    metric: Metric

    path: str
    """The path of the construct."""

    value: float


def days_to_expiry(certificate: CertificateFacts, now: datetime) -> int:
    """Return the whole days until the validity period ends; negative if it has ended."""
    return math.floor((certificate.expiration - now) / timedelta(days=1))


def is_approaching(certificate: CertificateFacts, *, notice_days: float, now: datetime) -> bool:
    """Return whether the end of the validity period must be reported."""
    return certificate.expiration - now <= timedelta(days=notice_days)


def lag_hours(version_id: str | None, secret: SecretFacts, now: datetime) -> float | None:
    """
    Return the hours since the secret got a version that a certificate doesn't come from.

    Args:
        version_id: The version that it comes from; None if that is unknown.
        secret: The secret.
        now: The time.

    Returns:
        0 if the certificate comes from the current version; None if the lag is unknown.
    """
    if version_id is None or secret.current is None:
        return None
    if version_id == secret.current:
        return 0.0
    if secret.created is None:
        return None
    return max(0.0, round((now - secret.created) / timedelta(hours=1), 2))


def measurements(
    path: str,
    certificate: CertificateFacts,
    *,
    secret: SecretFacts | None,
    parameter: str | None,
    now: datetime,
) -> Iterator[Measurement]:
    """
    Yield the metrics of a certificate.

    Args:
        path: The path of the construct.
        certificate: The certificate.
        secret: Its secret; None if it has none, or if it can't be read.
        parameter: The value of the parameter that names the version, for a certificate without a
            tag; None if there is no parameter.
        now: The time.
    """
    yield Measurement(Metric.DAYS_TO_EXPIRY, path, days_to_expiry(certificate, now))
    if secret is None:
        return
    version_id = parameter if certificate.version_id is None else certificate.version_id
    lag = lag_hours(version_id, secret, now)
    if lag is not None:
        yield Measurement(Metric.RENEWAL_LAG, path, lag)
