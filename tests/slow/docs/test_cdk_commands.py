"""What the guide says that the CDK's commands do with a certificate, tried with the real CDK CLI."""

from __future__ import annotations

import shlex
import subprocess
import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import pytest

from dev.demo.cdk_cli import TOOLS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dev.certificates.authority import Issued
    from dev.demo.facts import Outcome
    from support.projects import Project, StartProject

STACK: Final = "Web"
APP: Final = f"""\
from aws_cdk import App, Duration, Stack
from aws_cdk import aws_secretsmanager as secretsmanager
from cdk_iam_server_certificate import BundleSource, CertificateMaterial, ServerCertificate

app = App()
stack = Stack(app, "{STACK}")
secret = secretsmanager.Secret.from_secret_name_v2(stack, "Secret", "www/certificate")
for construct_id in app.node.try_get_context("ids").split(","):
    ServerCertificate(
        stack,
        construct_id,
        material=CertificateMaterial.from_bundle(BundleSource.from_secret(secret)),
        server_certificate_name=app.node.try_get_context(construct_id),
        propagation_time=Duration.seconds(0),
    )
app.synth()
"""
DECLARED: Final = {"ids": "Certificate", "Certificate": "www"}
"""One certificate with the name www."""

RENAMED: Final = {"ids": "Certificate", "Certificate": "shop"}
MOVED: Final = {"ids": "Moved", "Moved": "www"}
TWO: Final = {"ids": "Certificate,Second", "Certificate": "www", "Second": "second"}

TERMINAL: Final = "import pty, sys; pty.spawn(sys.argv[1:])"
"""Runs a command on a terminal of its own."""

pytestmark = [pytest.mark.end_to_end, pytest.mark.xdist_group("cdk-commands")]


@dataclass(frozen=True)
class Deployed:
    """The app, deployed with the certificate www."""

    project: Project
    app: Path

    def cdk(self, command: str, *options: str, context: dict[str, str]) -> Outcome:
        """Run a command of the CDK CLI on the app."""
        return replace(self.project.cli(), app=self.app).on_app(command, *options, context=context)

    def cdk_on_a_terminal(self, command: str, *options: str, context: dict[str, str]) -> str:
        """Run a command that asks questions, and return what it prints."""
        cli = replace(self.project.cli(), app=self.app)
        app = shlex.join([sys.executable, str(self.app)])
        pairs = [part for key, value in context.items() for part in ("-c", f"{key}={value}")]
        arguments = (command, "--no-notices", "--no-color", "--app", app, *options, *pairs)
        ended = subprocess.run(
            [sys.executable, "-c", TERMINAL, TOOLS / "cdk", *arguments],
            check=False,
            cwd=cli.directory / "app",
            env=cli.environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=180,
        )
        return ended.stdout + ended.stderr

    def deploy(self, context: dict[str, str], *options: str) -> Outcome:
        """Deploy, and expect it to succeed."""
        outcome = self.cdk("deploy", "--require-approval", "never", *options, context=context)
        assert outcome.exit_code == 0, outcome.output
        return outcome

    def held(self) -> dict[str, str]:
        """Return the id of each certificate in IAM, by its name."""
        listed = self.project.cloud.client("iam").list_server_certificates()
        return {
            each["ServerCertificateName"]: each["ServerCertificateId"]
            for each in listed["ServerCertificateMetadataList"]
        }

    def resources(self) -> set[str]:
        """Return the types of the stack's resources."""
        client = self.project.cloud.client("cloudformation")
        listed = client.describe_stack_resources(StackName=STACK)["StackResources"]
        return {each["ResourceType"] for each in listed}


@pytest.fixture(scope="module")
def deployed(
    start_project: StartProject, material: Issued, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Deployed]:
    """A cloud with the stack; each test leaves it as it was."""
    directory = tmp_path_factory.mktemp("commands")
    app = tmp_path_factory.mktemp("app") / "app.py"
    app.write_text(APP)
    with start_project(directory) as project:
        project.store_key(material.fullchain_pem() + material.key_pem(), name="www/certificate")
        found = Deployed(project, app)
        found.deploy(DECLARED)
        assert list(found.held()) == ["www"]
        yield found


def test_hotswap_touches_nothing_and_succeeds(deployed: Deployed) -> None:
    """`--hotswap` ignores the certificate and reports no changes."""
    before = deployed.held()
    outcome = deployed.deploy(RENAMED, "--hotswap")
    assert "(no changes)" in outcome.output
    assert deployed.held() == before


def test_hotswap_fallback_and_express_deploy(deployed: Deployed) -> None:
    """`--hotswap-fallback` falls back to a full deployment; `--express` is one. The id stays."""
    ((_, certificate_id),) = deployed.held().items()
    outcome = deployed.deploy(RENAMED, "--hotswap-fallback")
    assert "not supported for hotswap deployments" in outcome.output
    assert deployed.held() == {"shop": certificate_id}
    deployed.deploy(DECLARED, "--express")
    assert deployed.held() == {"www": certificate_id}


def test_diff_shows_a_rename_as_a_possible_replacement(deployed: Deployed) -> None:
    """`cdk diff` can't know that a new name replaces nothing."""
    assert "may be replaced" in deployed.cdk("diff", context=RENAMED).output


def test_drift_does_not_check_the_certificate(deployed: Deployed) -> None:
    """After a rename by hand `cdk drift` finds none, and a deployment has no changes."""
    client = deployed.project.cloud.client("iam")
    client.update_server_certificate(ServerCertificateName="www", NewServerCertificateName="other")
    outcome = deployed.cdk("drift", context=DECLARED)
    assert "No drift detected" in outcome.output
    assert "unchecked" in outcome.output
    assert "(no changes)" in deployed.deploy(DECLARED).output
    assert list(deployed.held()) == ["other"]
    client.update_server_certificate(ServerCertificateName="other", NewServerCertificateName="www")


def test_refactor_refuses_the_move_that_a_deployment_makes(deployed: Deployed) -> None:
    """`cdk refactor` may not change the policy; a deployment moves the construct, with its id."""
    before = deployed.held()
    outcome = deployed.cdk("refactor", "--unstable=refactor", "--dry-run", context=MOVED)
    assert "A refactor operation cannot add, remove or update resources." in outcome.output
    deployed.deploy(MOVED)
    assert deployed.held() == before
    deployed.deploy(DECLARED)
    assert deployed.held() == before


def test_import_is_not_possible(deployed: Deployed) -> None:
    """`cdk import` imports nothing, because CloudFormation can't import custom resources."""
    output = deployed.cdk_on_a_terminal("import", "--force", context=TWO)
    skipped = "unsupported resource type Custom::IamServerCertificate, skipping import"
    assert skipped in output
    assert "No resources selected for import." in output
    assert list(deployed.held()) == ["www"]


def test_orphan_leaves_the_certificate_and_a_deployment_takes_it_back(deployed: Deployed) -> None:
    """`cdk orphan` takes it out of the stack only; the same app finds it again, with its id."""
    before = deployed.held()
    outcome = deployed.cdk(
        "orphan", "--unstable=orphan", "--yes", f"{STACK}/Certificate", context=DECLARED
    )
    assert outcome.exit_code == 0, outcome.output
    assert "Custom::IamServerCertificate" not in deployed.resources()
    assert deployed.held() == before
    deployed.deploy(DECLARED)
    assert "Custom::IamServerCertificate" in deployed.resources()
    assert deployed.held() == before


def test_destroy_deletes_it(deployed: Deployed) -> None:
    """`cdk destroy` deletes the certificate."""
    outcome = deployed.cdk("destroy", "--force", context=DECLARED)
    assert outcome.exit_code == 0, outcome.output
    assert deployed.held() == {}
