"""Every sentence that the function can answer with is in one table, as a person would read it."""

from __future__ import annotations

import ast
import os
from pathlib import Path
from typing import TYPE_CHECKING

import server_certificate_handler
from server_certificate import contract

if TYPE_CHECKING:
    from collections.abc import Iterator

TABLE = Path(__file__).with_name("reasons.txt")
FEWEST_WORDS = 4
PACKAGES = (Path(server_certificate_handler.__file__).parent, Path(contract.__file__).parent)


def shown(part: ast.expr) -> str:
    """Return a part of an f-string: its text, or its expression in braces."""
    if isinstance(part, ast.FormattedValue):
        return f"{{{ast.unparse(part.value)}}}"
    return str(part.value) if isinstance(part, ast.Constant) else ""


def sentences(tree: ast.AST) -> Iterator[str]:
    """Yield the texts of a module that a person reads, with the expressions that they contain."""
    described = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    logged = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("log.")
        for inner in ast.walk(node)
    }
    parts = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        for part in node.values
    }
    for node in ast.walk(tree):
        if id(node) in described | logged | parts:
            continue
        if isinstance(node, ast.JoinedStr):
            text = "".join(map(shown, node.values))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            text = node.value
        else:
            continue
        if len(text.split()) >= FEWEST_WORDS:
            yield text


def test_table_has_every_reason() -> None:
    """A reason that is added or changed must be read in the table (UPDATE_REASONS=1 writes it)."""
    lines: list[str] = []
    for package in PACKAGES:
        for module in sorted(package.rglob("*.py")):
            if found := list(sentences(ast.parse(module.read_text("utf-8")))):
                lines += [f"# {module.relative_to(package.parent).as_posix()}", *found, ""]
    if os.environ.get("UPDATE_REASONS"):
        TABLE.write_text("\n".join(lines), "utf-8")
    assert TABLE.read_text("utf-8").split("\n") == lines
