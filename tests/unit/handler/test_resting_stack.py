"""Events that nobody waits for, against a stack that rests."""

from __future__ import annotations

import pytest

from dev.fuzzing.resting import RestingStack, search
from dev.fuzzing.trial import BrokenError
from server_certificate_handler.kernel import deletion

pytestmark = pytest.mark.no_cover
"""Nothing runs here that the tests of the life cycle don't run."""


def test_replayed_reordered_and_forged_events_change_nothing() -> None:
    """Earlier events, replayed in any order or recombined, change nothing in IAM."""
    tally = search(200, seed=1)
    assert tally.total() == 200
    assert {text.partition(" ")[0] for text in tally} == {"Create", "Update", "Delete"}


def test_every_event_of_the_past_can_come_again() -> None:
    """Every event can be delivered again unchanged, the last one first."""
    resting = RestingStack()
    for event in reversed(resting.events):
        resting.deliver(event)


def test_the_search_has_teeth(monkeypatch: pytest.MonkeyPatch) -> None:
    """The search finds a function that treats no event as late."""
    monkeypatch.setattr(deletion, "is_late", lambda *_: False)
    with pytest.raises(BrokenError):
        search(500, seed=1)
