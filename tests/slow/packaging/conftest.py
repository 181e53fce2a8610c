"""The wheel, built once for all that look into it."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from dev import ROOT
from dev.tools.shipped import VARIABLE

FOLDER = Path(__file__).parent

# Some look at what a checkout has as soon as they are imported.
collect_ignore_glob = ["test_*.py"] if VARIABLE in os.environ else []


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark all in this folder: it is about what a checkout locks, sets up and builds."""
    for item in items:
        if item.path.parent == FOLDER:
            item.add_marker("checkout")


def build(folder: Path) -> Path:
    """Build the wheel of this checkout into a folder and return its path."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel"]
    subprocess.run([*command, "--directory", folder], check=True, cwd=ROOT, capture_output=True)
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    return build(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="session")
def content(wheel: Path) -> dict[str, bytes]:
    """The content of each file of the wheel, by its name there."""
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="session")
def dist_info(content: dict[str, bytes]) -> str:
    """The folder of the wheel's metadata."""
    (folder,) = {name.partition("/")[0] for name in content if name.endswith(".dist-info/RECORD")}
    return folder
