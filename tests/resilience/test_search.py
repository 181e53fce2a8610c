"""The search, small and from a fixed seed; `make search` is the large one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dev.resilience.searching import search
from server_certificate_handler.journal import Journal

if TYPE_CHECKING:
    import pytest


def test_nothing_is_found() -> None:
    """Random sequences of operations, faults and people's doings leave what the templates say."""
    found = search(sequences=60, workers=1, first_seed=20_261_124)
    assert found.counterexample is None, found.counterexample
    assert found.tally["sequences of 10 to 30 steps"] >= 60
    assert found.tally["disturbances"] > 100


def test_the_same_seed_is_the_same_search() -> None:
    """What was found can be found again."""
    first, second = (search(sequences=5, workers=1, first_seed=7) for _ in range(2))
    assert first.tally == second.tally


def test_the_search_has_teeth(monkeypatch: pytest.MonkeyPatch) -> None:
    """A function that undoes nothing is found out, with a sequence that shows it."""
    monkeypatch.setattr(Journal, "undo", lambda *_: None)
    found = search(sequences=300, workers=1, first_seed=1)
    assert found.counterexample is not None
    assert "state.happens" in found.counterexample
    assert found.tally["sequences"] < 20, "sequences that shrink what was found are counted, too"
