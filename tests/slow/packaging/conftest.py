"""The wheels, built once for all that look into them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dev.tools.distributions import COMMAND, CONSTRUCT, DISTRIBUTIONS
from dev.tools.shipped import VARIABLE
from dev.tools.wheels import build
from support.wheels import content_of, dist_info_of

FOLDER = Path(__file__).parent

# Some look at what a checkout has as soon as they are imported.
collect_ignore_glob = ["test_*.py"] if VARIABLE in os.environ else []


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark all in this folder: it is about what a checkout locks, sets up and builds."""
    for item in items:
        if item.path.parent == FOLDER:
            item.add_marker("checkout")


@pytest.fixture(scope="session")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The wheels of this checkout: the command's, and the construct's."""
    return build(tmp_path_factory.mktemp("wheels"))


@pytest.fixture(scope="session")
def wheel(wheels: list[Path]) -> Path:
    """The construct's wheel."""
    return wheels[DISTRIBUTIONS.index(CONSTRUCT)]


@pytest.fixture(scope="session")
def content(wheel: Path) -> dict[str, bytes]:
    """The content of each file of the construct's wheel, by its name there."""
    return content_of(wheel)


@pytest.fixture(scope="session")
def command_content(wheels: list[Path]) -> dict[str, bytes]:
    """The content of each file of the command's wheel, by its name there."""
    return content_of(wheels[DISTRIBUTIONS.index(COMMAND)])


@pytest.fixture(scope="session")
def dist_info(content: dict[str, bytes]) -> str:
    """The folder of the metadata of the construct's wheel."""
    return dist_info_of(content)
