"""CONTRIBUTING.md: its targets are those of the Makefile, and its paths exist."""

from __future__ import annotations

import re

import pytest

from dev import ROOT

TEXT = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
TARGETS = set(re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
USED = set(re.findall(r"(?:^|`)make ([a-z-]+)", TEXT, re.MULTILINE))
DOCUMENTED = set(re.findall(r"`make ([a-z-]+)`", TEXT))
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
