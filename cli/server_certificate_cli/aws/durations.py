"""Durations on the command line, such as ``24h`` and ``7d``."""

from __future__ import annotations

import re
from datetime import timedelta

import click

_DURATION = re.compile(r"(?P<number>\d{1,6})(?P<unit>[hdw])", flags=re.ASCII)
_NUMBER = re.compile(r"\d{1,6}", flags=re.ASCII)
_UNITS = {"h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
_LONGEST = timedelta(days=36_500)
"""A hundred years."""


def duration(ctx: click.Context, parameter: click.Parameter, value: str | None) -> timedelta | None:
    """Return the value of an option for a number of hours, days or weeks; None if it isn't used."""
    if value is None:
        return None
    found = _DURATION.fullmatch(value)
    length = int(found["number"]) * _UNITS[found["unit"]] if found else None
    if length is not None and length <= _LONGEST:
        return length
    if length is not None:
        problem = f"{value!r} is too long. The maximum is {_LONGEST.days}d."
    else:
        hint = f" Did you mean '{value}d'?" if _NUMBER.fullmatch(value) else ""
        problem = (
            f"{value!r} is not a duration in hours, days or weeks, such as 24h, 7d or 2w.{hint}"
        )
    raise click.BadParameter(problem, ctx, parameter)
