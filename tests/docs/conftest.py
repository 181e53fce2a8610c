"""The option that writes what commands print into the pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that writes the outputs into the pages."""
    parser.addoption(
        "--update-pages", action="store_true", help="write what commands print into the pages"
    )
