"""Findings as data."""

from __future__ import annotations

from dataclasses import replace

import pytest

from server_certificate.findings import (
    MOST_OF_A_KIND,
    Finding,
    Rule,
    Severity,
    acknowledge,
    condensed,
    errors,
    in_order,
    listed,
)


def rule(code: str, severity: Severity, *, acknowledged: str | None = None) -> Rule:
    """Make a rule."""
    return Rule(code=code, severity=severity, why="", fix="", source="", acknowledged=acknowledged)


ERROR = rule("e", Severity.ERROR).finding("chain[1]", "it is wrong.", "Fix it.")
FIXABLE = rule("f", Severity.FIXABLE).finding("chain", "it is odd.", "It is fixed.")
WARNING = rule("w", Severity.WARNING, acknowledged="").finding(
    "name", "it is old.", "Renew the certificate."
)
INFO = rule("i", Severity.INFO).finding("tags", "it is.", "")


def test_text_form() -> None:
    """Subject, message and fix are written on one line."""
    assert str(ERROR) == "chain[1]: it is wrong. Fix it."
    assert str(INFO) == "tags: it is."


def test_a_finding_has_the_fix_of_its_rule() -> None:
    """The rule's fix without backticks is the default; a specific fix or none can be given."""
    quoting = replace(ERROR.rule, fix="Write `/`.")
    assert quoting.finding("path", "it is wrong.").fix == "Write /."
    assert quoting.finding("path", "it is wrong.", "Write `/a/`.").fix == "Write `/a/`."
    assert quoting.finding("path", "it is wrong.", "").fix == ""


def test_order() -> None:
    """Findings are sorted by severity, and those of equal severity keep their order."""
    other = rule("a", Severity.ERROR).finding("name", "it is wrong too.", "")
    given = (INFO, WARNING, ERROR, FIXABLE, other)
    assert in_order(given) == (ERROR, other, FIXABLE, WARNING, INFO)


def test_errors() -> None:
    """Only errors prevent an upload."""
    assert errors((INFO, ERROR, WARNING, FIXABLE)) == (ERROR,)


def test_acknowledged_findings_weigh_nothing() -> None:
    """An acknowledged finding becomes an info, if its rule allows that."""
    error, warning = acknowledge((ERROR, WARNING), {"e", "w", "unknown"})
    assert error is ERROR
    assert (warning.code, warning.severity, warning.message) == ("w", Severity.INFO, "it is old.")
    assert acknowledge((ERROR, WARNING), set()) == (ERROR, WARNING)


def _many(count: int) -> list[Finding]:
    return [ERROR.rule.finding(f"chain[{index}]", "it is wrong.", "") for index in range(count)]


def test_a_few_of_a_kind_are_listed_one_by_one() -> None:
    """Up to ten findings of a rule about one input stay as they are."""
    assert condensed(_many(MOST_OF_A_KIND)) == tuple(_many(MOST_OF_A_KIND))


@pytest.mark.parametrize(
    ("count", "message"),
    [
        (11, "1 more finding like this is not shown."),
        (12, "2 more findings like this are not shown."),
        (2_000, "1,990 more findings like this are not shown."),
    ],
)
def test_the_rest_of_a_kind_is_counted(count: int, message: str) -> None:
    """Ten of many findings are listed, the rest is counted, and other rules' findings stay."""
    *told, last = condensed([*_many(count), ERROR.rule.finding("certificate", "it is wrong.", "")])
    assert last.subject == "certificate"
    assert told[:-1] == _many(MOST_OF_A_KIND)
    assert (told[-1].subject, told[-1].message) == ("chain", message)


@pytest.mark.parametrize(
    ("characters", "text"), [({"/", " "}, "' ', '/'"), ({"\n"}, r"'\n'"), (set(), "")]
)
def test_lists_of_characters(characters: set[str], text: str) -> None:
    """Characters are quoted in order, and invisible ones are escaped."""
    assert listed(characters) == text
