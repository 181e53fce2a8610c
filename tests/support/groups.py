"""
Tests of one `xdist_group` run in one process, with `--dist loadgroup`.

pytest-xdist 3.8.0 appends the group to an attribute of the test that pytest 9.2 no longer reads, and
so deals the tests out one by one (pytest-dev/pytest-xdist#1386). This goes once that is fixed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Append the group to the id of each test that has one, which is where xdist looks for it."""
    if getattr(config.option, "loadgroup", False):
        for item in items:
            for mark in item.iter_markers("xdist_group"):
                item._id = type(item.id).parse(f"{item.nodeid}@{mark.args[0]}")
