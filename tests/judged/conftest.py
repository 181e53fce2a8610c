"""Each app is synthesised once, whoever looks at it."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

import pytest

from judged.synthesis import Synthesised, synthesise

if TYPE_CHECKING:
    from collections.abc import Callable


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the snapshots be written anew."""
    parser.addoption(
        "--update-snapshots", action="store_true", help="write tests/snapshots anew, then fail none"
    )


@pytest.fixture(scope="session")
def synthesised(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Synthesised]:
    """Return a function that gives a synthesised app by its name."""

    @functools.cache
    def of(name: str) -> Synthesised:
        return synthesise(name, tmp_path_factory.mktemp(name))

    return of
