"""An unchanged app has no differences, wherever it is checked out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dev.certificates.authority import Issued
    from dev.demo.facts import Outcome
    from support.projects import CheckOut, Project, StartProject

pytestmark = pytest.mark.end_to_end


@pytest.fixture(scope="module")
def deployed(
    start_project: StartProject,
    check_out: CheckOut,
    material: Issued,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Project, Path]]:
    """The app, deployed from a checkout, and that checkout."""
    directory = tmp_path_factory.mktemp("deployed")
    checkout = check_out(directory / "checkout")
    with start_project(directory) as project:
        project.store_key(material.key_pem())
        outcome = _run(project, checkout, material, "deploy", "--require-approval", "never")
        assert outcome.exit_code == 0, outcome.output
        yield project, checkout


def test_unchanged_app_has_no_differences(deployed: tuple[Project, Path], material: Issued) -> None:
    """What was deployed is what is synthesized again, files at another path included."""
    project, checkout = deployed
    outcome = _run(project, checkout, material, "diff", "--fail")
    assert outcome.exit_code == 0, outcome.output
    assert "There were no differences" in outcome.output


def test_second_checkout_has_no_differences(
    deployed: tuple[Project, Path], check_out: CheckOut, material: Issued, tmp_path: Path
) -> None:
    """Another engineer's checkout, with certificate files at another path, makes no difference."""
    project, checkout = deployed
    outcome = _run(
        project, check_out(tmp_path / "mine", source=checkout), material, "diff", "--fail"
    )
    assert outcome.exit_code == 0, outcome.output
    assert "There were no differences" in outcome.output


@pytest.mark.checkout
def test_changed_function_is_a_difference(
    deployed: tuple[Project, Path], check_out: CheckOut, material: Issued, tmp_path: Path
) -> None:
    """One more line in the function's code is seen, and the code of the checkout is what counts."""
    project, checkout = deployed
    changed = check_out(tmp_path / "changed", source=checkout)
    with (changed / "lambda/server_certificate_handler/__init__.py").open("a") as module:
        module.write("# Changed.\n")
    outcome = _run(project, changed, material, "diff", "--fail")
    assert outcome.exit_code == 1, outcome.output
    assert "AWS::Lambda::Function" in outcome.output


def _run(
    project: Project, checkout: Path, material: Issued, command: str, *options: str
) -> Outcome:
    cli = project.cli(root=checkout)
    certificate, chain = material.write(cli.directory / "certificates")
    context = {"certificate": str(certificate), "chain": str(chain), "propagation": "0"}
    return cli.on_app(command, *options, context=context)
