"""The demo that finds something wrong, and the demo that is interrupted."""

from __future__ import annotations

import signal
import threading
from typing import TYPE_CHECKING

import pytest

from support.demo_runs import LONGEST_SECONDS, Run, started

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

    from support.projects import CheckOut


@pytest.mark.end_to_end
def test_demo_fails_when_a_certificate_is_not_as_expected(
    check_out: CheckOut, tmp_path: Path
) -> None:
    """An app with other tags is an error: exit code 1, what is wrong, and no further step."""
    checkout = check_out(tmp_path / "checkout")
    app = checkout / "app.py"
    changed = app.read_text().replace('Tags.of(stack).add("project"', 'Tags.of(stack).add("budget"')
    assert changed != app.read_text()
    app.write_text(changed)
    with started(tmp_path, checkout=checkout) as process:
        output, _ = process.communicate(timeout=LONGEST_SECONDS)
    assert process.returncode == 1, output
    assert "WRONG: The tags are {" in output
    assert "not reached" in output
    assert output.endswith(
        "Step 2 of 10, 'Create, with a load balancer', did not go as expected.\n"
    )


@pytest.mark.end_to_end
@pytest.mark.parametrize(
    ("number", "moment", "exit_code"),
    [
        pytest.param(signal.SIGINT, "Certificates |", 130, id="SIGINT while it deploys"),
        pytest.param(signal.SIGTERM, "Bootstrapping", 143, id="SIGTERM while it bootstraps"),
        pytest.param(signal.SIGTERM, None, 143, id="SIGTERM while the cloud starts"),
    ],
)
def test_interrupted_demo_leaves_nothing(
    number: signal.Signals, moment: str | None, exit_code: int, tmp_path: Path
) -> None:
    """It says in one line that it stopped, with the signal's exit code, and cleans up."""
    with started(tmp_path) as process:
        printed = _wait_for(process, tmp_path, moment)
        process.send_signal(number)
        # Impatience must not interrupt the cleaning-up.
        process.send_signal(number)
        rest, _ = process.communicate(timeout=60)
    run = Run(process.returncode, printed + rest, tmp_path)
    assert run.exit_code == exit_code, run.output
    assert run.output.splitlines()[-1].startswith(f"Stopped by {number.name};")
    assert "Traceback" not in run.output
    assert run.left_files() == []
    assert run.left_processes() == []


def _wait_for(process: subprocess.Popen[str], directory: Path, moment: str | None) -> str:
    """Read until the demo is at work, then wait until the CDK CLI has said something."""
    assert process.stdout is not None
    printed = process.stdout.readline()
    never = threading.Event()
    while moment is not None and process.poll() is None:
        said = [log.read_text(errors="replace") for log in directory.glob("tmp/*/cli.log")]
        if any(moment in text for text in said):
            break
        never.wait(0.05)
    return printed
