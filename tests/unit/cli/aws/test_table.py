"""Long cells are broken where a person would break them."""

from __future__ import annotations

import pytest
from rich.text import Text

from server_certificate_cli.aws.table import fold

ARN = "arn:aws:cloudformation:eu-central-1:111122223333:stack/web/0a1b2c3d"
NAME = "web-Certificate-1A2B3C4D-eu-central-1-0123456789abcdef"


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("", 20, [""]),
        ("one two", 20, ["one two"]),
        ("its stack web was deleted", 20, ["its stack web was", "deleted"]),
        ("exactly twenty chars", 20, ["exactly twenty chars"]),
        (
            f"tag = {ARN}",
            40,
            ["tag =", "arn:aws:cloudformation:eu-central-1:", "111122223333:stack/web/0a1b2c3d"],
        ),
        (NAME, 40, ["web-Certificate-1A2B3C4D-eu-central-1-", "0123456789abcdef"]),
        ("x" * 45, 20, ["x" * 20, "x" * 20, "x" * 5]),
        ("narrower than possible", 1, ["narrower than", "possible"]),
    ],
)
def test_fold(text: str, width: int, lines: list[str]) -> None:
    """Lines break between words, then after / and :, then after -, and only then anywhere."""
    assert [line.plain for line in fold(Text(text), width)] == lines


@pytest.mark.parametrize("width", range(20, 70, 7))
def test_nothing_is_lost(width: int) -> None:
    """Folding keeps every character but the spaces at line ends, and every line fits."""
    text = f"its tag is {ARN}, and its name is {NAME} {'y' * 80}."
    lines = [line.plain for line in fold(Text(text), width)]
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert max(map(len, lines)) <= width
