"""The result of a benchmark."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One measurement, and what it is compared with."""

    what: str
    """What was measured."""

    measured: str
    """The result, with its unit."""

    against: str
    """What it is compared with, and the result of that, with its unit."""

    ratio: float
    """The ratio: the larger by the smaller, or the measurement by what it is compared with."""

    target: str
    """The target."""

    is_met: bool
    """Whether the target is met."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The rows of one benchmark."""

    title: str
    """The title."""

    method: str
    """How it was measured."""

    rows: tuple[Row, ...]


def milliseconds(seconds: float) -> str:
    """Write a duration for a table."""
    return f"{seconds * 1000:.3g} ms" if seconds < 1 else f"{seconds:.2f} s"


def megabytes(octets: int) -> str:
    """Write an amount of memory for a table."""
    return f"{octets / 1_000_000:.0f} MB"
