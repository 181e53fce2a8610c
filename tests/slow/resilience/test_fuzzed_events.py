"""Events that CloudFormation never sends, more of them."""

from __future__ import annotations

from dev.fuzzing import events, resting


def test_every_event_is_answered() -> None:
    """Real events with changes are answered once each, and none shows a defect of the function."""
    trial = events.search(3_000, seed=100_000)
    assert trial.outcomes.total() >= 3_000
    assert not trial.reasons


def test_a_stack_that_rests_stays_as_it_is() -> None:
    """Nothing that IAM holds changes, whatever comes again or is forged."""
    assert resting.search(2_000, seed=100_000).total() == 2_000
