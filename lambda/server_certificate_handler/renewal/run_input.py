"""Parse the input of the function, which the rule in the template contains."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NoReturn

from server_certificate.contract.renewal import (
    DAILY_HOUR,
    DEFAULT_NOTICE_DAYS,
    SECRET_EVENT,
    RenewalInput,
)
from server_certificate_handler.errors import InvalidRequestError

_STACK_ARN = re.compile(r"arn:[a-z0-9-]+:cloudformation:[a-z0-9-]+:\d{12}:stack/([^/]+)/[^/]+")
_SECRET_ARN = re.compile(r"arn:[a-z0-9-]+:secretsmanager:[a-z0-9-]+:\d{12}:secret:.+")
_ROLE_ARN = re.compile(r"arn:[a-z0-9-]+:iam::\d{12}:role/.+")
_REGION = 3
"""The position of the Region in an ARN."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedCertificate:
    """A certificate to watch."""

    path: str
    """The path of the construct."""

    logical_id: str

    stack_id: str
    """The ID of the stack that contains it: the root stack or a nested one."""

    notice_days: float
    """How many days before the end of the validity period it is reported."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Renewing:
    """What only a renewal needs."""

    parameter: str
    """The parameter of the root stack that names the secret's version."""

    role: str
    """The ARN of the role that CloudFormation assumes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInput:
    """The input of a run."""

    trigger: str
    """The ``detail-type`` of the event that triggered the run."""

    time: datetime
    """The time of that event."""

    stack_id: str
    """The ID of the root stack."""

    secret: str | None
    """The ARN of the secret; None if the leaf isn't in a secret."""

    renewing: Renewing | None
    """None if the certificates are only watched."""

    certificates: tuple[WatchedCertificate, ...]

    @property
    def stack_name(self) -> str:
        """The name of the root stack."""
        return self.stack_id.split("/")[1]

    @property
    def secret_region(self) -> str | None:
        """The Region of the secret; None if there is no secret."""
        return self.secret.split(":")[_REGION] if self.secret else None

    @property
    def is_daily(self) -> bool:
        """Whether this is the scheduled run that sends the events that are sent once a day."""
        return self.trigger != SECRET_EVENT and self.time.hour == DAILY_HOUR


def parse_input(event: object) -> RunInput:
    """
    Parse the input.

    Raises:
        InvalidRequestError: A field is missing or invalid.
    """
    if not isinstance(event, Mapping):
        raise InvalidRequestError(f"The input must be an object, not {_type_of(event)}. {_FIX}")
    stack_id = _arn(event, RenewalInput.STACK, _STACK_ARN, "stack")
    secret = _optional_arn(event, RenewalInput.SECRET, _SECRET_ARN, "secret")
    return RunInput(
        trigger=_text(event, RenewalInput.TRIGGER),
        time=_time(event),
        stack_id=stack_id,
        secret=secret,
        renewing=_renewing(event, secret),
        certificates=_certificates(event, stack_id),
    )


_FIX = "Deploy the stack again: the target of its EventBridge rule contains the input."


def _renewing(event: Mapping[str, object], secret: str | None) -> Renewing | None:
    role = _optional_arn(event, RenewalInput.ROLE, _ROLE_ARN, "role")
    parameter = _text(event, RenewalInput.PARAMETER) if RenewalInput.PARAMETER in event else None
    if role is None and parameter is None:
        return None
    if role is None or parameter is None or secret is None:
        raise InvalidRequestError(
            f"A renewal needs the input's fields {RenewalInput.SECRET}, {RenewalInput.PARAMETER} and"
            f" {RenewalInput.ROLE}. Without renewal, omit the last two. {_FIX}"
        )
    return Renewing(parameter=parameter, role=role)


def _certificates(event: Mapping[str, object], stack_id: str) -> tuple[WatchedCertificate, ...]:
    listed = event.get(RenewalInput.CERTIFICATES)
    if not isinstance(listed, list) or not listed:
        _refuse(RenewalInput.CERTIFICATES, "a list of at least one certificate", listed)
    return tuple(_certificate(each, stack_id) for each in listed)


def _certificate(value: object, stack_id: str) -> WatchedCertificate:
    if not isinstance(value, Mapping):
        _refuse(RenewalInput.CERTIFICATES, "a list of objects", value)
    nested = _optional_arn(value, RenewalInput.NESTED_STACK, _STACK_ARN, "stack")
    days = value.get(RenewalInput.NOTICE_DAYS, DEFAULT_NOTICE_DAYS)
    if not isinstance(days, int | float) or isinstance(days, bool):
        _refuse(RenewalInput.NOTICE_DAYS, "a number of days", days)
    return WatchedCertificate(
        path=_text(value, RenewalInput.PATH),
        logical_id=_text(value, RenewalInput.LOGICAL_ID),
        stack_id=nested or stack_id,
        notice_days=days,
    )


def _time(event: Mapping[str, object]) -> datetime:
    text = _text(event, RenewalInput.TIME)
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        _refuse(RenewalInput.TIME, "a time in ISO 8601 such as '2026-01-31T06:00:00Z'", text)
    return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)


def _text(values: Mapping[str, object], field: RenewalInput) -> str:
    value = values.get(field)
    if not isinstance(value, str) or not value:
        _refuse(field, "a string that isn't empty", value)
    return value


def _arn(
    values: Mapping[str, object], field: RenewalInput, pattern: re.Pattern[str], what: str
) -> str:
    value = _text(values, field)
    if not pattern.fullmatch(value):
        _refuse(field, f"the ARN of a {what}", value)
    return value


def _optional_arn(
    values: Mapping[str, object], field: RenewalInput, pattern: re.Pattern[str], what: str
) -> str | None:
    return _arn(values, field, pattern, what) if field in values else None


def _refuse(field: RenewalInput, allowed: str, value: object) -> NoReturn:
    shown = f"'{value}'" if isinstance(value, str) else _type_of(value)
    raise InvalidRequestError(f"The input's field {field} must be {allowed}, not {shown}. {_FIX}")


def _type_of(value: object) -> str:
    return "missing" if value is None else type(value).__name__
