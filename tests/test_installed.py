"""What is tested are the wheels: `python -m dev.tools.shipped` leaves no other way to its packages."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import sysconfig
from importlib import metadata
from pathlib import Path, PurePosixPath

import pytest

from dev import ROOT
from dev.tools.distributions import DISTRIBUTIONS, HANDLER
from dev.tools.shipped import VARIABLE
from support.wheels import content_of

pytestmark = pytest.mark.wheel

SOURCES = [PurePosixPath(folder) for each in DISTRIBUTIONS for folder in each.sources]
"""The folders of the packages in a checkout."""

PACKAGES = [source.name for source in SOURCES]
SITE_PACKAGES = Path(sysconfig.get_path("purelib"))


@pytest.fixture(scope="module")
def shipped() -> dict[str, bytes]:
    """The files of the packages in the wheels."""
    return {
        name: content
        for wheel in os.environ[VARIABLE].split(os.pathsep)
        for name, content in content_of(Path(wheel)).items()
        if PurePosixPath(name).parts[0] in PACKAGES
    }


def test_what_is_installed_is_the_wheels(shipped: dict[str, bytes]) -> None:
    """The installed packages have exactly the files of the wheels, byte for byte."""
    installed = {
        path.relative_to(SITE_PACKAGES).as_posix(): path.read_bytes()
        for package in PACKAGES
        for path in (SITE_PACKAGES / package).rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    assert installed.keys() == shipped.keys()
    assert [name for name, content in shipped.items() if installed[name] != content] == []


def test_handler_is_data_of_the_construct() -> None:
    """The tests import it from where the construct reads it, and it is in no other place."""
    spec = importlib.util.find_spec("server_certificate_handler")
    assert spec is not None
    folder = SITE_PACKAGES / HANDLER / "server_certificate_handler"
    assert spec.submodule_search_locations == [str(folder)]
    others = {Path(each) / "server_certificate_handler" for each in sys.path} - {folder}
    assert [each for each in others if each.exists()] == []


@pytest.mark.parametrize("package", PACKAGES)
def test_package_is_found_in_the_environment_alone(package: str) -> None:
    """It is imported from there, and no other folder on the path has it."""
    spec = importlib.util.find_spec(package)
    assert spec is not None
    assert spec.submodule_search_locations == [str(SITE_PACKAGES / package)]
    assert [each for each in sys.path if (Path(each) / package).exists()] == [str(SITE_PACKAGES)]


@pytest.mark.parametrize("source", SOURCES, ids=str)
def test_source_is_out_of_reach(source: PurePosixPath) -> None:
    """Neither where the tests are and run, nor above, nor on the path is a folder of the checkout."""
    starts = {ROOT, Path.cwd(), *(Path(each).resolve() for each in sys.path if each)}
    above = {parent for start in (ROOT, Path.cwd()) for parent in start.parents}
    assert [folder for folder in starts | above if (folder / source).exists()] == []


@pytest.mark.parametrize("name", [each.name for each in DISTRIBUTIONS])
def test_installation_is_none_of_a_checkout(name: str) -> None:
    """The metadata are those of a wheel's file, which has no way back into a folder."""
    origin = metadata.distribution(name).read_text("direct_url.json") or ""
    wheels = [Path(each).name for each in os.environ[VARIABLE].split(os.pathsep)]
    assert [each for each in wheels if each in origin]
    assert "editable" not in origin


def test_processes_find_the_same(tmp_path: Path) -> None:
    """Whatever a test starts by name is the environment's, and imports what is installed there."""
    for command in ("python", "node", "cdk", "aws", "server-certificate"):
        assert shutil.which(command) == str(Path(sys.prefix) / "bin" / command)
    program = (
        "from importlib.util import find_spec\n"
        f"for name in {PACKAGES}: print(find_spec(name).origin)"
    )
    told = subprocess.run(
        ["python", "-c", program],  # noqa: S607 - found by its name, as `cdk` finds it
        check=True,
        cwd=tmp_path,
        capture_output=True,
        text=True,
    ).stdout
    assert told.split() == [str(SITE_PACKAGES / package / "__init__.py") for package in PACKAGES]
