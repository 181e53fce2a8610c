"""Findings as data."""

from __future__ import annotations

import pytest

from server_certificate.findings import Finding, Severity, errors, in_order, listed

ERROR = Finding.error("e", "chain[1]", "it is wrong.", "Mend it.")
FIXABLE = Finding.fixable("f", "chain", "it is odd.", "It is mended.")
WARNING = Finding.warning("w", "name", "it is old.", "Renew it.")
INFO = Finding(code="i", severity=Severity.INFO, subject="tags", message="it is.", fix="")


def test_text_form() -> None:
    """Subject, message and mend stand on one line."""
    assert str(ERROR) == "chain[1]: it is wrong. Mend it."
    assert str(INFO) == "tags: it is."


def test_order() -> None:
    """What weighs most comes first, and equals stay as they were."""
    other = Finding.error("a", "name", "it is wrong too.", "")
    given = (INFO, WARNING, ERROR, FIXABLE, other)
    assert in_order(given) == (ERROR, other, FIXABLE, WARNING, INFO)


def test_errors() -> None:
    """Only errors rule an upload out."""
    assert errors((INFO, ERROR, WARNING, FIXABLE)) == (ERROR,)


@pytest.mark.parametrize(
    ("characters", "text"), [({"/", " "}, "' ', '/'"), ({"\n"}, r"'\n'"), (set(), "")]
)
def test_lists_of_characters(characters: set[str], text: str) -> None:
    """Characters are quoted, in order, and escaped where nobody could see them."""
    assert listed(characters) == text
