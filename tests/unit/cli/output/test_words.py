"""Durations, and printable text."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dev.certificates.authority import DAY, NOW, SECOND
from server_certificate_cli.output.validity import describe_validity
from server_certificate_cli.printable import printable


@pytest.mark.parametrize(
    ("left", "words", "style"),
    [
        (45 * DAY, "45 days left", "green"),
        (1825 * DAY, "1,825 days left", "green"),
        (30 * DAY, "30 days left", "green"),
        (30 * DAY - SECOND, "29 days left", "yellow"),
        (DAY, "1 day left", "yellow"),
        (DAY - SECOND, "23 hours left", "yellow"),
        (timedelta(hours=1), "1 hour left", "yellow"),
        (timedelta(minutes=59), "59 minutes left", "yellow"),
        (timedelta(0), "less than a minute left", "yellow"),
        (-SECOND, "expired less than a minute ago", "red"),
        (-3 * DAY, "expired 3 days ago", "red"),
    ],
)
def test_time_left_is_told_in_whole_units(left: timedelta, words: str, style: str) -> None:
    """The remaining time is rounded down, and determines the color."""
    last = describe_validity(NOW - 100 * DAY, NOW + left, at=NOW)
    assert (last.short, last.style) == (words, style)


def test_full_form_has_the_date() -> None:
    """The full text contains the last second, in UTC."""
    assert (
        describe_validity(NOW - DAY, NOW + DAY, at=NOW).full
        == "1 day left, until 2030-06-16T12:00:00Z"
    )
    assert describe_validity(NOW, NOW + DAY, at=NOW).short == "1 day left"
    early = describe_validity(NOW + DAY, NOW + 2 * DAY, at=NOW)
    assert (early.full, early.style) == ("valid in 1 day, from 2030-06-16T12:00:00Z", "red")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Zürich 東京", "Zürich 東京"),
        ("a\nb\tc", r"a\nb\tc"),
        ("\x1b[31m", r"\x1b[31m"),
        ("\u202egro", r"\u202egro"),
        ("\x9b2J", r"\x9b2J"),
        ("\udc80", r"\udc80"),
        ("", ""),
    ],
)
def test_what_a_terminal_would_act_upon_is_spelled(text: str, shown: str) -> None:
    """Letters stay, and control characters, bidirectional marks and lone surrogates are escaped."""
    assert printable(text) == shown
