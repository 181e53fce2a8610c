"""Decide whether to renew. This module calls nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from server_certificate.contract.ownership import SECRET_VERSION_TAG
from server_certificate.contract.renewal import VERSION_PATTERN

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from server_certificate_handler.renewal.attempts import Attempt
    from server_certificate_handler.renewal.facts import CertificateFacts, SecretFacts, StackFacts

RETRY_AFTER = timedelta(hours=23)
"""
The time until the same version is tried again. It is less than a day, so that the scheduled run of
the same hour tries again on the next day."""


@dataclass(frozen=True, slots=True)
class NothingToDo:
    """There is nothing to renew."""

    reason: str


@dataclass(frozen=True, slots=True)
class Busy:
    """Another operation is in progress, so Lambda must retry the run."""

    reason: str


@dataclass(frozen=True, slots=True)
class Impossible:
    """A renewal can't begin. A person has to do something."""

    reason: str


@dataclass(frozen=True, slots=True)
class Renew:
    """A renewal is due and can begin."""

    version_id: str


Decision = NothingToDo | Busy | Impossible | Renew


def certificates_behind(
    certificates: Collection[CertificateFacts | None], secret: SecretFacts, parameter: str
) -> list[CertificateFacts | None]:
    """
    Return the certificates that don't come from the secret's current version.

    Args:
        certificates: The certificates; None for one that can't be read.
        secret: The secret.
        parameter: The value of the parameter. It counts for a certificate whose version is unknown.
    """
    return [
        certificate
        for certificate in certificates
        if ((certificate and certificate.version_id) or parameter) != secret.current
    ]


def decide(
    certificates: Collection[CertificateFacts | None],
    *,
    secret: SecretFacts,
    stack: StackFacts | None,
    parameter: str,
    attempt: Attempt | None,
    now: datetime,
) -> Decision:
    """
    Decide whether to renew.

    Args:
        certificates: The certificates that the stack has; None for one that can't be read.
        secret: The secret.
        stack: The root stack; None if it doesn't exist.
        parameter: The name of the parameter that names the version.
        attempt: The last attempt with the current version within ``RETRY_AFTER``; None if there was
            none.
        now: The time.
    """
    if stack is None:
        return Impossible(f"The stack doesn't exist. {_GONE}")
    if reason := _nothing_yet(certificates, stack):
        return NothingToDo(reason)
    if reason := _what_is_missing(secret, stack, parameter):
        return Impossible(reason)
    behind = certificates_behind(certificates, secret, stack.parameters[parameter])
    if not behind:
        return NothingToDo("The certificates come from the secret's current version.")
    if stack.status.endswith("_IN_PROGRESS"):
        return _of_busy(stack, attempt)
    version_id = secret.current or ""
    reason = (
        _of_version(version_id)
        or _of_status(stack)
        or _of_attempt(attempt, now)
        or (_of_tag(behind) if stack.parameters[parameter] == version_id else "")
    )
    return Impossible(reason) if reason else Renew(version_id)


def fix(stack: StackFacts) -> str:
    """Return what to do if a stack can't be updated; empty if it can."""
    usual = "" if stack.status in _AT_REST else "Deploy it again."
    return _FIXES.get(stack.status, usual)


def _nothing_yet(certificates: Collection[CertificateFacts | None], stack: StackFacts) -> str:
    if stack.status in _NOT_YET:
        return f"The status of the stack is {stack.status}."
    return "" if certificates else "The stack has no certificate yet."


def _what_is_missing(secret: SecretFacts, stack: StackFacts, parameter: str) -> str:
    if secret.is_deleted:
        return (
            "The secret is scheduled for deletion. Restore it: aws secretsmanager restore-secret"
            f" --secret-id {secret.arn}"
        )
    if secret.current is None:
        return (
            "The secret has no version with the label AWSCURRENT. Store a value, for example:"
            f" server-certificate store --secret {secret.arn} FILE"
        )
    if parameter not in stack.parameters:
        return f"The stack has no parameter '{parameter}'. Deploy the stack again."
    return ""


def _of_busy(stack: StackFacts, attempt: Attempt | None) -> Decision:
    if attempt and not attempt.is_over:
        return NothingToDo("CloudFormation is renewing the certificates.")
    return Busy(f"The stack can't be updated now, because its status is {stack.status}.")


def _of_version(version_id: str) -> str:
    if _VERSION.fullmatch(version_id):
        return ""
    return (
        f"The ID of the secret's current version is '{version_id}'. Renewal needs an ID of 32 to 64"
        " letters, digits and hyphens. Store the value again without a ClientRequestToken, and"
        " Secrets Manager generates such an ID."
    )


def _of_status(stack: StackFacts) -> str:
    if stack.status in _AT_REST:
        return ""
    return f"The stack can't be updated, because its status is {stack.status}. {fix(stack)}"


def _of_attempt(attempt: Attempt | None, now: datetime) -> str:
    if attempt is None or not attempt.has_failed or now - attempt.began >= RETRY_AFTER:
        return ""
    if attempt.status == _NEEDS_REPAIR:
        # The stack is at rest, so a person has repaired it.
        return ""
    return (
        f"CloudFormation rolled back the renewal of {attempt.began:%Y-%m-%d %H:%M} UTC. It is tried"
        f" again after {attempt.began + RETRY_AFTER:%Y-%m-%d %H:%M} UTC, and a newer version of the"
        f" secret at once. {attempt.explanation}"
    )


def _of_tag(behind: Collection[CertificateFacts | None]) -> str:
    # A certificate that can't be read isn't behind if the parameter names the current version.
    name = next(certificate.name for certificate in behind if certificate)
    return (
        "The stack already uses the secret's current version, but the tag"
        f" '{SECRET_VERSION_TAG}' of the certificate '{name}' names another one. If the tag was"
        " changed outside CloudFormation, remove it: aws iam untag-server-certificate"
        f" --server-certificate-name {name} --tag-keys {SECRET_VERSION_TAG}"
    )


_VERSION = re.compile(VERSION_PATTERN)

_NOT_YET = {
    "CREATE_IN_PROGRESS",
    "REVIEW_IN_PROGRESS",
    "ROLLBACK_IN_PROGRESS",
    "DELETE_IN_PROGRESS",
}
"""The stack is being created for the first time, or removed."""

_AT_REST = {
    "CREATE_COMPLETE",
    "UPDATE_COMPLETE",
    "UPDATE_ROLLBACK_COMPLETE",
    "IMPORT_COMPLETE",
    "IMPORT_ROLLBACK_COMPLETE",
}
"""The statuses in which a stack can be updated (CloudFormation user guide, Stack status codes)."""

_NEEDS_REPAIR = "UPDATE_ROLLBACK_FAILED"
"""The status that a stack leaves only when a person continues the rollback."""

_GONE = "If it was deleted, delete the EventBridge rules that call the renewal function, too."
_WITH_ROLE = (
    " It uses the role of your deployments; other tools must name that role, because CloudFormation"
    " otherwise uses the role of the last operation, which can be that for renewals."
)
_RECREATE = "Its creation failed: delete it, then deploy again."

_FIXES = {
    "CREATE_FAILED": _RECREATE,
    "ROLLBACK_FAILED": _RECREATE,
    "ROLLBACK_COMPLETE": _RECREATE,
    "DELETE_FAILED": f"Delete it again with cdk destroy.{_WITH_ROLE}",
    "DELETE_COMPLETE": _GONE,
    "UPDATE_FAILED": f"Roll it back with cdk rollback.{_WITH_ROLE}",
    _NEEDS_REPAIR: (
        "Fix the cause, then continue the rollback with cdk rollback. The next run renews the"
        f" certificates.{_WITH_ROLE}"
    ),
    "IMPORT_ROLLBACK_FAILED": "Fix the import that failed, then deploy again.",
}
