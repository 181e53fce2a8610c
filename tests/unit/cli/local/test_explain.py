"""``explain``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from server_certificate.rules.registry import RULES
from support.command import run

if TYPE_CHECKING:
    from support.screens import Screens


def test_every_rule_is_explained_in_its_own_words() -> None:
    """Each rule's reason, fix and source are printed, without Markdown."""
    out = " ".join(run("explain", *RULES).out.split()).replace("*", "")
    assert "`" not in out
    for rule in RULES.values():
        for text in (rule.why, rule.fix, rule.source, rule.acknowledged or "Not possible"):
            assert " ".join(text.replace("`", "").replace("*", "").split()) in out, rule.code


def test_all_codes_are_listed() -> None:
    """Without a code, each code is on a line of its own, with its severity."""
    ended = run("explain")
    assert ended.code == 0
    listed = [line.split()[0::2] for line in ended.lines[: len(RULES)]]
    assert listed == [[code, rule.severity.value] for code, rule in RULES.items()]


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        ("certificate-expire", "Did you mean 'certificate-expired'?"),
        ("chain_order", "Did you mean 'chain-order'?"),
        ("", "To list all codes, run: server-certificate explain"),
        ("www.pem", "To list all codes, run: server-certificate explain"),
    ],
)
def test_unknown_code(code: str, answer: str) -> None:
    """An unknown code is an error that names similar ones, or how to list them."""
    ended = run("explain", code)
    assert (ended.code, ended.out) == (2, "")
    assert f"There is no finding '{code}'. {answer}" in ended.err


def test_examples_of_the_help_work() -> None:
    """The examples in the help have codes that exist."""
    program = "server-certificate explain "
    examples = [line for line in run("explain", "--help").lines if line.startswith(program)]
    assert len(examples) == 2
    for example in examples:
        assert run("explain", *example.removeprefix(program).split()).code == 0, example


def test_json() -> None:
    """The JSON has the fields of the rule; what happens if it can't be ignored is null."""
    ended = run("explain", "chain-order", "CERTIFICATE-EXPIRED", "--json")
    assert [rule["code"] for rule in ended.json["rules"]] == ["chain-order", "certificate-expired"]
    assert [rule["ignored"] is None for rule in ended.json["rules"]] == [False, True]
    assert len(run("explain", "--json").json["rules"]) == len(RULES)


def test_screens(screens: Screens) -> None:
    """An explanation fits the terminal."""
    screens.compare("explain", "explain", "chain-order", "certificate-expired")
