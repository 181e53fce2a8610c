"""The pages that take hours to generate have the words that their generators write now."""

from __future__ import annotations

from dev import ROOT
from dev.benchmarks import report as benchmarks
from dev.exploration import report as exploration
from dev.mutants import report as mutants
from dev.resilience import report as resilience
from dev.resilience.searching import LONGEST, SHORTEST

INTERNALS = ROOT / "docs/internals"


def text_of(name: str) -> str:
    """Return a page's text."""
    return (INTERNALS / name).read_text("utf-8")


def test_fault_table() -> None:
    """The page begins as `make faults` begins it."""
    written = resilience._INTRODUCTION.format(steps=f"{SHORTEST} to {LONGEST}")
    assert text_of("faults.md").startswith(written)


def test_exploration() -> None:
    """What was explored is introduced as `make explore` introduces it."""
    words, _, _ = exploration._TEXT.partition("{minutes")
    written = words.format(
        heading=resilience.EXPLORED,
        templates=len(exploration.TEMPLATES),
        rivals=len(exploration.OF_RIVAL),
    )
    assert written in text_of("faults.md")


def test_mutants() -> None:
    """The page begins as `make mutants` begins it."""
    assert text_of("mutants.md").startswith(mutants._INTRODUCTION)


def test_benchmarks() -> None:
    """The page is introduced as `make bench` introduces it."""
    assert f"\n{benchmarks._INTRODUCTION}\n" in text_of("benchmarks.md")
