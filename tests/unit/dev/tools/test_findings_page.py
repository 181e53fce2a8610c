"""The page about the rules says what the rules say."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from dev.tools import findings_page
from server_certificate.findings import Rule, Severity
from server_certificate.rules.registry import RULES

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

FIRM = Rule(
    code="some-error",
    severity=Severity.ERROR,
    why="It cannot work.",
    fix="Get another.",
    source="RFC 5280, 4.1",
)
YIELDING = Rule(
    code="some-warning",
    severity=Severity.WARNING,
    why="Browsers refuse it.",
    fix="Renew it.",
    source="Observed.",
    acknowledged="It is uploaded.",
)


def test_the_page_is_current() -> None:
    """What is committed is what the rules say now; `python -m dev.tools.findings_page` writes it."""
    assert findings_page.main(["--check"]) == 0


def test_every_rule_has_its_anchor() -> None:
    """Each rule has one heading of its code, and the list at the top leads there."""
    text = findings_page.page(tuple(RULES.values()))
    assert re.findall(r"^### (.*)$", text, re.MULTILINE) == list(RULES)
    assert re.findall(r"^\| \[`.*?`\]\(#(.*?)\)", text, re.MULTILINE) == list(RULES)


def test_no_rule_breaks_the_page() -> None:
    """No field of a rule is empty or spans lines, which would end its list item."""
    for rule in RULES.values():
        assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", rule.code)
        for text in (rule.why, rule.fix, rule.source, rule.acknowledged or "-"):
            assert text == text.strip() != ""
            assert "\n" not in text
        assert rule.why.endswith(".")
        assert rule.fix.endswith(".")


def test_a_section_tells_all_of_a_rule() -> None:
    """Severity, reason, fix, source, and what accepting it leads to, or that it is impossible."""
    text = findings_page.page([FIRM, YIELDING])
    first, second = text.split("\n### ")[1:]
    assert first.splitlines() == [
        "some-error",
        "",
        "**error** · It cannot work.",
        "",
        "- Fix: Get another.",
        "- Source: RFC 5280, 4.1.",
        "- If accepted: not possible, because its cause has to be fixed.",
    ]
    assert second.splitlines()[2:] == [
        "**warning** · Browsers refuse it.",
        "",
        "- Fix: Renew it.",
        "- Source: Observed.",
        "- If accepted: It is uploaded.",
    ]


def test_every_severity_is_explained() -> None:
    """The table at the top has a row for each, in the order of reports."""
    text = findings_page.page([])
    assert re.findall(r"^\| \*\*(\w+)\*\*", text, re.MULTILINE) == [item.value for item in Severity]


def test_a_page_that_is_out_of_date_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Checking writes nothing, says what to run and fails; writing fixes that."""
    target = tmp_path / "findings.md"
    assert findings_page.main(["--check"], target=target) == 1
    assert "python -m dev.tools.findings_page" in capsys.readouterr().err
    assert not target.exists()
    assert findings_page.main([], target=target) == 0
    assert findings_page.main(["--check"], target=target) == 0
    target.write_text("old", encoding="utf-8")
    assert findings_page.main(["--check"], target=target) == 1
