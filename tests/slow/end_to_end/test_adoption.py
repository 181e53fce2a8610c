"""The procedures for adopting an existing certificate and for moving its construct."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dev.adoption.steps import STEPS
from support.demo_runs import LONGEST_SECONDS, Run, started

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.end_to_end
def test_what_was_there_before_is_never_deleted(tmp_path: Path) -> None:
    """After each step IAM has the expected certificates, and no file or process is left at the end."""
    with started(tmp_path, module="dev.adoption") as process:
        output, _ = process.communicate(timeout=2 * LONGEST_SECONDS)
    run = Run(process.returncode, output, tmp_path)
    assert run.exit_code == 0, run.output
    assert run.output.count("    IAM: ") == len(STEPS)
    assert run.output.splitlines()[-1] == "IAM held what it must after each step."
    assert run.left_files() == []
    assert run.left_processes() == []
