"""What takes longer: an operation of many calls, and a search that finds something."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from dev.resilience.fault_table import sweep
from dev.resilience.scenarios import SCENARIOS
from dev.resilience.searching import search
from server_certificate_handler.kernel import deletion

if TYPE_CHECKING:
    import pytest


def test_every_disturbance_of_a_renewal_that_is_reverted_is_survived() -> None:
    """Whatever happens to whichever call, IAM holds in the end what the template says."""
    (scenario,) = (each for each in SCENARIOS if each.name == "renew, then revert")
    outcomes = list(sweep(replace(scenario, is_delivered_twice=False)))
    assert len(outcomes) > 60
    assert [outcome for outcome in outcomes if outcome.problems] == []


def test_the_search_has_teeth(monkeypatch: pytest.MonkeyPatch) -> None:
    """A function that never looks for what is left over is found out, with a sequence that shows it."""
    monkeypatch.setattr(deletion, "next_leftover", lambda *_, **__: None)
    found = search(sequences=300, workers=1, first_seed=1)
    assert found.counterexample is not None
    assert "state.happens" in found.counterexample
    assert found.tally["sequences"] < 100, "sequences that shrink what was found are counted, too"
