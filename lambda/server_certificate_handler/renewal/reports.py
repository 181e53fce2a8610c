"""Compose the events for EventBridge. This module calls nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING

from server_certificate.contract.renewal import DetailType
from server_certificate_handler.renewal.watch import days_to_expiry

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from server_certificate_handler.renewal.facts import CertificateFacts
    from server_certificate_handler.renewal.run_input import RunInput, WatchedCertificate


@dataclass(frozen=True, slots=True)
class Report:
    """An event for EventBridge."""

    detail_type: DetailType

    resources: tuple[str, ...]
    """ARNs."""

    detail: Mapping[str, object]


def approaching_expiration(
    run_input: RunInput, watched: WatchedCertificate, certificate: CertificateFacts, now: datetime
) -> Report:
    """Return the event about a certificate whose validity period ends soon, or has ended."""
    return Report(
        DetailType.APPROACHING_EXPIRATION,
        (certificate.arn, run_input.stack_id),
        {
            "DaysToExpiry": days_to_expiry(certificate, now),
            "Expiration": f"{certificate.expiration.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "ServerCertificateName": certificate.name,
            "ConstructPath": watched.path,
            "StackName": run_input.stack_name,
        },
    )


def renewal_report(
    detail_type: DetailType,
    run_input: RunInput,
    *,
    reason: str,
    version_id: str | None,
    certificates: Iterable[CertificateFacts],
) -> Report:
    """
    Return the event about a renewal that failed or was refused.

    Args:
        detail_type: ``RENEWAL_FAILED`` or ``RENEWAL_REFUSED``.
        run_input: The input of the run.
        reason: The reason, as sentences with the fix.
        version_id: The current version of the secret; None if it is unknown.
        certificates: The certificates that could be read.
    """
    return Report(
        detail_type,
        (*(certificate.arn for certificate in certificates), run_input.stack_id),
        {
            "StackName": run_input.stack_name,
            "SecretArn": run_input.secret,
            "VersionId": version_id or "",
            "Reason": reason,
            "ConstructPaths": [watched.path for watched in run_input.certificates],
        },
    )
