"""Apps whose certificates renew themselves, deployed by the CDK CLI to an account that enforces policies."""

from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from dev.certificates.authority import Authority
from dev.demo.cdk_cli import CdkCli
from dev.tools.interruption import Interruption
from support.principals import client_of
from support.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from dev.certificates.authority import Issued
    from dev.demo.facts import Outcome
    from support.projects import Project, StartProject

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
        return client_of(self.project.cloud, service)

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


@contextmanager
def account_with(
    start_project: StartProject, directory: Path, *, app: Path, secrets: tuple[str, ...]
) -> Iterator[Account]:
    """
    Start a cloud for an app that isn't deployed yet.

    Args:
        start_project: Starts clouds.
        directory: An empty one.
        app: The app's file.
        secrets: The names of secrets to create; each has a certificate.
    """
    with start_project(directory, auth=True) as project:
        own = project.directory / "app"
        own.mkdir()
        cli = CdkCli(directory=own, cloud=project.cloud, interruption=Interruption(), app=app)
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
        account = Account(project, cli, authority, queue)
        for secret in secrets:
            account.client("secretsmanager").create_secret(
                Name=secret, SecretString=bundle(account.issue())
            )
        yield account
