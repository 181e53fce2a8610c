"""Every source of material, deployed where policies are enforced and everything is encrypted."""

from __future__ import annotations

import shlex
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from cdk_iam_server_certificate.synth.chain_asset import MAX_TEXT_IN_TEMPLATE
from dev import ROOT
from dev.certificates.authority import Authority
from dev.certificates.forms import PASSPHRASE
from dev.demo.examples.sources import Sources

if TYPE_CHECKING:
    from pathlib import Path

    from dev.certificates.authority import Issued
    from dev.demo.facts import Outcome
    from support.projects import Project, StartProject

pytestmark = pytest.mark.end_to_end


def run(project: Project, command: str, *options: str, context: dict[str, str]) -> Outcome:
    """Run a command of the CDK CLI on the example."""
    cli = project.cli()
    app = shlex.join([sys.executable, str(ROOT / "examples/sources.py")])
    pairs = [part for key, value in context.items() for part in ("-c", f"{key}={value}")]
    output = ("--output", str(cli.output_directory))
    arguments = ("--app", app, *output, *options, *pairs)
    with cli.started(command, *arguments, cwd=cli.directory / "app") as wait:
        return wait()


def declared(project: Project, sources: Sources, material: Issued, name: str) -> dict[str, str]:
    """Store a material in all sources, and return the context that declares it."""
    stored = sources.store(material)
    # Of one source it stays open which version is read.
    del stored["binary-version"]
    certificate, chain = material.write(project.directory / name)
    files = {"certificate": str(certificate), "chain": str(chain)}
    return stored | files | {"propagation": "0"}


def held(project: Project) -> dict[str, tuple[str, str]]:
    """Return id and body of IAM's certificates by the construct that they belong to."""
    iam = project.cloud.client("iam")
    found = {}
    for each in iam.list_server_certificates()["ServerCertificateMetadataList"]:
        name = each["ServerCertificateName"]
        certificate = iam.get_server_certificate(ServerCertificateName=name)["ServerCertificate"]
        body = certificate["CertificateBody"].strip()
        found[name.split("-")[1]] = (each["ServerCertificateId"], body)
    return found


def test_life_of_certificates_from_every_source(
    start_project: StartProject, tmp_path: Path
) -> None:
    """Each source is read under exactly its permissions; a new version is a new certificate."""
    authority = Authority.root(at=datetime.now(UTC)).intermediate()
    first, second = (authority.leaf("www.example.com") for _ in range(2))
    with start_project(tmp_path, auth=True) as project:
        sources = Sources(project.cloud)
        context = declared(project, sources, first, "first")

        created = run(project, "deploy", "--require-approval", "never", context=context)
        assert created.exit_code == 0, created.output
        before = held(project)
        assert set(before) == {"Files", "Fields", "Stored", "Binary", "Object", "Mixed"}
        assert {body for _, body in before.values()} == {first.pem.strip()}

        context = declared(project, sources, second, "second")
        renewed = run(project, "deploy", "--require-approval", "never", context=context)
        assert renewed.exit_code == 0, renewed.output
        after = held(project)
        # A secret without a version in the template is read when something else changes.
        assert before["Binary"] == after.pop("Binary")
        assert {body for _, body in after.values()} == {second.pem.strip()}
        assert set(after) == set(before) - {"Binary"}

        log = b"".join(project.observer.logs().values())
        assert b"decision" in log
        assert b"not authorized" not in log
        for secret in (PASSPHRASE, *second.key_pem().splitlines()[1:-1]):
            assert secret.encode() not in log

        destroyed = run(project, "destroy", "--force", context=context)
        assert destroyed.exit_code == 0, destroyed.output
        assert not held(project)
        long_chain_as_an_asset(project)


def long_chain_as_an_asset(project: Project) -> None:
    """Deploy the README's app with a chain that the template has no room for."""
    authority = Authority.root(at=datetime.now(UTC))
    for number in range(32):
        authority = authority.intermediate(f"Example Intermediate {number}")
    leaf = authority.leaf("www.example.com")
    project.store_key(leaf.key_pem())
    certificate, chain = project.directory / "leaf.pem", project.directory / "chain.pem"
    certificate.write_text(leaf.pem)
    chain.write_text(leaf.chain_pem())
    deployed = project.deploy(
        {"certificate": str(certificate), "chain": str(chain), "propagation": "0", "name": "long"}
    )
    assert deployed.exit_code == 0, deployed.output
    stored = project.cloud.client("iam").get_server_certificate(ServerCertificateName="long")
    sent = stored["ServerCertificate"]["CertificateChain"]
    assert len(sent) > MAX_TEXT_IN_TEMPLATE
    assert sent.strip() == leaf.chain_pem().strip()
