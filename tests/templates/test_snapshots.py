"""
The templates, as they were reviewed: that of the app `default`, and how the others differ from it.

`python -m pytest tests/templates/test_snapshots.py --update-snapshots` writes tests/snapshots/templates again; the
diff is what to look at. Certificates and hashes of files, which differ between checkouts, are left
out.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from dev import ROOT
from templates.differences import applied, differences
from templates.synthesis import NAMES

if TYPE_CHECKING:
    from templates.synthesis import Synthesized

FOLDER = ROOT / "tests/snapshots/templates"
LEFT_OUT = {
    *("agnostic", "every-source", "many", "stage", "three", "us-gov"),
    *("app", "classic_elb", "nlb", "several_accounts_and_regions"),
    "from_cfn_server_certificate",
}
"""Their templates say no more than those of others."""

SNAPSHOTS = [name for name in NAMES if name not in LEFT_OUT]
OTHERS = [name for name in SNAPSHOTS if name != "default"]

_FINGERPRINT = re.compile("(?:[0-9A-F]{2}:){31}[0-9A-F]{2}")
_TIME = re.compile("[0-9]{4}(?:-[0-9]{2}){2}T[0-9]{2}(?::[0-9]{2}){2}Z")
_PEM = re.compile(r"(?:-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----\s*)+")
_HASH = re.compile(r"\b[0-9a-f]{64}\b")


def scrubbed(value: Any) -> Any:  # noqa: ANN401 - whatever a template has there
    """Return a value of a template without what differs between two checkouts."""
    match value:
        case str():
            text = _HASH.sub("<hash>", _PEM.sub("<certificates>", value))
            return _TIME.sub("<time>", _FINGERPRINT.sub("<fingerprint>", text))
        case list():
            return [scrubbed(each) for each in value]
        case dict():
            return {key: scrubbed(each) for key, each in value.items()}
        case _:
            return value


def reviewed(name: str) -> dict[str, dict[str, Any]]:
    """Return what is kept of an app: each template, or its differences, by the template's file."""
    kept: dict[str, dict[str, Any]] = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    return kept


def default() -> dict[str, Any]:
    """Return the template that others are compared with, as it was reviewed."""
    (template,) = reviewed("default").values()
    return template


def templates(synthesized: Synthesized) -> dict[str, dict[str, Any]]:
    """Return the templates of an app, by file."""
    return {each.path.name: scrubbed(json.loads(each.text)) for each in synthesized.templates()}


@pytest.mark.parametrize("name", SNAPSHOTS)
def test_template_is_the_reviewed_one(
    synthesized: Synthesized, name: str, request: pytest.FixtureRequest
) -> None:
    """Each template of an app, or what it differs in from the default one, is what was reviewed."""
    made = templates(synthesized)
    if name in OTHERS:
        made = {file: differences(template, default()) for file, template in made.items()}
    text = json.dumps(made, indent=2, ensure_ascii=False) + "\n"
    path = FOLDER / f"{name}.json"
    if request.config.getoption("--update-snapshots"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text("utf-8"), (
        "is the change wanted? then update the snapshots, and review their diff"
    )


@pytest.mark.parametrize("name", OTHERS)
def test_differences_make_the_whole_template(synthesized: Synthesized, name: str) -> None:
    """The default template and the differences kept of another are all of the other."""
    base = default()
    made = {file: applied(kept, base) for file, kept in reviewed(name).items()}
    assert json.dumps(made, sort_keys=True) == json.dumps(templates(synthesized), sort_keys=True)


@pytest.mark.parametrize("name", OTHERS)
def test_change_in_a_shared_resource_is_seen(name: str) -> None:
    """A property that an app's function shares with the default one is a difference once it changes."""
    base = default()
    function = "IamServerCertificateProviderFunction62ED70D4"
    place = f"/Resources/{function}/Properties/MemorySize"
    made = {file: applied(kept, base) for file, kept in reviewed(name).items()}
    with_function = [file for file, template in made.items() if function in template["Resources"]]
    assert with_function
    for file in with_function:
        kept = reviewed(name)[file]
        changed = applied({place: 256}, made[file])
        assert place not in kept
        assert differences(changed, base) == {**kept, place: 256}


def test_no_snapshot_is_left_behind() -> None:
    """There is none of an app that is gone."""
    assert {path.name for path in FOLDER.iterdir()} == {f"{name}.json" for name in SNAPSHOTS}


def test_nothing_of_a_checkout_is_kept() -> None:
    """Neither certificates nor hashes of files nor places on a disk are in a snapshot."""
    texts = [path.read_text("utf-8") for path in FOLDER.iterdir()]
    assert texts
    for text in texts:
        assert "BEGIN CERTIFICATE" not in text
        assert not _HASH.search(text)
        assert str(Path.cwd()) not in text
