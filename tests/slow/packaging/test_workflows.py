"""The workflows of GitHub Actions: safe, and made of this repository's own commands."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from dev import ROOT
from dev.tools.tiers import TIERS

if TYPE_CHECKING:
    from pathlib import Path

WORKFLOWS = ROOT / ".github/workflows"
(LINT,) = (part.command for part in TIERS["test"] if part.name == "workflows")


def workflow(name: str) -> dict[str, Any]:
    """Read a workflow."""
    content: dict[str, Any] = yaml.safe_load((WORKFLOWS / f"{name}.yml").read_text("utf-8"))
    return content


def jobs(name: str) -> dict[str, Any]:
    """Return the jobs of a workflow by their ids."""
    found: dict[str, Any] = workflow(name)["jobs"]
    return found


def commands(job: dict[str, Any]) -> list[str]:
    """Return the shell commands of a job."""
    return [step["run"] for step in job["steps"] if "run" in step]


def actions(job: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the inputs of each action of a job, by the action's name without its version."""
    return {
        step["uses"].partition("@")[0]: step.get("with", {})
        for step in job["steps"]
        if "uses" in step
    }


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the tier's check in a folder."""
    return subprocess.run(LINT, check=False, cwd=folder, capture_output=True, text=True)


def copy(folder: Path) -> Path:
    """Copy what is checked into a folder, and return the CI workflow there."""
    shutil.copytree(ROOT / ".github", folder / ".github")
    shutil.copy(ROOT / ".pre-commit-config.yaml", folder)
    return folder / ".github/workflows/ci.yml"


def test_workflows_pass_the_linter() -> None:
    """The check of `make lint` and `make test` has no findings."""
    result = lint(ROOT)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(
    ("pattern", "replacement"),
    [
        (r"actions/checkout@\w{40}", "actions/checkout@main"),
        (r"run: make docs", 'run: echo "${{ github.event.pull_request.title }}"'),
        (r"^jobs:", "tasks:"),
    ],
    ids=["floating-action", "injection", "schema"],
)
def test_linter_finds_mistakes(tmp_path: Path, pattern: str, replacement: str) -> None:
    """A floating action, an injection, and a workflow that GitHub wouldn't read fail the check."""
    file = copy(tmp_path)
    changed = re.sub(f"(?m){pattern}", replacement, file.read_text("utf-8"))
    file.write_text(changed, "utf-8")
    assert lint(tmp_path).returncode != 0


def test_ci_runs_what_the_script_runs() -> None:
    """The jobs run the same targets as `.ci/run`, and build the documentation."""
    script = (ROOT / ".ci/run").read_text("utf-8")
    expected = {*re.findall(r"^(make [\w-]+)", script, re.MULTILINE), "make docs"}
    assert {each for job in jobs("ci").values() for each in commands(job)} == expected


@pytest.mark.parametrize("name", ["ci", "release"])
def test_every_target_exists(name: str) -> None:
    """Each `make` target that a workflow runs is in the Makefile."""
    targets = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    run = [each for job in jobs(name).values() for each in commands(job)]
    used = [each.removeprefix("make ") for each in run if each.startswith("make ")]
    assert used
    assert set(used) <= set(targets)


def test_wheels_are_built_once() -> None:
    """One job of a release builds wheels; the others download what it has uploaded."""
    release = jobs("release")
    assert [name for name in release if "make wheel" in commands(release[name])] == ["build"]
    downloads = {name: actions(release[name]).get("actions/download-artifact") for name in release}
    assert [name for name, found in downloads.items() if found] == ["test", "publish", "announce"]
    assert downloads["test"] == downloads["publish"] == {"name": "wheels", "path": "dist"}


def test_tested_wheels_are_published() -> None:
    """Publishing waits for the tests, which end by comparing the tested wheels with the built ones."""
    release = jobs("release")
    assert release["publish"]["needs"] == ["build", "test"]
    *tests, comparison = commands(release["test"])
    assert tests == ["make test", "make test-all"]
    assert comparison == "diff --recursive --report-identical-files dist .venv/shipped/wheels"


def test_publishing_runs_nothing_of_the_repository() -> None:
    """The job that may publish has no other permission, no checkout and no command."""
    publish = jobs("release")["publish"]
    assert publish["permissions"] == {"id-token": "write"}
    assert publish["environment"] == "pypi"
    assert commands(publish) == []
    assert list(actions(publish)) == ["actions/download-artifact", "pypa/gh-action-pypi-publish"]


@pytest.mark.parametrize("name", ["ci", "release"])
def test_permissions_are_those_of_jobs(name: str) -> None:
    """A workflow grants nothing; each job but the last two of a release may only read the repository."""
    assert workflow(name)["permissions"] == {}
    granted = {job: content["permissions"] for job, content in jobs(name).items()}
    others = [granted[job] for job in granted if job not in {"publish", "announce"}]
    assert others
    assert all(each == {"contents": "read"} for each in others)


def test_hooks_are_the_tools_of_the_checkout() -> None:
    """Each hook before a commit runs a command of `.venv`, so there is no second version to keep."""
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))
    assert [each["repo"] for each in config["repos"]] == ["local"]
    entries = [hook["entry"].split() for hook in config["repos"][0]["hooks"]]
    assert all(entry[0].startswith(".venv/bin/") for entry in entries)
    tools = {entry[0].removeprefix(".venv/bin/") for entry in entries}
    assert tools >= {"ruff", "mypy", "lint-imports", "zizmor"}
    assert [".venv/bin/zizmor", *LINT[1:]] in entries
    assert any("dev.tools.wording" in entry for entry in entries)


@pytest.mark.parametrize("name", ["bug", "feature"])
def test_issue_forms_ask_for_something(name: str) -> None:
    """A form has a name, a description, fields with ids of their own, and something that is required."""
    form = yaml.safe_load((ROOT / f".github/ISSUE_TEMPLATE/{name}.yml").read_text("utf-8"))
    fields = [each for each in form["body"] if each["type"] != "markdown"]
    ids = [each["id"] for each in fields]
    assert form["name"]
    assert form["description"]
    assert len(set(ids)) == len(ids) > 0
    assert any(each.get("validations", {}).get("required") for each in fields)
    assert all(each["attributes"]["label"] for each in fields)
