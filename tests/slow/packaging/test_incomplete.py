"""Installations that lack something: each is told in one sentence what to do."""

from __future__ import annotations

import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from dev import ROOT
from dev.tools.distributions import COMMAND, DISTRIBUTIONS
from dev.tools.pythons import python_of

if TYPE_CHECKING:
    from pathlib import Path

    from dev.tools.distributions import Distribution

PAGE = " ".join((ROOT / "docs/install.md").read_text("utf-8").split())
"""What readers are told, in one line."""

WITHOUT_EXTRA = (
    "server-certificate needs click, rich and boto3, which are not installed; run"
    ' pip install "iam-server-certificate[cli]".'
)
WITHOUT_CDK = (
    "cdk-iam-server-certificate needs aws-cdk-lib, which is not installed; run"
    " pip install cdk-iam-server-certificate, without --no-deps."
)


def run(*command: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a command, whatever it ends with."""
    return subprocess.run(command, check=False, cwd=cwd, capture_output=True, text=True, env={})


def pip(
    *arguments: str | Path, cwd: Path, python: str | Path = sys.executable
) -> subprocess.CompletedProcess[str]:
    """Let pip say what it would install, without asking any index."""
    options = ("--dry-run", "--no-index", "--disable-pip-version-check")
    return run(python, "-m", "pip", "install", *options, *arguments, cwd=cwd)


@pytest.fixture(scope="module")
def bare(wheels: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment with the wheels, and with nothing that they require."""
    environment = tmp_path_factory.mktemp("bare") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    python = environment / "bin/python"
    command = [sys.executable, "-m", "pip", "--python", python, "install", "--no-deps"]
    subprocess.run([*command, "--no-index", *wheels], check=True, capture_output=True)
    return python


def test_command_without_its_extra(bare: Path, tmp_path: Path) -> None:
    """It says what to install, and ends as wrong usage does."""
    for command in ([bare.parent / "server-certificate"], [bare, "-m", "server_certificate_cli"]):
        result = run(*command, "check", cwd=tmp_path)
        assert result.returncode == 2
        assert result.stderr == f"Error: {WITHOUT_EXTRA}\n"
    assert WITHOUT_EXTRA in PAGE


def test_construct_without_the_cdk(bare: Path, tmp_path: Path) -> None:
    """What its import ends with is what is missing."""
    result = run(bare, "-c", "import cdk_iam_server_certificate", cwd=tmp_path)
    assert result.returncode == 1
    assert result.stderr.splitlines()[-1] == f"ModuleNotFoundError: {WITHOUT_CDK}"
    assert WITHOUT_CDK in PAGE


def test_wrong_extra_is_told_by_pip(wheels: list[Path], tmp_path: Path) -> None:
    """Pip installs what it knows, and warns of an extra that there isn't."""
    wheel = wheels[DISTRIBUTIONS.index(COMMAND)]
    assert f'pip install "dist/{wheel.name}[cli]"' in PAGE
    result = pip(f"{wheel}[clli]", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    warning = "iam-server-certificate 0.1.0 does not provide the extra 'clli'"
    assert warning in result.stderr
    assert warning in PAGE
    assert "does not provide" not in pip(f"{wheel}[cli]", cwd=tmp_path).stderr


@pytest.mark.parametrize("distribution", DISTRIBUTIONS, ids=lambda each: each.name)
def test_old_python_is_refused_by_pip(
    distribution: Distribution, wheels: list[Path], tmp_path: Path
) -> None:
    """An old Python's pip compares its version with the one that is needed, and installs nothing."""
    python = python_of("3.10")
    if python is None:
        pytest.skip("there is no Python 3.10 on this machine")
    wheel = wheels[DISTRIBUTIONS.index(distribution)]
    result = pip("--no-deps", wheel, python=python, cwd=tmp_path)
    assert result.returncode == 1
    refusal = "requires a different Python"
    assert re.search(f"Package '{distribution.name}' {refusal}: .* not in '>=3.11'", result.stderr)
    assert f"`{refusal}`" in PAGE
