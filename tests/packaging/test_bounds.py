"""The lowest versions that `pyproject.toml` allows: the construct works on them, too."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
TESTS = "tests/unit/construct"
BOUND = ("aws-cdk-lib", "constructs", "jsii", "cryptography")
"""What the construct imports."""

FORMER_NAG = "cdk-nag==2.37.55"
"""The last that takes the lowest versions."""

NEWER = {
    "test_examples.py": "examples are written for the CDK of today, with its mixins",
    "test_hint.py": "annotations that can be read back from Python",
}
"""Tests that use something of the CDK which is younger than the lowest version, and what it is."""

MIXINS = f"{TESTS}/test_cloudfront.py"
"""Some tests in here use mixins, which are younger as well; the others do without, as users can."""


def lower_bounds() -> dict[str, str]:
    """Return the lowest version of each package that the construct imports."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    found = (re.match(r"([\w.-]+)>=([\d.]+)", each) for each in project["dependencies"])
    bounds = {match[1]: match[2] for match in found if match}
    return {name: bounds[name] for name in BOUND}


def pinned(*packages: str) -> list[str]:
    """Return packages in the versions that are locked for development."""
    lock = (ROOT / "requirements/development.txt").read_text("utf-8")
    return re.findall(rf"^(?:{'|'.join(packages)})==\S+", lock, re.MULTILINE)


def left_out() -> list[str]:
    """Return the tests that cannot pass on the lowest versions."""
    source = (ROOT / MIXINS).read_text("utf-8")
    functions = [each for each in ast.parse(source).body if isinstance(each, ast.FunctionDef)]
    mixing = [
        f"{MIXINS}::{each.name}"
        for each in functions
        if ".with_(" in (ast.get_source_segment(source, each) or "")
    ]
    return [*(f"{TESTS}/{name}" for name in NEWER), *mixing]


def test_bounds_are_below_what_is_locked() -> None:
    """The other end is what all other tests run on."""
    locked = dict(each.split("==") for each in pinned(*BOUND))

    def numbers(version: str) -> list[int]:
        return [int(part) for part in version.split(".")]

    for name, lowest in lower_bounds().items():
        assert numbers(lowest) <= numbers(locked[name]), name


@pytest.fixture(scope="module")
def python() -> Iterator[Path]:
    """The Python of an environment with the lowest versions; it is large, and doesn't stay."""
    lowest = [f"{name}=={version}" for name, version in lower_bounds().items()]
    tools = pinned("pytest", "pytest-timeout", "hypothesis")
    cache = {"PIP_CACHE_DIR": str(ROOT / ".venv/cache/pip"), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bin/python"
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
        subprocess.run(
            [
                *(sys.executable, "-m", "pip", "--python", path, "install", "--quiet"),
                *(*lowest, *tools, FORMER_NAG),
            ],
            check=True,
            env={**os.environ, **cache},
            timeout=300,
        )
        yield path


@pytest.mark.network
def test_construct_works_on_the_lowest_versions(python: Path) -> None:
    """The construct's own tests pass with the lowest version of each package that it imports."""
    deselected = [f"--deselect={test}" for test in left_out()]
    result = run(python, "-m", "pytest", "-q", "-p", "no:cacheprovider", *deselected, TESTS)
    sys.stdout.write(result.stdout)
    assert result.returncode == 0
    passed = re.search(r"(\d+) passed", result.stdout)
    assert passed
    assert int(passed[1]) > 100, "most of the tests have been left out"


@pytest.mark.network
def test_former_cdk_nag_understands_the_reasons(python: Path, tmp_path: Path) -> None:
    """cdk-nag 2 finds nothing that the template does not give a reason for."""
    result = run(python, "-m", "judged.former_nag", str(tmp_path))
    sys.stdout.write(result.stderr)
    assert result.returncode == 0
    assert set(result.stdout.splitlines()) == {
        "Suppressed AwsSolutions-IAM5",
        "Suppressed AwsSolutions-L1",
    }


def run(python: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a module of this checkout in another environment."""
    roots = (".", "cli", "constructs", "lambda", "tests")
    environment = {
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": os.pathsep.join(str(ROOT / root) for root in roots),
    }
    return subprocess.run(
        [python, *arguments],
        check=False,
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=300,
    )
