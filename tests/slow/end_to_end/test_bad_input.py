"""Mistakes that the synthesis finds: it stops with a sentence, and nothing is deployed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dev.certificates.authority import Issued
    from support.projects import Project, StartProject

pytestmark = pytest.mark.end_to_end


@pytest.fixture(scope="module")
def shared(
    start_project: StartProject, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Project]:
    """One cloud for the tests of this file, none of which deploys anything."""
    with start_project(tmp_path_factory.mktemp("shared")) as project:
        yield project


def test_missing_certificate_file(shared: Project, context: dict[str, str], tmp_path: Path) -> None:
    """A file that is not there is named, with the directory that was looked in."""
    said = _refused(shared, context | {"certificate": str(tmp_path / "none.pem")})
    assert (
        f"certificate (file '{tmp_path}/none.pem'): it does not exist (current directory:" in said
    )
    assert "Provide the path of a regular file." in said


def test_key_in_place_of_certificate(
    shared: Project, context: dict[str, str], material: Issued, tmp_path: Path
) -> None:
    """A private key is kept out of the template, and the error says how to use it."""
    key_file = tmp_path / "key.pem"
    key_file.write_text(material.key_pem())
    said = _refused(shared, context | {"certificate": str(key_file)})
    assert f"(file '{key_file}'): it contains a private key" in said
    assert "Store the private key with the command 'server-certificate store'" in said
    assert not _cloud_assemblies_with(shared, material.key_pem().splitlines()[1])


def test_all_findings_at_once(shared: Project, context: dict[str, str], tmp_path: Path) -> None:
    """An invalid file, name and path are reported together."""
    garbage = tmp_path / "garbage.pem"
    garbage.write_text("this is not a certificate\n")
    said = _refused(
        shared,
        context | {"certificate": str(garbage), "name": "my certificate", "path": "shop"},
    )
    assert f"[Certificates/Certificate] certificate (file '{garbage}'): " in said
    assert (
        "name: 'my certificate' contains ' '; IAM accepts only letters, digits and _+=,.@-." in said
    )
    assert "path: 'shop' is not a valid path" in said
    assert "Use '/shop/'." in said


def _refused(project: Project, context: dict[str, str]) -> str:
    outcome = project.deploy(context)
    assert outcome.exit_code == 1, outcome.output
    stacks = project.cloud.client("cloudformation").describe_stacks()["Stacks"]
    assert [stack["StackName"] for stack in stacks] == ["CDKToolkit"]
    return " ".join(outcome.output.split())


def _cloud_assemblies_with(project: Project, text: str) -> list[Path]:
    return [
        file
        for file in project.directory.rglob("cdk.out/**/*")
        if file.is_file() and text.encode() in file.read_bytes()
    ]
