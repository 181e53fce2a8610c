"""The JSON Schemas of the documentation, which describe the output of the command."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from jsonschema import Draft202012Validator

from dev import ROOT

if TYPE_CHECKING:
    from support.command import Ended

FOLDER = ROOT / "docs/reference/schemas"


def schema(name: str) -> dict[str, Any]:
    """Return the schema of a command."""
    content: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return content


def follows(name: str, ended: Ended) -> None:
    """Compare an output with the schema of its command, which allows no other keys."""
    validator = Draft202012Validator(
        schema(name), format_checker=Draft202012Validator.FORMAT_CHECKER
    )
    assert [f"{each.json_path}: {each.message}" for each in validator.iter_errors(ended.json)] == []
