"""How survivors are shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dev.mutants import reasons
from dev.mutants.mutations import mutants_of
from dev.mutants.report import page, survivors
from dev.mutants.trial import Verdict

if TYPE_CHECKING:
    import pytest

SOURCE = "def f(a: int | None) -> bool:\n    return a is None or a | 1 == a\n"
MUTANTS = mutants_of(SOURCE, "x.py")
VERDICTS = [
    Verdict(mutant, survives=number > 2, tests=number - 3) for number, mutant in enumerate(MUTANTS)
]


def test_each_survivor_is_a_line_with_its_source() -> None:
    """The terminal shows where what was removed and that none could notice, and counts."""
    assert len(MUTANTS) == 4
    assert survivors("x", VERDICTS) == (
        "x.py:2  without `a | 1 == a` (no test sees the difference)\n"
        "    return a is None or a | 1 == a\n"
        "x: 1 of 4 mutants survive"
    )


def test_the_page_has_a_row_for_each_survivor() -> None:
    """The page counts all mutants and those of each module, and its tables take any source."""
    written = page({"x": VERDICTS, "y": VERDICTS[:2]})
    assert "All modules: 1 of 6 mutants survive." in written
    assert (
        "## x.py\n\nThis module: 1 of 4 mutants survive.\n\n| line | source | change | reason |\n"
        "| ---: | --- | --- | --- |\n"
        r"| 2 | `return a is None or a \| 1 == a` | without `a \| 1 == a` (no test sees the difference) |  |"
        "\n\n## y.py\n\nThis module: 0 of 2 mutants survive.\n"
    ) in written


def test_a_reason_is_told_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """It belongs to a line and a change of a module."""
    change = ("return a is None or a | 1 == a", "without `a | 1 == a`")
    monkeypatch.setattr(reasons, "REASONS", {"part.x": {change: "Both say the same."}})
    told = survivors("part.x", VERDICTS)
    assert told.endswith("    Both say the same.\npart.x: 1 of 4 mutants survive, 1 for a reason")
    assert told.startswith("part/x.py:2  ")
    assert "| Both say the same. |" in page({"part.x": VERDICTS})
    assert "for a reason" not in survivors("y", VERDICTS)
