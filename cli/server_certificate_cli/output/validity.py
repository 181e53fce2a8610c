"""How long a certificate lasts, in words."""

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
    """What is to be said about dates, and in which colour."""

    short: str
    """``45 days left``, ``expired 3 days ago``, ``valid in 2 days``."""

    full: str
    """The same with the date."""

    style: str
    """Green, yellow when it ends soon, red when it is not valid."""


def describe_validity(
    not_before: datetime,
    not_after: datetime,
    *,
    at: datetime,
    expiry_days: int = DEFAULT_EXPIRY_DAYS,
) -> ValidityText:
    """
    Say how long a certificate lasts, seen from an instant.

    Args:
        not_before: Begin of its validity.
        not_after: Last second of its validity.
        at: The instant.
        expiry_days: What ends within so many days ends soon.
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


def _span(span: timedelta) -> str:
    """Return a length of time in the largest unit of which there is a whole one."""
    for unit, name in ((_DAY, "day"), (_HOUR, "hour"), (_MINUTE, "minute")):
        if span >= unit:
            return _counted(span // unit, name)
    return "less than a minute"


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
