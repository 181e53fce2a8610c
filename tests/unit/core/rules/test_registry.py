"""All rules together."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import server_certificate
from server_certificate.findings import Rule, Severity
from server_certificate.rules.registry import RULES, refusal

FOLDER = Path(server_certificate.__file__).parent


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_every_rule_is_documented_in_full(rule: Rule) -> None:
    """Code, reasons and source are there, as sentences, and what acknowledging does as well."""
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", rule.code)
    assert rule.why.endswith(".")
    assert rule.fix.endswith(".")
    assert rule.source
    assert rule.acknowledged is None or rule.acknowledged.endswith(".")


def test_whatever_does_not_stop_an_upload_can_be_acknowledged() -> None:
    """Only errors may be bound to fail."""
    assert all(
        rule.severity is Severity.ERROR for rule in RULES.values() if rule.acknowledged is None
    )


def test_no_rule_is_missing() -> None:
    """Every rule in the package's code is in the registry."""
    codes = [
        keyword.value.value
        for path in FOLDER.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Rule"
        for keyword in node.keywords
        if keyword.arg == "code" and isinstance(keyword.value, ast.Constant)
    ]
    assert sorted(map(str, codes)) == sorted(RULES)


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("chain-missing", None),
        ("weak-key", None),
        ("private-key-mismatch", "'private-key-mismatch' can't be acknowledged, because "),
        ("chain-mising", "there is no finding 'chain-mising'; did you mean 'chain-missing'?"),
        ("?", "there is no finding '?'; see the documentation."),
    ],
)
def test_what_can_be_acknowledged(code: str, sentence: str | None) -> None:
    """A code is refused if it doesn't exist or if acknowledging it has no effect."""
    refused = refusal(code)
    assert (refused or "").startswith(sentence or "")
    assert (refused is None) == (sentence is None)
