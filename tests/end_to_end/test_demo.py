"""The demo, run the way a person runs it, to its end and interrupted."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dev import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import CheckOut

LONGEST_SECONDS = 300
COMMAND = (sys.executable, "-m", "dev.demo")


@dataclass(frozen=True)
class Run:
    """A demo that has ended."""

    exit_code: int
    output: str
    directory: Path
    """Its temporary directory and its home are in here."""

    def left_files(self) -> list[str]:
        """What it left in its temporary directory and its home."""
        return [str(path) for name in ("tmp", "home") for path in (self.directory / name).iterdir()]

    def left_processes(self) -> list[str]:
        """Processes that have its directory in their environment or command line."""
        if Path("/proc/self/environ").exists():
            return list(_processes_with(str(self.directory)))
        listing = subprocess.run(["/bin/ps", "-Awwo", "args="], capture_output=True, check=True)
        return [
            line for line in listing.stdout.decode().splitlines() if str(self.directory) in line
        ]


@pytest.fixture(scope="module")
def finished(check_out: CheckOut, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The demo, run to its end in a checkout of its own."""
    directory = tmp_path_factory.mktemp("finished")
    with _started(directory, checkout=check_out(directory / "checkout")) as process:
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
    """Its checkout has the files that it had, beside Python's own cache."""
    fresh, used = check_out(tmp_path / "fresh"), finished.directory / "checkout"
    files = {
        path.relative_to(used)
        for path in used.rglob("*")
        if path.parent.name != "__pycache__" and path.is_file()
    }
    assert files == {path.relative_to(fresh) for path in fresh.rglob("*") if path.is_file()}


@pytest.mark.end_to_end
def test_demo_fails_when_a_certificate_is_not_as_expected(
    check_out: CheckOut, tmp_path: Path
) -> None:
    """An app that tags otherwise is found out: exit code 1, what is wrong, and no further step."""
    checkout = check_out(tmp_path / "checkout")
    app = checkout / "app.py"
    changed = app.read_text().replace('Tags.of(stack).add("project"', 'Tags.of(stack).add("budget"')
    assert changed != app.read_text()
    app.write_text(changed)
    with _started(tmp_path, checkout=checkout) as process:
        output, _ = process.communicate(timeout=LONGEST_SECONDS)
    assert process.returncode == 1, output
    assert "WRONG: The tags are {" in output
    assert "not reached" in output
    assert output.endswith("Step 2 of 9, 'Create, with a load balancer', did not go as expected.\n")


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
    with _started(tmp_path) as process:
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


@contextmanager
def _started(directory: Path, *, checkout: Path = ROOT) -> Iterator[subprocess.Popen[str]]:
    """Start the demo with a temporary directory and a home of its own; end it if it still runs."""
    for name in ("tmp", "home"):
        (directory / name).mkdir()
    environment = os.environ | {
        "TMPDIR": str(directory / "tmp"),
        "HOME": str(directory / "home"),
        "PYTHONUNBUFFERED": "1",
    }
    with subprocess.Popen(
        COMMAND,
        cwd=checkout,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.terminate()


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


def _processes_with(marker: str) -> Iterator[str]:
    for process in Path("/proc").glob("[0-9]*"):
        try:
            environment = (process / "environ").read_bytes()
            command = (process / "cmdline").read_bytes()
        except OSError:
            continue
        if marker.encode() in environment + command:
            yield command.replace(b"\0", b" ").decode(errors="replace")
