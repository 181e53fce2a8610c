"""CONTRIBUTING.md: its targets are those of the Makefile, and its paths exist."""

from __future__ import annotations

import re

import pytest

from dev import ROOT

TEXT = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
TARGETS = set(re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
USED = set(re.findall(r"(?:^|`)make ([a-z-]+)", TEXT, re.MULTILINE))
DOCUMENTED = set(re.findall(r"`make ([a-z-]+)`", TEXT))
ROWS = TEXT.partition("| folder |")[2].partition("\n\n")[0].splitlines()[2:]
MODULES = sorted(set(re.findall(r"python -m (dev(?:\.\w+)+)", TEXT)))


def test_every_target_it_names_exists() -> None:
    """Each `make` command in the text is a target of the Makefile."""
    assert USED
    assert USED <= TARGETS


def test_every_target_is_documented() -> None:
    """Each target that `make` lists is in the text, except the list itself."""
    assert DOCUMENTED | {"help"} == TARGETS


@pytest.mark.parametrize("module", MODULES)
def test_every_module_it_runs_exists(module: str) -> None:
    """Each `python -m` command names a module of the checkout."""
    path = ROOT / module.replace(".", "/")
    assert path.with_suffix(".py").is_file() or (path / "__main__.py").is_file()


@pytest.mark.checkout
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.split("`")[1])
def test_every_folder_of_the_layout_exists(row: str) -> None:
    """Each row of the table names folders, and those that its content names are below them."""
    first, content = row.split(" | ")[:2]
    folders = [ROOT / name for name in re.findall("`([^`]+)`", first)]
    assert [folder for folder in folders if not folder.is_dir()] == []
    below = {path.name for folder in folders for path in folder.rglob("*") if path.is_dir()}
    assert set(re.findall("`([^`/]+)/`", content)) <= below
