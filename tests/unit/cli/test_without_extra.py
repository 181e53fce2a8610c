"""The command without what its extra brings: one sentence says what to install."""

from __future__ import annotations

import subprocess
import sys

import pytest

ARGUMENTS = ("check", "--certificate", "certificate.pem")


def run_without(*modules: str) -> subprocess.CompletedProcess[str]:
    """Run the command where Python finds no such modules."""
    program = (
        f"import sys; sys.modules.update(dict.fromkeys({modules}))\n"
        "from server_certificate_cli.__main__ import main; main()"
    )
    return subprocess.run(
        [sys.executable, "-c", program, *ARGUMENTS], check=False, capture_output=True, text=True
    )


@pytest.mark.parametrize(
    ("modules", "missing"),
    [
        (("click", "rich", "boto3"), "click, rich and boto3, which are not installed"),
        (("rich", "boto3"), "rich and boto3, which are not installed"),
        (("boto3",), "boto3, which is not installed"),
    ],
    ids=len,
)
def test_what_to_install_is_told(modules: tuple[str, ...], missing: str) -> None:
    """Whatever is missing is named, with the extra that brings it; a part is no better than nothing."""
    result = run_without(*modules)
    assert result.stderr == (
        f'Error: server-certificate needs {missing}; run pip install "iam-server-certificate[cli]".\n'
    )
    assert result.stdout == ""
    assert result.returncode == 2


def test_module_runs_the_command() -> None:
    """With all of it, ``python -m server_certificate_cli`` is the command."""
    result = subprocess.run(
        [sys.executable, "-m", "server_certificate_cli", "--help"],
        check=True,
        capture_output=True,
        text=True,
    )
    assert result.stdout.startswith("Usage: server-certificate ")
