"""The questions for a real account, asked to the local cloud."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from dev import ROOT
from dev.acceptance.questions import QUESTIONS
from dev.acceptance.run import PREFIX
from support.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from local_cloud import LocalCloud
    from support.projects import Project, StartProject

pytestmark = pytest.mark.end_to_end

ANOTHER_RUN = f"{PREFIX}00000000-listener"
QUICK = ("replacement-rollback", "tagged-uploads", "texts-of-parameters")
"""Questions about stacks, roles and certificates that are asked when the run is stopped."""


class _Listing(NamedTuple):
    service: str
    action: str
    members: str
    name: str


LISTINGS = (
    _Listing("cloudformation", "describe_stacks", "Stacks", "StackName"),
    _Listing(
        "iam", "list_server_certificates", "ServerCertificateMetadataList", "ServerCertificateName"
    ),
    _Listing("iam", "list_roles", "Roles", "RoleName"),
    _Listing("lambda", "list_functions", "Functions", "FunctionName"),
    _Listing("logs", "describe_log_groups", "logGroups", "logGroupName"),
    _Listing("secretsmanager", "list_secrets", "SecretList", "Name"),
    _Listing("elbv2", "describe_load_balancers", "LoadBalancers", "LoadBalancerArn"),
    _Listing("ec2", "describe_vpcs", "Vpcs", "VpcId"),
)


@pytest.fixture(scope="module")
def bootstrapped(
    start_project: StartProject, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Project]:
    """A bootstrapped cloud that enforces policies, with a certificate of another run."""
    with start_project(tmp_path_factory.mktemp("cloud"), auth=True) as project:
        yield project


@pytest.fixture
def cloud(bootstrapped: Project, material: Any) -> Iterator[LocalCloud]:  # noqa: ANN401 - a certificate
    """The cloud, in which everything is the same after the test as before."""
    cloud = bootstrapped.cloud
    iam = cloud.client("iam")
    iam.upload_server_certificate(
        ServerCertificateName=ANOTHER_RUN,
        CertificateBody=material.pem,
        PrivateKey=material.key_pem(),
    )
    before = _names(cloud)
    yield cloud
    assert _names(cloud) == before
    iam.delete_server_certificate(ServerCertificateName=ANOTHER_RUN)


@pytest.mark.parametrize(
    "options",
    [
        pytest.param((), id="without a load balancer"),
        pytest.param(("--only", "live-listener", "--with-load-balancer"), id="a listener"),
    ],
)
def test_every_question_is_answered(
    options: tuple[str, ...], cloud: LocalCloud, tmp_path: Path
) -> None:
    """What is known of AWS is true of the local cloud; the report has no key and no account."""
    report = tmp_path / "report.md"
    with _started(cloud, *options, "--propagation", "0", "--report", str(report)) as process:
        output, _ = process.communicate()
    text = report.read_text("utf-8")
    assert process.returncode == 0, f"{output}\n{text}"
    asked = [each for each in QUESTIONS if not options or each.needs_load_balancer]
    for question in asked:
        assert f"\n## {question.title}\n" in text
    assert "**differs**" not in text
    assert "**not answered**" not in text
    assert ("**not asked**" in text) is (not options)
    assert text.endswith("Everything that the run created is gone.\n")
    assert cloud.account_id not in text
    assert "PRIVATE KEY" not in text
    assert not re.search("ASCA[A-Z2-7]{17}", text)


def test_an_interrupted_run_cleans_up(cloud: LocalCloud, tmp_path: Path) -> None:
    """On SIGTERM it removes everything, and the report says what wasn't asked."""
    report = tmp_path / "report.md"
    with _started(cloud, *_only(*QUICK), "--report", str(report)) as process:
        _wait_for_the_recorder(cloud)
        process.send_signal(signal.SIGTERM)
        # Impatience must not interrupt the clean-up.
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate()
    assert process.returncode == 128 + signal.SIGTERM, output
    assert output.endswith("Stopped by SIGTERM.\n")
    assert "The run was stopped before this." in report.read_text("utf-8")


def test_what_a_killed_run_has_left_can_be_removed(cloud: LocalCloud, tmp_path: Path) -> None:
    """It is removed by the id of the run, which the run printed before it began."""
    with _started(cloud, *_only(*QUICK), "--report", str(tmp_path / "report.md")) as process:
        _wait_for_the_recorder(cloud)
        process.kill()
        output, _ = process.communicate()
    (run,) = re.findall("--clean-up ([0-9a-f]{8})", output)
    with _started(cloud, "--clean-up", run) as process:
        output, _ = process.communicate()
    assert process.returncode == 0, output
    assert f"  stack {PREFIX}{run}-recorder\n" in output
    assert ANOTHER_RUN not in output


def _started(cloud: LocalCloud, *options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        (sys.executable, "-m", "dev.acceptance", "--yes", *options),
        cwd=ROOT,
        env=cloud.environment() | {"ACCEPTANCE_ACCOUNT": cloud.account_id, "PYTHONUNBUFFERED": "1"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _only(*keys: str) -> tuple[str, ...]:
    return tuple(part for key in keys for part in ("--only", key))


def _wait_for_the_recorder(cloud: LocalCloud) -> None:
    stacks = cloud.client("cloudformation")
    wait_for(
        lambda: [each["StackName"] for each in stacks.describe_stacks()["Stacks"]],
        lambda names: any(re.fullmatch(f"{PREFIX}.*-recorder", name) for name in names),
    )


def _names(cloud: LocalCloud) -> dict[str, list[str]]:
    """Return everything that the cloud holds, by the action that lists it."""
    return {
        each.action: sorted(
            item[each.name]
            for item in getattr(cloud.client(each.service), each.action)()[each.members]
        )
        for each in LISTINGS
    }
