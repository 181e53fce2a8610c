"""The tutorial, followed from an empty folder with the wheels alone, against the local cloud."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

from dev import ROOT
from dev.demo.cdk_cli import TOOLS
from local_cloud import LocalCloud
from support.code_blocks import page
from support.consoles import matches

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE: Final = ROOT / "docs/tutorial.md"
RUN_HERE: Final = "by tests/slow/docs/test_tutorial.py"
LONGEST_SECONDS: Final = 1200


@dataclass(frozen=True)
class Step:
    """Commands of the page, and what it says that they print."""

    commands: str
    printed: str | None = None


def steps() -> list[Step]:
    """Return what the page tells the reader to do, in its order; a file is written by commands, too."""
    found: list[Step] = []
    for block in page(PAGE).blocks:
        if file := block.marks.get("file"):
            found.append(Step(f"cat > {file} <<'END'\n{block.text}END\n"))
        elif block.marks.get("run") == RUN_HERE and block.language == "sh":
            found.append(Step(block.text))
        elif block.marks.get("run") == RUN_HERE:
            found[-1] = Step(found[-1].commands, block.text)
    return found


def script(work: Path) -> str:
    """Return the steps as one script for one shell, which writes the output of each into a file."""
    grouped = [
        f"{{\n{step.commands}}} > {work}/{number}.out 2>&1\n" for number, step in enumerate(steps())
    ]
    return "set -euo pipefail\n" + "".join(grouped)


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCloud]:
    """An empty local cloud."""
    with LocalCloud.running(directory=tmp_path_factory.mktemp("cloud")) as running:
        yield running


@pytest.fixture(scope="module")
def work(cloud: LocalCloud, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which the tutorial was followed to its end, with the output of each step."""
    folder = tmp_path_factory.mktemp("work")
    for name in ("home", "tmp"):
        (folder / name).mkdir()
    checkout = _checkout(folder / "checkout")
    inherited = cloud.environment()
    for name in ("CDK_VALIDATION", "PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "VIRTUAL_ENV"):
        inherited.pop(name, None)
    ended = subprocess.run(
        ["/bin/bash", "-c", script(folder)],
        cwd=folder,
        env=inherited
        | {
            "CDK_DISABLE_CLI_TELEMETRY": "true",
            "CHECKOUT": str(checkout),
            "HOME": str(folder / "home"),
            "PATH": os.pathsep.join((str(_python(folder / "python")), "/usr/bin", "/bin")),
            "PIP_CACHE_DIR": str(ROOT / ".venv/cache/pip"),
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            # A module that is compiled afterwards was imported.
            "PIP_COMPILE": "0",
            "TMPDIR": str(folder / "tmp"),
        },
        check=False,
        timeout=LONGEST_SECONDS,
    )
    last = max(folder.glob("*.out"), key=lambda path: int(path.stem))
    assert ended.returncode == 0, f"{steps()[int(last.stem)].commands}\n{last.read_text()}"
    return folder


pytestmark = [
    pytest.mark.checkout,
    pytest.mark.end_to_end,
    pytest.mark.network,
    pytest.mark.timeout(LONGEST_SECONDS + 60),
    pytest.mark.xdist_group("tutorial"),
]


def test_every_block_is_run_or_says_why_not() -> None:
    """No block of the page escapes: each is marked, and what isn't run says why."""
    marks = [block.marks for block in page(PAGE).blocks]
    assert {mark for each in marks for mark in each} == {"run", "file", "skip"}
    assert all(marks)
    assert {each["run"] for each in marks if "run" in each} == {RUN_HERE}


@pytest.mark.parametrize(
    "number", [number for number, step in enumerate(steps()) if step.printed is not None]
)
def test_output_is_what_the_page_says(work: Path, number: int) -> None:
    """Each step prints what the page shows."""
    output = (work / f"{number}.out").read_text("utf-8")
    step = steps()[number]
    assert step.printed is not None
    assert matches(step.printed, output), f"{step.commands}\n{output}"


def test_the_app_ran_with_the_wheels(work: Path) -> None:
    """The app imported the construct from the reader's environment, not from the checkout."""
    (package,) = (work / "tutorial/.venv").glob("lib/*/site-packages/cdk_iam_server_certificate")
    assert (package / "__pycache__").is_dir()


def test_one_upload_for_each_deployment_and_nothing_left(work: Path, cloud: LocalCloud) -> None:
    """The certificate was uploaded, renewed and deleted, and IAM is empty."""
    del work
    calls = cloud.calls("function")
    assert calls["UploadServerCertificate"] == 2
    assert calls["DeleteServerCertificate"] == 2
    held = cloud.client("iam").list_server_certificates()
    assert held["ServerCertificateMetadataList"] == []


def _checkout(folder: Path) -> Path:
    """Lay out what the reader takes from a checkout: the wheels, and the tools that `make` sets up."""
    command = [sys.executable, "-m", "dev.tools.wheels", "--directory", folder / "dist"]
    subprocess.run(command, check=True, cwd=ROOT, capture_output=True)
    tools = folder / ".venv/bin"
    tools.mkdir(parents=True)
    started = {
        "aws": TOOLS / "aws",
        "cdk": f"{TOOLS / 'node'} {TOOLS.parent / 'cdk-cli/node_modules/aws-cdk/bin/cdk'}",
        "node": TOOLS / "node",
    }
    for name, command_line in started.items():
        (tools / name).write_text(f'#!/bin/sh\nexec {command_line} "$@"\n')
        (tools / name).chmod(0o755)
    return folder


def _python(folder: Path) -> Path:
    """Return a folder with the Python that a machine would have."""
    folder.mkdir()
    (folder / "python3").symlink_to(Path(sys.base_prefix, "bin/python3").resolve())
    return folder
