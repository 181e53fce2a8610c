"""The page on troubleshooting quotes messages that the code really has."""

from __future__ import annotations

import ast
import re
from functools import cache
from typing import TYPE_CHECKING

import pytest

from dev import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PAGE = ROOT / "docs/guides/troubleshooting.md"
SOURCES = (
    "cli/server_certificate_cli",
    "constructs/cdk_iam_server_certificate",
    "lambda/server_certificate",
    "lambda/server_certificate_handler",
)
pytestmark = pytest.mark.checkout


def quoted() -> list[str]:
    """Return the messages that the page quotes: headings that are code."""
    return re.findall(r"^### `(.+)`$", PAGE.read_text("utf-8"), re.MULTILINE)


@cache
def messages() -> tuple[str, ...]:
    """Return all texts of the code that ships, with `…` where a value is inserted."""
    files = (
        path
        for source in SOURCES
        for path in (ROOT / source).rglob("*.py")
        if "_function" not in path.parts
    )
    return tuple(text for path in files for text in _texts(path))


def _texts(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield re.sub(r"\{\w*\}", "…", node.value)
        elif isinstance(node, ast.JoinedStr):
            parts = (part.value if isinstance(part, ast.Constant) else "…" for part in node.values)
            yield "".join(map(str, parts))


@pytest.mark.parametrize("message", quoted())
def test_every_message_is_in_the_code(message: str) -> None:
    """A text of the code contains the quoted message; `…` stands for anything in a sentence."""
    pattern = re.compile(".*".join(map(re.escape, message.split("…"))), re.DOTALL)
    assert any(pattern.search(text) for text in messages())


def test_messages_are_quoted_at_all() -> None:
    """The page quotes messages, in headings that can be linked to."""
    assert len(quoted()) > 15
