"""What a benchmark comes to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One thing that was measured, and what it was measured against."""

    what: str
    """What was measured."""

    measured: str
    """How much it took, with its unit."""

    against: str
    """What it was measured against, and how much that took, with its unit."""

    ratio: float
    """The greater divided by the smaller, or what was measured divided by what it was against."""

    target: str
    """What is wanted."""

    is_met: bool
    """Whether it is what is wanted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """The rows of one benchmark."""

    title: str
    """What was measured, in a few words."""

    method: str
    """How it was measured: what the reader must know to believe it."""

    rows: tuple[Row, ...]


def milliseconds(seconds: float) -> str:
    """Write a duration for a table."""
    return f"{seconds * 1000:.3g} ms" if seconds < 1 else f"{seconds:.2f} s"


def megabytes(octets: int) -> str:
    """Write an amount of memory for a table."""
    return f"{octets / 1_000_000:.0f} MB"
