"""The tests of what ships: they see the wheels alone, and notice when they don't."""

from __future__ import annotations

import shutil
import zipfile
from typing import TYPE_CHECKING

import pytest

from dev.tools import shipped
from dev.tools.distributions import SOURCE_ROOTS

if TYPE_CHECKING:
    from pathlib import Path

PROOF = "tests/test_installed.py"
REMOVED = "server_certificate/pem/blocks.py"


@pytest.fixture(scope="module")
def installed() -> list[Path]:
    """The wheels in their environment, which is made if need be."""
    return shipped.install()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What doesn't ship."""
    shipped.lay_out(tmp_path)
    return tmp_path


def test_folder_has_all_but_what_ships(folder: Path) -> None:
    """Tests, apps, documents and tools are in it, as files of its own; no source and no cache is."""
    names = {path.name for path in folder.iterdir()}
    assert {"tests", "app.py", "cdk.json", "docs", "examples", "dev", "pyproject.toml"} <= names
    assert {"cli", "constructs", "lambda"}.isdisjoint(names)
    assert {name for name in names if name.startswith(".")} == set()
    assert [path for path in folder.rglob("*") if path.is_symlink()] == []


@pytest.mark.network
def test_wheel_alone_is_tested(
    installed: list[Path], folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """All that proves it passes, and what is about the checkout is left out."""
    assert shipped.run_tests(folder, installed, [PROOF, "tests/test_layering.py"]) == 0
    told = capfd.readouterr().out
    assert "2 deselected" in told
    assert "skipped" not in told


@pytest.mark.network
def test_no_test_of_the_wheel_reads_the_checkout_when_it_is_imported(
    installed: list[Path], folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """All are collected without the sources, but those about the making of the wheel."""
    assert shipped.run_tests(folder, installed, ["--collect-only", "--quiet"]) == 0
    told = capfd.readouterr().out
    assert "tests/unit/core/" in told
    assert "tests/slow/packaging/" not in told


@pytest.mark.network
@pytest.mark.parametrize("root", SOURCE_ROOTS)
def test_source_within_reach_is_noticed(
    root: str, installed: list[Path], folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """With a folder of sources next to them, the tests fail."""
    shutil.copytree(shipped.ROOT / root, folder / root)
    assert shipped.run_tests(folder, installed, [PROOF]) == pytest.ExitCode.TESTS_FAILED
    assert f"test_source_is_out_of_reach[{root}/" in capfd.readouterr().out


@pytest.mark.network
def test_another_wheel_is_noticed(
    installed: list[Path], folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """The installed modules must be exactly those in the wheel."""
    command, construct = installed
    other = folder / command.name
    with zipfile.ZipFile(command) as whole, zipfile.ZipFile(other, "w") as part:
        assert REMOVED in whole.namelist()
        for name in set(whole.namelist()) - {REMOVED}:
            part.writestr(name, whole.read(name))
    assert shipped.run_tests(folder, [other, construct], [PROOF]) == pytest.ExitCode.TESTS_FAILED
    assert f"'{REMOVED}'" in capfd.readouterr().out
