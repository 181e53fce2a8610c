"""Each incomplete installation reports, in one sentence, what to do."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from dev import ROOT
from dev.tools.distributions import COMMAND, DISTRIBUTIONS, version
from dev.tools.pythons import python_of

if TYPE_CHECKING:
    from pathlib import Path

    from dev.tools.distributions import Distribution

PAGE = " ".join((ROOT / "docs/install.md").read_text("utf-8").split())
"""The text of the page, as one line."""

WITHOUT_EXTRA = (
    "server-certificate needs click, rich and boto3, which are not installed; run"
    ' pip install "iam-server-certificate[cli]".'
)
WITHOUT_CDK = (
    "cdk-iam-server-certificate needs aws-cdk-lib, which is not installed; run"
    " pip install cdk-iam-server-certificate, without --no-deps."
)


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a command, and accept any exit code."""
    return subprocess.run(command, check=False, cwd=cwd, capture_output=True, text=True, env={})


def pip(
    *arguments: str | Path, cwd: Path, python: str | Path = sys.executable
) -> subprocess.CompletedProcess[str]:
    """Have pip report what it would install, without an index."""
    options = ("--dry-run", "--no-index", "--disable-pip-version-check")
    return run(python, "-m", "pip", "install", *options, *arguments, cwd=cwd)


@pytest.fixture(scope="module")
def bare(wheels: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment that contains the wheels, but none of their requirements."""
    environment = tmp_path_factory.mktemp("bare") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    python = environment / "bin/python"
    command = [sys.executable, "-m", "pip", "--python", python, "install", "--no-deps"]
    subprocess.run([*command, "--no-index", *wheels], check=True, capture_output=True)
    return python


def test_command_without_its_extra(bare: Path, tmp_path: Path) -> None:
    """The command reports what to install, and exits with 2."""
    for command in ([bare.parent / "server-certificate"], [bare, "-m", "server_certificate_cli"]):
        result = run(*command, "check", cwd=tmp_path)
        assert result.returncode == 2
        assert result.stderr == f"Error: {WITHOUT_EXTRA}\n"
    assert WITHOUT_EXTRA in PAGE


def test_construct_without_the_cdk(bare: Path, tmp_path: Path) -> None:
    """The import fails with the name of the missing package."""
    result = run(bare, "-c", "import cdk_iam_server_certificate", cwd=tmp_path)
    assert result.returncode == 1
    assert result.stderr.splitlines()[-1] == f"ModuleNotFoundError: {WITHOUT_CDK}"
    assert WITHOUT_CDK in PAGE


def test_pip_warns_of_an_unknown_extra(wheels: list[Path], tmp_path: Path) -> None:
    """Pip installs the package, and warns that the extra doesn't exist."""
    wheel = wheels[DISTRIBUTIONS.index(COMMAND)]
    assert f'pip install "dist/{wheel.name}[cli]"' in PAGE
    result = pip(f"{wheel}[clli]", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    warning = f"iam-server-certificate {version()} does not provide the extra 'clli'"
    assert warning in result.stderr
    assert warning in PAGE
    assert "does not provide" not in pip(f"{wheel}[cli]", cwd=tmp_path).stderr


@pytest.mark.parametrize("distribution", DISTRIBUTIONS, ids=lambda each: each.name)
def test_old_python_is_refused_by_pip(
    distribution: Distribution, wheels: list[Path], tmp_path: Path
) -> None:
    """The pip of an old Python compares its version with the required one, and installs nothing."""
    python = python_of("3.10")
    if python is None:
        pytest.skip("there is no Python 3.10 on this machine")
    wheel = wheels[DISTRIBUTIONS.index(distribution)]
    result = pip("--no-deps", wheel, python=python, cwd=tmp_path)
    assert result.returncode == 1
    refusal = "requires a different Python"
    assert re.search(f"Package '{distribution.name}' {refusal}: .* not in '>=3.11'", result.stderr)
    assert f"`{refusal}`" in PAGE
