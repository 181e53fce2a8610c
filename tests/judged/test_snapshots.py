"""
The templates, as they were reviewed: tests/snapshots/<app>/<stack>.template.json.

`python -m pytest tests/judged/test_snapshots.py --update-snapshots` writes them anew; the diff is
what to look at. Certificates and hashes of files, which differ between checkouts, are left out.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dev import ROOT
from judged.synthesis import NAMES

if TYPE_CHECKING:
    from judged.synthesis import Synthesised

FOLDER = ROOT / "tests/snapshots"
LEFT_OUT = {
    *("agnostic", "every-source", "many", "stage", "three", "us-gov"),
    *("app", "classic_elb", "nlb", "several_accounts_and_regions"),
}
"""Their templates say no more than those of others."""

SNAPSHOTS = [name for name in NAMES if name not in LEFT_OUT]

_PEM = re.compile(r"(?:-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----\s*)+")
_HASH = re.compile(r"\b[0-9a-f]{64}\b")


def scrubbed(text: str) -> str:
    """Return a template without what differs between two checkouts."""

    def clean(value: object) -> object:
        match value:
            case str():
                return _HASH.sub("<hash>", _PEM.sub("<certificates>", value))
            case list():
                return [clean(each) for each in value]
            case dict():
                return {key: clean(each) for key, each in value.items()}
            case _:
                return value

    return json.dumps(clean(json.loads(text)), indent=2, ensure_ascii=False) + "\n"


@pytest.mark.parametrize("name", SNAPSHOTS)
def test_template_is_the_reviewed_one(
    synthesised: Synthesised, name: str, request: pytest.FixtureRequest
) -> None:
    """Each template of an app is what was reviewed, to the byte."""
    made = {each.path.name: scrubbed(each.text) for each in synthesised.templates()}
    folder = FOLDER / name
    if request.config.getoption("--update-snapshots"):
        folder.mkdir(exist_ok=True, parents=True)
        for path in folder.glob("*.template.json"):
            path.unlink()
        for file, text in made.items():
            (folder / file).write_text(text, encoding="utf-8")
    reviewed = {path.name: path.read_text("utf-8") for path in folder.glob("*.template.json")}
    assert made == reviewed, (
        "is the change wanted? then update the snapshots, and review their diff"
    )


def test_no_snapshot_is_left_behind() -> None:
    """There is none of an app that is gone."""
    assert {path.name for path in FOLDER.iterdir()} == set(SNAPSHOTS)


def test_nothing_of_a_checkout_is_kept() -> None:
    """Neither certificates nor hashes of files nor places on a disk are in a snapshot."""
    texts = [path.read_text("utf-8") for path in FOLDER.rglob("*.template.json")]
    assert texts
    for text in texts:
        assert "BEGIN CERTIFICATE" not in text
        assert not _HASH.search(text)
        assert str(Path.cwd()) not in text
