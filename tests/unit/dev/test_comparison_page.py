"""The comparison with other ways claims nothing that no test shows."""

from __future__ import annotations

import re

import pytest

from dev import ROOT

PAGE = ROOT / "docs/comparison.md"
LINK = re.compile(r'\[[^\]]+\]\(\.\./(?P<path>[^ )]+) "(?P<test>\w+)"\)')


def rows() -> list[list[str]]:
    """Return the cells of the table's rows, without its head and its headings."""
    lines = [line for line in PAGE.read_text().splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [row for row in cells[2:] if not row[0].startswith("**")]


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_every_claim_has_its_test(row: list[str]) -> None:
    """Each row is about all four, and each claim about this project links to a test that exists."""
    assert len(row) == 5
    assert all(row)
    link = LINK.fullmatch(row[1])
    assert link is not None, row[1]
    assert re.search(rf"^def {link['test']}\(", (ROOT / link["path"]).read_text(), re.MULTILINE)
