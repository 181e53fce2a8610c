"""The demo, run the way a person runs it, to its end."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from dev import ROOT
from support.demo_runs import LONGEST_SECONDS, Run, started

if TYPE_CHECKING:
    from pathlib import Path

    from support.projects import CheckOut


@pytest.fixture(scope="module")
def finished(check_out: CheckOut, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The demo, run to its end in a checkout of its own."""
    directory = tmp_path_factory.mktemp("finished")
    with started(directory, checkout=check_out(directory / "checkout")) as process:
        output, _ = process.communicate(timeout=LONGEST_SECONDS)
    return Run(process.returncode, output, directory)


@pytest.mark.end_to_end
def test_demo_passes(finished: Run) -> None:
    """Every step is in the table, and each went as expected."""
    assert finished.exit_code == 0, finished.output
    rows = len(re.findall(r"│ \d+\. ", finished.output))
    assert rows == len(re.findall(r"│ as expected +│", finished.output)) > 1
    assert f"\nAll {rows} steps went as expected, in " in finished.output
    assert "WRONG" not in finished.output


@pytest.mark.end_to_end
def test_demo_leaves_nothing(finished: Run) -> None:
    """Neither a file in its temporary directory or home, nor a process."""
    assert finished.left_files() == []
    assert finished.left_processes() == []


@pytest.mark.end_to_end
def test_demo_writes_nothing_into_the_checkout(
    finished: Run, check_out: CheckOut, tmp_path: Path
) -> None:
    """Its checkout has the files that it had, plus Python's own cache."""
    fresh, used = check_out(tmp_path / "fresh"), finished.directory / "checkout"
    files = {
        path.relative_to(used)
        for path in used.rglob("*")
        if path.parent.name != "__pycache__" and path.is_file()
    }
    assert files == {path.relative_to(fresh) for path in fresh.rglob("*") if path.is_file()}


def test_missing_tools_are_named(tmp_path: Path) -> None:
    """Without the CDK CLI and Node one sentence says how to get them."""
    python = tmp_path / "venv/bin/python"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    ended = subprocess.run(
        [python, "-m", "dev.demo"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 2
    assert ended.stderr == "The demo needs cdk and node: run 'make setup', then 'make demo'.\n"


def test_missing_packages_are_named(tmp_path: Path) -> None:
    """Without the locked packages one sentence says how to get them."""
    python = tmp_path / "venv/bin/python"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True)
    ended = subprocess.run(
        [python, "-m", "dev.demo"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 2
    assert re.fullmatch(
        r"The demo needs the Python package \w+: run 'make setup', then 'make demo'\.\n",
        ended.stderr,
    )
