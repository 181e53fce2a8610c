"""
The notes of a release: its section of CHANGELOG.md.

    python -m dev.tools.release_notes 0.1.0

Prints the section without its heading. It fails unless the version is the one in pyproject.toml, and
CHANGELOG.md has it as its newest section, with a date and with nothing left under "Unreleased".
"""

from __future__ import annotations

import argparse
import re
import sys
import tomllib
from typing import TYPE_CHECKING

from dev import ROOT

if TYPE_CHECKING:
    from collections.abc import Sequence

_HEADING = re.compile(r"^## +(?P<title>.+?) *$", re.MULTILINE)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


class ReleaseError(Exception):
    """Why the version can't be released; the message says what to change."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the notes of a version, and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m dev.tools.release_notes",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("version", help="the version to release, without a leading v")
    version = parser.parse_args(arguments).version
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    try:
        sys.stdout.write(notes(version, declared=declared, changelog=changelog))
    except ReleaseError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def notes(version: str, *, declared: str, changelog: str) -> str:
    """
    Return the section of a version, without its heading.

    Args:
        version: The version to release.
        declared: The version in pyproject.toml.
        changelog: The text of CHANGELOG.md.

    Raises:
        ReleaseError: Version and changelog aren't ready for this release.
    """
    if version != declared:
        raise ReleaseError(f"pyproject.toml has version {declared}, not {version}.")
    sections = _sections(changelog)
    if sections.pop("Unreleased", ""):
        raise ReleaseError(
            f'CHANGELOG.md has changes under "Unreleased": move them to the section of {version}.'
        )
    newest = next(iter(sections), "")
    number, _, date = newest.partition(" - ")
    if number != version:
        raise ReleaseError(
            f'The newest section of CHANGELOG.md must be "## {version} - YYYY-MM-DD";'
            f' it is "## {newest}".'
        )
    if not _DATE.fullmatch(date):
        raise ReleaseError(f'Add the date in CHANGELOG.md: "## {version} - YYYY-MM-DD".')
    if not sections[newest]:
        raise ReleaseError(f"The section of {version} in CHANGELOG.md is empty.")
    return f"{sections[newest]}\n"


def _sections(changelog: str) -> dict[str, str]:
    """Return the text of each section by its heading, in order."""
    headings = list(_HEADING.finditer(changelog))
    ends = [each.start() for each in headings[1:]] + [len(changelog)]
    return {
        heading["title"]: changelog[heading.end() : end].strip()
        for heading, end in zip(headings, ends, strict=True)
    }


if __name__ == "__main__":
    sys.exit(main())
