"""The release notes are the section of CHANGELOG.md, if version and changelog agree."""

from __future__ import annotations

import re
import tomllib

import pytest

from dev import ROOT
from dev.tools.release_notes import ReleaseError, main, notes

DECLARED = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]

CHANGELOG = """# Changelog

## Unreleased

## 0.2.0 - 2027-01-31

### Added

- Something new.

## 0.1.0 - 2026-12-01

- The first.
"""


def test_prints_the_newest_section() -> None:
    """The notes have the text between the headings, and no heading of a version."""
    expected = "### Added\n\n- Something new.\n"
    assert notes("0.2.0", declared="0.2.0", changelog=CHANGELOG) == expected


@pytest.mark.parametrize(
    ("version", "old", "new", "message"),
    [
        ("0.1.0", "", "", 'must be "## 0.1.0 - YYYY-MM-DD"; it is "## 0.2.0 - 2027-01-31"'),
        ("0.3.0", "", "", 'must be "## 0.3.0 - YYYY-MM-DD"; it is "## 0.2.0 - 2027-01-31"'),
        ("0.2.0", " - 2027-01-31", "", "Add the date"),
        ("0.2.0", "2027-01-31", "Unreleased", "Add the date"),
        ("0.2.0", "### Added\n\n- Something new.", "", "The section of 0.2.0 .* is empty"),
        ("0.2.0", "## Unreleased\n", "## Unreleased\n\n- Later.\n", 'changes under "Unreleased"'),
    ],
    ids=["older", "missing", "no-date", "word-for-date", "empty", "changes-left"],
)
def test_disagreement_is_an_error(version: str, old: str, new: str, message: str) -> None:
    """A changelog that isn't ready for the version fails the release, and the message says why."""
    changelog = CHANGELOG.replace(old, new, 1) if old else CHANGELOG
    with pytest.raises(ReleaseError, match=message):
        notes(version, declared=version, changelog=changelog)


def test_another_version_than_the_declared_one_fails(capsys: pytest.CaptureFixture[str]) -> None:
    """A tag that doesn't fit pyproject.toml prints no notes and exits with 1."""
    assert main(["0.0.0"]) == 1
    assert capsys.readouterr() == ("", f"pyproject.toml has version {DECLARED}, not 0.0.0.\n")


def test_changelog_has_the_declared_version() -> None:
    """Once it has a date and nothing is left under "Unreleased", its newest section can be released."""
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    emptied = re.sub(r"(?ms)^(## Unreleased\n).*?(?=^## )", r"\1\n", changelog)
    dated = re.sub(rf"(?m)^(## {re.escape(DECLARED)} - ).*", r"\g<1>2026-12-01", emptied)
    assert notes(DECLARED, declared=DECLARED, changelog=dated)
