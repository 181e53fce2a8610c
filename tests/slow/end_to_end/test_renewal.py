"""Certificates that renew themselves, in an account that enforces policies."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from dev.certificates.authority import Authority
from dev.demo.cdk_cli import CdkCli
from dev.tools.interruption import Interruption
from support.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dev.certificates.authority import Issued
    from dev.demo.facts import Outcome
    from support.projects import Project, StartProject

pytestmark = [pytest.mark.end_to_end, pytest.mark.xdist_group("renewal")]

APP = Path(__file__).parent / "renewal_app.py"
SECRETS = ("web", "nested", "drifting")
HOST = "www.example.com"


@dataclass
class Account:
    """An account with the app's stacks, and somebody who looks at it."""

    project: Project
    cli: CdkCli
    authority: Authority
    queue: str
    """The URL of a queue that gets the events about certificates."""

    def client(self, service: str) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
        """Return a client of the administrator."""
        return self.project.cloud.client(service)

    def cdk(self, command: str, *options: str) -> Outcome:
        """Run a command of the CDK CLI on the app."""
        return self.cli.on_app(command, *options, context={})

    def deploy(self, *options: str) -> None:
        """Deploy stacks."""
        outcome = self.cdk("deploy", "--require-approval", "never", *options)
        assert outcome.exit_code == 0, outcome.output

    def issue(self, host: str = HOST) -> Issued:
        """Issue a certificate."""
        return self.authority.leaf(host)

    def put(self, secret: str, text: str) -> str:
        """Store a new version of a secret, and return its ID."""
        answer = self.client("secretsmanager").put_secret_value(SecretId=secret, SecretString=text)
        return str(answer["VersionId"])

    def status(self, stack: str) -> str:
        """Return the status of a stack."""
        (described,) = self.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
        return str(described["StackStatus"])

    def parameters(self, stack: str) -> list[str]:
        """Return the values of the parameters that renewals set."""
        (described,) = self.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
        return [
            each["ParameterValue"]
            for each in described["Parameters"]
            if each["ParameterKey"].startswith("IamServerCertificateRenewal")
        ]

    def held(self, stack: str) -> dict[str, bytes]:
        """Return the ARNs and leaves of the certificates of a stack, and of those nested in it."""
        tag = "cdk-iam-server-certificate:stack-id"
        return {
            each.arn: each.certificate_der
            for each in self.project.observer.snapshot().certificates
            if f":stack/{stack}" in each.tags.get(tag, "")
        }

    def has_only(self, stack: str, material: Issued, *, number: int = 1) -> bool:
        """Whether a stack has this many certificates, all with this leaf, and the listener all of them."""
        held = self.held(stack)
        return list(held.values()) == [material.der] * number

    def wait_until_renewed(self, stack: str, material: Issued, *, number: int = 1) -> None:
        """Wait until a stack has nothing but a new certificate, and is at rest."""
        try:
            wait_for(lambda: self.has_only(stack, material, number=number))
            wait_for(lambda: self.status(stack) == "UPDATE_COMPLETE")
        except TimeoutError as error:
            error.add_note(self.logs(stack))
            raise

    def logs(self, stack: str) -> str:
        """Return the logs of a stack's functions."""
        return b"\n".join(self.project.observer.logs(containing=stack).values()).decode()

    def served(self) -> set[str]:
        """Return the ARNs of the certificates that listeners refer to."""
        elbv2 = self.client("elbv2")
        return {
            certificate["CertificateArn"]
            for balancer in elbv2.describe_load_balancers()["LoadBalancers"]
            for listener in elbv2.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])[
                "Listeners"
            ]
            for certificate in elbv2.describe_listener_certificates(
                ListenerArn=listener["ListenerArn"]
            )["Certificates"]
        }

    def event(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Wait for an event about certificates."""
        seen: list[dict[str, Any]] = []

        def look() -> dict[str, Any] | None:
            queue = self.client("sqs")
            for message in queue.receive_message(
                QueueUrl=self.queue, MaxNumberOfMessages=10, WaitTimeSeconds=1
            ).get("Messages", ()):
                queue.delete_message(QueueUrl=self.queue, ReceiptHandle=message["ReceiptHandle"])
                seen.append(json.loads(message["Body"]))
            return next((each for each in seen if wanted(each)), None)

        found = wait_for(look)
        assert found is not None
        return found


def bundle(material: Issued) -> str:
    """Return a certificate, its chain and its key in one text."""
    return material.fullchain_pem(root=True) + material.key_pem()


@pytest.fixture(scope="module")
def deployed(
    start_project: StartProject, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Account]:
    """The app's stacks, deployed once for all tests of the module; each test has a stack of its own."""
    with start_project(tmp_path_factory.mktemp("renewal"), auth=True) as project:
        directory = project.directory / "app"
        directory.mkdir()
        cli = CdkCli(directory=directory, cloud=project.cloud, interruption=Interruption(), app=APP)
        cli.prepare()
        authority = Authority.root(at=datetime.now(UTC)).intermediate()
        queue = project.cloud.client("sqs").create_queue(QueueName="events")["QueueUrl"]
        arn = f"arn:aws:sqs:{project.cloud.region}:{project.cloud.account_id}:events"
        events = project.cloud.client("events")
        events.put_rule(
            Name="certificates",
            EventPattern=json.dumps({"source": ["cdk-iam-server-certificate"]}),
        )
        events.put_targets(Rule="certificates", Targets=[{"Id": "queue", "Arn": arn}])
        project.cloud.client("ssm").put_parameter(Name="/image", Value="ami-1", Type="String")
        account = Account(project, cli, authority, queue)
        for secret in SECRETS:
            account.client("secretsmanager").create_secret(
                Name=secret, SecretString=bundle(account.issue())
            )
        account.deploy("--all", "--concurrency", "3")
        yield account


def test_two_certificates_of_one_secret_renew_themselves(deployed: Account) -> None:
    """A new version moves the listener, old certificates go, and `cdk deploy` has nothing to do after it."""
    before = deployed.held("Web")
    assert len(before) == 2
    renewed = deployed.issue()
    version = deployed.put("web", bundle(renewed))
    deployed.wait_until_renewed("Web", renewed, number=2)
    after = deployed.held("Web")
    assert not after.keys() & before.keys()
    assert after.keys() <= deployed.served()
    assert deployed.parameters("Web") == [version]
    compared = deployed.cdk("diff", "Web", "--fail")
    assert compared.exit_code == 0, compared.output
    deployed.deploy("Web")
    assert deployed.held("Web") == after
    assert deployed.parameters("Web") == [version]


def test_reset_parameter_changes_no_certificate(deployed: Account) -> None:
    """A deployment that resets the parameter reads the current version, which IAM has already."""
    renewed = deployed.issue()
    deployed.put("nested", bundle(renewed))
    deployed.wait_until_renewed("Outer", renewed)
    after = deployed.held("Outer")
    assert after.keys() <= deployed.served()
    deployed.deploy("Outer", "--no-previous-parameters")
    assert deployed.parameters("Outer") == [""]
    assert deployed.held("Outer") == after
    again = deployed.issue()
    version = deployed.put("nested", bundle(again))
    deployed.wait_until_renewed("Outer", again)
    assert deployed.parameters("Outer") == [version]
    assert deployed.held("Outer").keys() <= deployed.served()


def test_bad_material_is_rolled_back(deployed: Account) -> None:
    """With a wrong key or for another host, the old certificate goes on serving, and an event says why."""
    before = deployed.held("Web")
    other_key = deployed.issue().fullchain_pem(root=True) + deployed.issue().key_pem()
    other_host = bundle(deployed.issue("other.example.org"))
    for text, reason in (
        (other_key, "it doesn't belong to the certificate"),
        (other_host, "doesn't cover 'www.example.com'"),
    ):
        version = deployed.put("web", text)
        event = deployed.event(lambda each, it=version: each["detail"].get("VersionId") == it)
        assert event["detail-type"] == "Server Certificate Renewal Failed"
        assert reason in event["detail"]["Reason"]
        assert deployed.status("Web") == "UPDATE_ROLLBACK_COMPLETE"
        assert deployed.held("Web") == before
        assert before.keys() <= deployed.served()
    good = deployed.issue()
    deployed.put("web", bundle(good))
    deployed.wait_until_renewed("Web", good, number=2)


def test_change_set_that_changes_something_else_is_not_executed(deployed: Account) -> None:
    """An event names the resource that the renewal would change; a deployment does both."""
    before = deployed.held("Drifting")
    deployed.client("ssm").put_parameter(Name="/image", Value="ami-2", Overwrite=True)
    renewed = deployed.issue()
    version = deployed.put("drifting", bundle(renewed))
    event = deployed.event(lambda each: each["detail"].get("VersionId") == version)
    assert event["detail-type"] == "Server Certificate Renewal Refused"
    assert "Copy" in event["detail"]["Reason"]
    assert deployed.held("Drifting") == before
    assert deployed.status("Drifting") == "CREATE_COMPLETE"
    sets = deployed.client("cloudformation").list_change_sets(StackName="Drifting")["Summaries"]
    assert [each for each in sets if each["ChangeSetName"].startswith("renewal-")] == []


def test_busy_stack_is_renewed_when_it_rests(deployed: Account) -> None:
    """A new version that is stored while a deployment runs is renewed after it."""
    first, second = deployed.issue(), deployed.issue()
    deployed.put("web", bundle(first))
    wait_for(lambda: deployed.status("Web") != "UPDATE_COMPLETE")
    with suppress(TimeoutError):
        deployed.put("web", bundle(second))
    deployed.wait_until_renewed("Web", second, number=2)


def test_nothing_is_left(deployed: Account) -> None:
    """`cdk destroy` deletes everything, after renewals, too."""
    outcome = deployed.cdk("destroy", "--all", "--force")
    assert outcome.exit_code == 0, outcome.output
    assert deployed.project.observer.snapshot().certificates == ()
