"""Tests that take longer: an operation with many calls, and a search that finds an error."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dev.resilience.fault_table import sweep
from dev.resilience.scenarios import SCENARIOS
from dev.resilience.searching import search
from server_certificate_handler.kernel import deletion

if TYPE_CHECKING:
    import pytest


def test_a_reverted_renewal_survives_every_disturbance() -> None:
    """Whichever call is disturbed, IAM has what the template declares in the end."""
    (scenario,) = (each for each in SCENARIOS if each.name == "renew, then revert")
    outcomes = list(sweep(replace(scenario, is_delivered_twice=False)))
    assert len(outcomes) > 60
    assert [outcome for outcome in outcomes if outcome.problems] == []


def test_the_search_finds_a_missing_safeguard(monkeypatch: pytest.MonkeyPatch) -> None:
    """For a function that never searches for leftovers, the search finds a sequence that fails."""
    monkeypatch.setattr(deletion, "next_leftover", lambda *_, **__: None)
    found = search(sequences=300, workers=1, first_seed=1)
    assert found.counterexample is not None
    assert "state.happens" in found.counterexample
    assert found.tally["sequences"] < 100, "sequences that shrink what was found are counted, too"
