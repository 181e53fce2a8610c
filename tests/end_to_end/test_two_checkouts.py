"""An unchanged app has no differences, wherever it is checked out."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from demo.cdk_cli import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import Project, StartProject

    from demo.authority import Material
    from demo.facts import Outcome

pytestmark = pytest.mark.end_to_end

LEFT_OUT = shutil.ignore_patterns("__pycache__")


@pytest.fixture(scope="module")
def deployed(
    start_project: StartProject, material: Material, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Project, Path]]:
    """The app, deployed from a checkout, and that checkout."""
    directory = tmp_path_factory.mktemp("deployed")
    checkout = _check_out(ROOT, directory / "checkout")
    with start_project(directory) as project:
        project.store_key(material.private_key_pem)
        outcome = _run(project, checkout, material, "deploy", "--require-approval", "never")
        assert outcome.exit_code == 0, outcome.output
        yield project, checkout


def test_unchanged_app_has_no_differences(
    deployed: tuple[Project, Path], material: Material
) -> None:
    """What was deployed is what is synthesised again, files at another path included."""
    project, checkout = deployed
    outcome = _run(project, checkout, material, "diff", "--fail")
    assert outcome.exit_code == 0, outcome.output
    assert "There were no differences" in outcome.output


def test_second_checkout_has_no_differences(
    deployed: tuple[Project, Path], material: Material, tmp_path: Path
) -> None:
    """Another engineer's checkout, with certificate files at another path, makes no difference."""
    project, checkout = deployed
    outcome = _run(project, _check_out(checkout, tmp_path / "mine"), material, "diff", "--fail")
    assert outcome.exit_code == 0, outcome.output
    assert "There were no differences" in outcome.output


def test_changed_function_is_a_difference(
    deployed: tuple[Project, Path], material: Material, tmp_path: Path
) -> None:
    """One more line in the function's code is seen, and the code of the checkout is what counts."""
    project, checkout = deployed
    changed = _check_out(checkout, tmp_path / "changed")
    with (changed / "lambda/server_certificate_handler/__init__.py").open("a") as module:
        module.write("# Changed.\n")
    outcome = _run(project, changed, material, "diff", "--fail")
    assert outcome.exit_code == 1, outcome.output
    assert "AWS::Lambda::Function" in outcome.output


def _check_out(source: Path, target: Path) -> Path:
    """Copy the app and its packages; contents alone, neither times nor modes."""
    for folder in ("constructs", "lambda"):
        shutil.copytree(
            source / folder, target / folder, ignore=LEFT_OUT, copy_function=shutil.copyfile
        )
    for file in ("app.py", "cdk.json"):
        shutil.copyfile(source / file, target / file)
    return target


def _run(
    project: Project, checkout: Path, material: Material, command: str, *options: str
) -> Outcome:
    cli = project.cli(root=checkout)
    certificate, chain = material.write(cli.directory / "certificates")
    context = {"certificate": str(certificate), "chain": str(chain), "propagation": "0"}
    return cli.on_app(command, *options, context=context)
