"""A Python that is too old, where no pip has refused it: it is told what is needed."""

from __future__ import annotations

import ast
import itertools
import os
import subprocess
import sys
from pathlib import Path

import pytest

from dev import ROOT
from dev.tools.pythons import python_of

PACKAGES = {"cdk_iam_server_certificate": "constructs", "server_certificate_cli": "cli"}
DISTRIBUTIONS = {
    "cdk_iam_server_certificate": "cdk-iam-server-certificate",
    "server_certificate_cli": "iam-server-certificate",
}
SENTENCE = (
    "ImportError: {} needs Python 3.11 or later; this is {}. Make a virtual"
    " environment of a newer one (python3.14 -m venv .venv), and install it in there."
)


def last_line(python: Path, *arguments: str) -> str:
    """Run an old Python with our source roots on its path, and return what it says at last."""
    path = os.pathsep.join(str(ROOT / folder) for folder in ("cli", "constructs", "lambda"))
    result = subprocess.run(
        [python, *arguments],
        check=False,
        capture_output=True,
        text=True,
        env={"PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert result.returncode == 1
    return result.stderr.splitlines()[-1]


@pytest.mark.parametrize("package", PACKAGES)
@pytest.mark.parametrize("version", ["3.8", "3.9", "3.10"])
def test_old_python_is_told_what_is_needed(package: str, version: str) -> None:
    """Its first import fails with one sentence."""
    python = python_of(version)
    if python is None:
        pytest.skip(f"there is no Python {version} on this machine")
    numbers = subprocess.run(
        [python, "-c", "import platform; print(platform.python_version())"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    assert last_line(python, "-c", f"import {package}") == SENTENCE.format(
        DISTRIBUTIONS[package], numbers
    )


@pytest.mark.parametrize("package", PACKAGES)
def test_python_that_says_it_is_old_is_told_what_is_needed(package: str) -> None:
    """The same on any machine, by a Python that pretends."""
    program = f"import sys; sys.version_info = (3, 9, 18, 'final', 0); import {package}"
    assert last_line(Path(sys.executable), "-c", program) == SENTENCE.format(
        DISTRIBUTIONS[package], "3.9.18"
    )


@pytest.mark.parametrize("package", PACKAGES)
def test_sentence_can_be_read_by_old_pythons(package: str) -> None:
    """The file has the syntax of Python 3.7, and nothing that is not there is imported before."""
    source = (ROOT / PACKAGES[package] / package / "__init__.py").read_text("utf-8")
    _docstring, *statements = ast.parse(source, feature_version=(3, 7)).body
    before = itertools.takewhile(lambda each: not isinstance(each, ast.If), statements)
    assert {ast.unparse(each) for each in before} <= {
        "import sys",
        "from importlib.util import find_spec",
        "from typing import TYPE_CHECKING",
    }
