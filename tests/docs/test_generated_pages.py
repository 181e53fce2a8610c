"""The pages that take hours to generate have the words that their generators write now."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from dev import ROOT
from dev.benchmarks import report as benchmarks
from dev.exploration import report as exploration
from dev.mutants import report as mutants
from dev.resilience import report as resilience
from dev.resilience.searching import LONGEST, SHORTEST
from dev.tools import diagrams

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

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


def test_diagrams() -> None:
    """Each diagram is what the script draws now."""
    assert diagrams.main(["--check"]) == 0


def test_an_outdated_diagram_is_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Checking writes nothing, and says what to run; writing fixes that."""
    assert diagrams.main(["--check"], folder=tmp_path) == 1
    assert "python -m dev.tools.diagrams" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
    assert diagrams.main([], folder=tmp_path) == 0
    assert diagrams.main(["--check"], folder=tmp_path) == 0


def test_diagrams_are_drawn_within_their_bounds() -> None:
    """No box leaves its diagram or covers another, and each file is well-formed."""
    for draw in diagrams.DIAGRAMS.values():
        diagram = draw()
        boxes = [part for part in diagram.parts if isinstance(part, diagrams.Box)]
        for box in boxes:
            assert 0 <= box.x <= box.x + box.width <= diagram.width
            assert 0 <= box.y <= box.y + box.height <= diagram.height
        for one, other in itertools.combinations(boxes, 2):
            is_beside = one.x + one.width < other.x or other.x + other.width < one.x
            assert is_beside or one.y + one.height < other.y or other.y + other.height < one.y
        assert ET.fromstring(diagram.svg()).tag.endswith("svg")  # noqa: S314 - our own
