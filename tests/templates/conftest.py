"""Each app is synthesized once for all tests."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import pytest

from templates.synthesis import Synthesized, synthesize

if TYPE_CHECKING:
    from collections.abc import Callable


def pytest_itemcollected(item: pytest.Item) -> None:
    """Keep the tests of an app together when pytest-xdist deals them out to processes."""
    if isinstance(item, pytest.Function) and "synthesized" in item.fixturenames:
        item.add_marker(pytest.mark.xdist_group(f"templates-{item.callspec.params['name']}"))


@pytest.fixture(scope="session")
def _synthesize_once(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Synthesized]:
    return functools.cache(lambda name: synthesize(name, tmp_path_factory.mktemp(name)))


@pytest.fixture
def synthesized(_synthesize_once: Callable[[str], Synthesized], name: str) -> Synthesized:
    """Return the synthesized app of the test, which is parametrized by `name`."""
    return _synthesize_once(name)
