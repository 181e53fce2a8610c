"""Fixtures: certificates, and a folder to run the command in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dev.certificates.authority import Authority, Issued
from support.command import write_parts
from support.screens import Screens

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def authority() -> Authority:
    """Return an intermediate authority."""
    return Authority.root().intermediate()


@pytest.fixture(scope="session")
def leaf(authority: Authority) -> Issued:
    """Return a valid certificate."""
    return authority.leaf("www.example.com")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the current folder, which is empty, so that paths stay short."""
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def screens(here: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Screens:
    """Return what runs commands on terminals, in the current folder."""
    update = bool(request.config.getoption("--update-snapshots"))
    return Screens(here, monkeypatch, update=update)


@pytest.fixture
def good(here: Path, leaf: Issued) -> Path:
    """Return a folder with the parts of that certificate, ``good``."""
    write_parts(here / "good", leaf)
    return here / "good"
