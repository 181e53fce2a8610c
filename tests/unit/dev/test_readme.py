"""The README is a front page: short, with a picture, and with an app that can be copied."""

from __future__ import annotations

import re

import pytest

from dev import ROOT

README = ROOT / "README.md"


@pytest.fixture(scope="module")
def text() -> str:
    """The README."""
    return README.read_text("utf-8")


def test_it_is_short(text: str) -> None:
    """It has at most 120 lines; everything else is in the documentation."""
    assert len(text.splitlines()) <= 120


def test_it_begins_with_a_sentence_and_a_picture(text: str) -> None:
    """What the project is comes first, then the picture, then the first heading."""
    title, definition, picture, heading = text.split("\n\n")[:4]
    assert title == "# cdk-iam-server-certificate"
    assert definition.startswith("An AWS CDK construct")
    shown = re.fullmatch(r"!\[.+\]\((.+)\)", picture)
    assert shown
    assert (ROOT / shown[1]).is_file()
    assert heading == "## Install"


def test_ten_lines_are_ten_lines(text: str) -> None:
    """The app that it promises in ten lines has ten, its imports included."""
    (app,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert len([line for line in app.splitlines() if line]) == 10
    compile(app, "app.py", "exec")
