"""Describe how long a certificate is valid."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from server_certificate.assessment import DEFAULT_EXPIRY_DAYS
from server_certificate.description import timestamp

if TYPE_CHECKING:
    from datetime import datetime

_DAY = timedelta(days=1)
_HOUR = timedelta(hours=1)
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class ValidityText:
    """A description of a validity period, and its color."""

    short: str
    """``45 days left``, ``expired 3 days ago``, ``valid in 2 days``."""

    full: str
    """The same with the date."""

    style: str
    """Green; yellow if it expires soon; red if it is not valid."""


def describe_validity(
    not_before: datetime,
    not_after: datetime,
    *,
    at: datetime,
    expiry_days: int = DEFAULT_EXPIRY_DAYS,
) -> ValidityText:
    """
    Describe how long a certificate is valid, at a given time.

    Args:
        not_before: The start of the validity period.
        not_after: The last second of the validity period.
        at: The time.
        expiry_days: The number of days that count as soon.
    """
    if at < not_before:
        short = f"valid in {_span(not_before - at)}"
        return ValidityText(short, f"{short}, from {timestamp(not_before)}", "red")
    if at > not_after:
        short = f"expired {_span(at - not_after)} ago"
        return ValidityText(short, f"{short}, on {timestamp(not_after)}", "red")
    left = not_after - at
    short = f"{_span(left)} left"
    style = "yellow" if left < timedelta(days=expiry_days) else "green"
    return ValidityText(short, f"{short}, until {timestamp(not_after)}", style)


def describe_expiry(
    not_after: datetime | None, *, at: datetime, expiry_days: int = DEFAULT_EXPIRY_DAYS
) -> ValidityText:
    """
    Describe how long a certificate is valid if only the end is known; see ``describe_validity``.

    What expires soon is also marked with a word, not just with a color.
    """
    if not_after is None:
        return ValidityText("unknown", "unknown", "dim")
    text = describe_validity(at, not_after, at=at, expiry_days=expiry_days)
    if text.style != "yellow":
        return text
    return ValidityText(f"{text.short}, soon", f"{text.full}, soon", text.style)


def ago(then: datetime, at: datetime) -> str:
    """Return how long ago something was: ``5 days ago``."""
    return "just now" if at <= then else f"{_span(at - then)} ago"


def _span(span: timedelta) -> str:
    """Return a duration in the largest unit that fits."""
    for unit, name in ((_DAY, "day"), (_HOUR, "hour"), (_MINUTE, "minute")):
        if span >= unit:
            return _counted(span // unit, name)
    return "less than a minute"


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
