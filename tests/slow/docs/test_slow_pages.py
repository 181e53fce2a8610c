"""The console blocks of pages that take long print what the pages show."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.code_blocks import Page, pages
from support.consoles import problems
from support.python_blocks import furnish

if TYPE_CHECKING:
    from pathlib import Path

PAGES = [page for page in pages() if page.is_slow and page.of("console")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_console(page: Page, tmp_path: Path) -> None:
    """Commands print what the page shows."""
    for block in page.blocks:
        if "file" in block.marks:
            (tmp_path / block.marks["file"]).write_text(block.text)
    assert problems(page.of("console"), folder=furnish(tmp_path)) == []
