"""Run the search in several processes until enough sequences have been tried."""

from __future__ import annotations

import multiprocessing
import time
from collections import Counter
from dataclasses import dataclass
from typing import Final

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.errors import HypothesisException
from hypothesis.stateful import run_state_machine_as_test

from dev.resilience.tally import TALLY

SHORTEST, LONGEST = 10, 30
"""Steps of a sequence that counts."""

_LENGTHS: Final = (14, 22, LONGEST)
"""Longest sequences of the batches in turn; Hypothesis nearly always uses them up."""

_BATCH: Final = 50


@dataclass(frozen=True, slots=True)
class Found:
    """What a search has come to."""

    tally: Counter[str]
    """What was done until the end, or until something was found."""

    seconds: float
    counterexample: str | None
    """The shortest sequence that breaks something; None if nothing does."""


def search(*, sequences: int, workers: int, first_seed: int) -> Found:
    """
    Search until so many sequences of 10 to 30 steps were tried, or one breaks something.

    Args:
        sequences: How many.
        workers: Processes.
        first_seed: Of chance; a search with the same seeds tries the same sequences.
    """
    begin = time.monotonic()
    example: str | None = None
    shares = [
        (sequences // workers + (number < sequences % workers), first_seed + 1000 * number)
        for number in range(workers)
    ]
    if workers == 1:
        tally, example = _work(shares[0])
        return Found(tally, time.monotonic() - begin, example)
    together: Counter[str] = Counter()
    with multiprocessing.get_context("spawn").Pool(workers) as pool:
        for tally, example in pool.imap_unordered(_work, shares):
            together += tally
            if example:
                # The other workers stop with the pool.
                break
    return Found(together, time.monotonic() - begin, example)


def _work(share: tuple[int, int]) -> tuple[Counter[str], str | None]:
    # Imported where it runs: it makes the function's sandboxes.
    from dev.resilience.search import LifeCycle  # noqa: PLC0415

    sequences, first_seed = share
    TALLY.counted.clear()
    TALLY.is_closed = False
    batch = 0
    while (missing := sequences - TALLY.counted["sequences of 10 to 30 steps"]) > 0:
        machine = seed(first_seed + batch)(type("Search", (LifeCycle,), {}))
        try:
            run_state_machine_as_test(
                machine,
                settings=settings(
                    max_examples=min(_BATCH, missing),
                    stateful_step_count=_LENGTHS[batch % len(_LENGTHS)],
                    deadline=None,
                    database=None,
                    suppress_health_check=list(HealthCheck),
                    phases=[Phase.generate, Phase.shrink],
                    report_multiple_bugs=False,
                    print_blob=False,
                ),
            )
        except (AssertionError, HypothesisException) as err:
            return TALLY.counted, "\n".join([str(err), *getattr(err, "__notes__", [])])
        batch += 1
    return TALLY.counted, None
