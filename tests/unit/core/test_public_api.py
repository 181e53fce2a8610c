"""The public API of `server_certificate`, for use in other projects' tests."""

from __future__ import annotations

import ast
import subprocess
import sys
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import server_certificate
from dev.certificates.authority import Authority

if TYPE_CHECKING:
    from collections.abc import Iterator


def imported_for_type_checkers() -> Iterator[tuple[str, str]]:
    """Yield each name that the package imports for type checkers, with its module."""
    source = Path(str(server_certificate.__file__)).read_text("utf-8")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and str(node.module).startswith("server_certificate."):
            yield from ((alias.name, str(node.module)) for alias in node.names)


def test_names_are_what_type_checkers_see() -> None:
    """Type checkers see exactly the public names, each from its module."""
    typed = dict(imported_for_type_checkers())
    assert [*server_certificate.__all__] == sorted(typed)
    for name, module in typed.items():
        assert getattr(server_certificate, name) is getattr(import_module(module), name), name


@pytest.mark.parametrize("name", server_certificate.__all__)
def test_each_name_is_documented(name: str) -> None:
    """Each public name has a docstring."""
    assert getattr(server_certificate, name).__doc__
    assert name in dir(server_certificate)


def test_unknown_name_is_none() -> None:
    """A misspelled name raises Python's usual error."""
    with pytest.raises(AttributeError, match="'server_certificate' has no attribute 'asess'"):
        _ = server_certificate.asess  # type: ignore[attr-defined]


def test_importing_it_loads_nothing() -> None:
    """Importing the package loads neither cryptography nor any of its own modules."""
    program = "import sys, server_certificate; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    ).stdout.split()
    assert "cryptography" not in loaded
    assert [each for each in loaded if each.startswith("server_certificate.")] == []


def test_docstring_shows_what_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The example of the docstring runs as it is."""
    leaf = Authority.root(at=datetime.now(UTC)).intermediate().leaf("www.example.com")
    (tmp_path / "fullchain.pem").write_text(leaf.fullchain_pem())
    monkeypatch.chdir(tmp_path)
    lines = str(server_certificate.__doc__).splitlines()
    example = "\n".join(line[4:] for line in lines if line.startswith("    ") or not line)
    assert example.count("assess(") == 1
    exec(example, {})  # noqa: S102 - our own
