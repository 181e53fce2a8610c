"""Tests that share something costly run in one process, however many processes there are."""

from __future__ import annotations

import pytest

SHARED = ("running_cloud", "finished", "environment", "installed")
"""Fixtures that take seconds to make and serve many tests."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Group the tests of each such fixture, or of each of its parameters, for pytest-xdist."""
    for item in items:
        if isinstance(item, pytest.Function):
            _group_by_fixtures(item)
        if getattr(config.option, "loadgroup", False):
            _show_group(item)


def _group_by_fixtures(item: pytest.Function) -> None:
    parameters = item.callspec.params if hasattr(item, "callspec") else {}
    for name in SHARED:
        if name in item.fixturenames:
            group = f"{name}-{parameters[name]}" if name in parameters else name
            item.add_marker(pytest.mark.xdist_group(group))


def _show_group(item: pytest.Item) -> None:
    """
    Append the group to a test's id, which is where pytest-xdist looks for it.

    pytest-xdist 3.8.0 appends it to an attribute that pytest 9.2 no longer reads, and so deals the
    tests out one by one (pytest-dev/pytest-xdist#1386). This goes once that is fixed.
    """
    mark = item.get_closest_marker("xdist_group")
    if mark is not None:
        item._id = type(item.id).parse(f"{item.nodeid}@{mark.args[0]}")
