"""What holds for all tests."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    """Undo what the function does to the root logger: a filter left there would hide a later leak."""
    root = logging.getLogger()
    level = root.level
    before = {handler: list(handler.filters) for handler in root.handlers}
    yield
    root.setLevel(level)
    for handler, filters in before.items():
        handler.filters[:] = filters
