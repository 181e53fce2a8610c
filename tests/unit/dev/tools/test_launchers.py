"""The checkout's `cdk` runs with its own Node and the caller's Python."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

APP = """
import json, os, pathlib, sys
found = {"prefix": sys.prefix, "node": os.environ["JSII_NODE"]}
pathlib.Path("found.json").write_text(json.dumps(found))
"""


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment of another project."""
    folder = tmp_path_factory.mktemp("another project") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    return folder


def run_app(folder: Path, **variables: str) -> dict[str, str]:
    """Run an app as `cdk init` declares it with the checkout's `cdk`, and return what the app found."""
    (folder / "app.py").write_text(APP)
    (folder / "cdk.json").write_text(json.dumps({"app": "python3 app.py"}))
    (folder / "found.json").unlink(missing_ok=True)
    cdk = shutil.which("cdk")
    assert cdk is not None
    result = subprocess.run(
        [cdk, "synth", "--no-notices"],
        check=False,  # The app synthesizes nothing.
        cwd=folder,
        env={**os.environ, "HOME": str(folder), "CDK_DISABLE_CLI_TELEMETRY": "true", **variables},
        capture_output=True,
        text=True,
    )
    found = folder / "found.json"
    assert found.is_file(), result.stdout + result.stderr
    answer: dict[str, str] = json.loads(found.read_text())
    return answer


def test_app_runs_under_the_activated_environment(environment: Path, tmp_path: Path) -> None:
    """The app runs with the caller's `python3`, although the command is the checkout's."""
    path = os.pathsep.join((str(environment / "bin"), os.environ["PATH"]))
    found = run_app(tmp_path, PATH=path)
    assert found["prefix"] == str(environment)


def test_jsii_runs_under_the_node_of_the_checkout(environment: Path, tmp_path: Path) -> None:
    """No Node needs to be installed, and the caller can choose another one."""
    path = os.pathsep.join((str(environment / "bin"), os.environ["PATH"]))
    found = run_app(tmp_path, PATH=path)
    node = subprocess.run([found["node"], "--version"], check=True, capture_output=True, text=True)
    assert node.stdout.startswith("v")
    assert Path(found["node"]).parent == Path(str(shutil.which("cdk"))).parent
    assert run_app(tmp_path, PATH=path, JSII_NODE="mine")["node"] == "mine"


def test_without_a_python_it_is_that_of_the_checkout(tmp_path: Path) -> None:
    """If the caller has no Python, the command uses the checkout's."""
    commands = tmp_path / "commands"
    commands.mkdir()
    for name in ("sh", "dirname"):
        (commands / name).symlink_to(str(shutil.which(name)))
    found = run_app(tmp_path, PATH=str(commands))
    assert found["prefix"] == sys.prefix
