"""The search, small and from a fixed seed; `make search` is the large one."""

from __future__ import annotations

import pytest

from dev.resilience.actions import STACKS, Circumstances, Deploy
from dev.resilience.invariants import all_certificates
from dev.resilience.search import LifeCycle
from dev.resilience.searching import search
from dev.simulator.cloudformation import OnFailure
from dev.simulator.declared import Declared

pytestmark = pytest.mark.no_cover
"""Nothing runs here that the tests of the life cycle don't run, and counting takes as long again."""


def test_nothing_is_found() -> None:
    """Random sequences of operations, faults and people's actions leave what the templates say."""
    found = search(sequences=60, workers=1, first_seed=20_261_124)
    assert found.counterexample is None, found.counterexample
    assert found.tally["sequences of 10 to 30 steps"] >= 60
    assert found.tally["disturbances"] > 50
    assert found.tally["renewals"] > 0


def test_the_same_seed_is_the_same_search() -> None:
    """What was found can be found again."""
    first, second = (search(sequences=5, workers=1, first_seed=7) for _ in range(2))
    assert first.tally == second.tally


def test_an_upload_with_the_prefix_of_a_failed_update_is_deleted() -> None:
    """Without a rollback, the Delete of the stack has the prefix from before."""
    state = LifeCycle()
    state.begin(
        {"First": Declared(prefix="www")},
        by_deletion=False,
        on_failure=OnFailure.DO_NOTHING,
        bystander=0,
    )
    state.happens(Deploy(STACKS[0], {"First": Declared(leaf=1)}, Circumstances({}, lost_answers=3)))
    assert len(all_certificates(state.world)) == 3
    state.teardown()
