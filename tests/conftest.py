"""What holds for all tests."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING

import pytest

from dev.tools.shipped import VARIABLE

if TYPE_CHECKING:
    from collections.abc import Iterator

# The CDK validates each template, which takes five seconds of a process's first app (its README, "Template and
# Policy Validation"). tests/templates/test_validation.py does that for every kind of app.
os.environ["CDK_VALIDATION"] = "false"

pytest_plugins = ["support.projects", "support.sharing"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option to update the snapshots."""
    parser.addoption(
        "--update-snapshots",
        action="store_true",
        help="write tests/snapshots again instead of comparing them",
    )


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is about the other of the two: the checkout, or the installed wheel."""
    other = "checkout" if VARIABLE in os.environ else "wheel"
    left_out = [item for item in items if item.get_closest_marker(other)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if item not in left_out]


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
