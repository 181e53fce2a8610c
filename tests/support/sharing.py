"""Tests that share something costly run in one process, however many processes there are."""

from __future__ import annotations

import pytest

SHARED = ("running_cloud", "finished", "environment")
"""Fixtures that take seconds to make and serve many tests."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Group the tests of each such fixture, or of each of its parameters, for pytest-xdist."""
    for item in items:
        if not isinstance(item, pytest.Function):
            continue
        parameters = item.callspec.params if hasattr(item, "callspec") else {}
        for name in SHARED:
            if name in item.fixturenames:
                group = f"{name}-{parameters[name]}" if name in parameters else name
                item.add_marker(pytest.mark.xdist_group(group))
