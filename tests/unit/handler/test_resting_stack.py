"""Events that nobody waits for, against a stack that rests."""

from __future__ import annotations

import pytest

from dev.fuzzing.resting import RestingStack, search
from dev.fuzzing.trial import BrokenError
from server_certificate_handler.kernel import deletion


def test_replayed_reordered_and_forged_events_change_nothing() -> None:
    """Whatever was sent once comes again, in any order and put together anew; IAM holds what it held."""
    tally = search(200, seed=1)
    assert tally.total() == 200
    assert {text.partition(" ")[0] for text in tally} == {"Create", "Update", "Delete"}


def test_every_event_of_the_past_can_come_again() -> None:
    """Each as it was sent, the last first."""
    resting = RestingStack()
    for event in reversed(resting.events):
        resting.deliver(event)


def test_the_search_has_teeth(monkeypatch: pytest.MonkeyPatch) -> None:
    """A function that takes no event for a late one is found out."""
    monkeypatch.setattr(deletion, "is_late", lambda *_: False)
    with pytest.raises(BrokenError):
        search(500, seed=1)
