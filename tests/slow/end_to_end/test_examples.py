"""The examples, deployed the way ``make examples`` does."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from dev import ROOT
from dev.demo.examples.scenarios import ADOPTION, EXAMPLES, MIGRATION, SYNTHESIZED

if TYPE_CHECKING:
    from pathlib import Path

LONGEST_SECONDS = 1200


@pytest.mark.end_to_end
def test_examples_pass(tmp_path: Path) -> None:
    """Every example is in the table, each row is as expected, and nothing is left of the run."""
    for name in ("tmp", "home"):
        (tmp_path / name).mkdir()
    ended = subprocess.run(
        [sys.executable, "-m", "dev.demo.examples"],
        cwd=ROOT,
        env=os.environ | {"TMPDIR": str(tmp_path / "tmp"), "HOME": str(tmp_path / "home")},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=LONGEST_SECONDS,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout
    steps = "bootstrap|synth|deploy|renew|rename|destroy|end"
    rows = re.findall(rf"^│[^│]*│ ({steps}) +│", ended.stdout, re.MULTILINE)
    assert len(rows) == 2 + len(SYNTHESIZED) + 4 * len(EXAMPLES) + 2
    assert f"\nAll {len(rows)} rows are as expected, in " in ended.stdout
    assert "WRONG" not in ended.stdout
    assert [str(path) for name in ("tmp", "home") for path in (tmp_path / name).iterdir()] == []


def test_every_example_has_a_scenario() -> None:
    """A new example is deployed or synthesized by the run, too; other tests deploy two."""
    files = {path.stem for path in (ROOT / "examples").glob("*.py")}
    assert files == {ADOPTION, MIGRATION, *(each.file for each in (*EXAMPLES, *SYNTHESIZED))}
