"""The JSON output follows the schemas of the documentation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft202012Validator

from dev.certificates.authority import Fault
from support.command import AT, run, write_parts
from support.schemas import FOLDER, follows, schema

if TYPE_CHECKING:
    from pathlib import Path

    from dev.certificates.authority import Authority, Issued

NAMES = sorted(path.stem for path in FOLDER.glob("*.json"))


@pytest.mark.parametrize("name", NAMES)
def test_schemas_are_schemas(name: str) -> None:
    """Each schema is valid, and every object in it lists all of its keys as required."""
    Draft202012Validator.check_schema(schema(name))

    def walk(value: object) -> None:
        if isinstance(value, dict):
            if isinstance(properties := value.get("properties"), dict):
                assert value["required"] == list(properties)
            for each in value.values():
                walk(each)
        elif isinstance(value, list):
            for each in value:
                walk(each)

    walk(schema(name))


def test_outputs_follow_their_schemas(good: Path, leaf: Issued, authority: Authority) -> None:
    """One target, several, unreadable ones, and rejected ones have the shape of the schema."""
    here = good.parent
    write_parts(here / "old", authority.leaf("www.example.com", fault=Fault.EXPIRED))
    (here / "www.pfx").write_bytes(leaf.pkcs12(None))
    (good / "notes.txt").write_text("notes")
    for targets in (["good"], ["good", "old", "www.pfx", "missing"], ["missing"], [str(here)]):
        follows("check", run("check", *targets, *AT, "--json"))
    for files in (["www.pfx"], ["good/certificate.pem", "good/notes.txt", "missing"], ["missing"]):
        follows("inspect", run("inspect", *files, "--json"))
    for target in ("www.pfx", "old", "missing"):
        follows("convert", run("convert", target, *AT, "--json", "--output", "out"))
    follows("explain", run("explain", "--json"))
