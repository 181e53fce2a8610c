"""Folders to measure in are empty, each is another, and they go with the process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from dev import ROOT

MAKE = """
from dev.benchmarks.folders import new_folder
for folder in (new_folder(), new_folder()):
    (folder / "file").write_text("x")
    print(folder)
"""


def test_folders_go_with_the_process() -> None:
    """Two were made, and nothing is left."""
    made = subprocess.run(
        [sys.executable, "-c", MAKE], check=True, capture_output=True, text=True, cwd=ROOT
    )
    first, second = map(Path, made.stdout.splitlines())
    assert first != second
    assert first.parent == second.parent
    assert not first.parent.exists()
