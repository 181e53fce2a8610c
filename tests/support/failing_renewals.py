"""The stacks of `failing_renewals_app.py`, and what a person sees of their renewals."""

from __future__ import annotations

import json
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from dev.demo.cdk_cli import TOOLS
from support.deployed_renewals import bundle
from support.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dev.certificates.authority import Issued
    from support.deployed_renewals import Account

STACK, FOREIGN = "Web", "Foreign"
SECRET = "web"  # noqa: S105 (its name)
OWNER = "444455556666"
"""The account of the secret that the second stack uses."""

FAILED = "Server Certificate Renewal Failed"
LAG, DAYS = "RenewalLagHours", "DaysToExpiry"


@dataclass(frozen=True, kw_only=True)
class Web:
    """A stack of the app, and its secret."""

    account: Account
    stack: str = STACK
    secrets: Any
    """A client of the account that has the secret."""

    secret: str = SECRET
    pending: str = ""
    """The ID of an expired version that isn't current yet."""

    @cached_property
    def rule(self) -> str:
        """The ARN of the rule that runs the renewal function."""
        (name,) = self.resources("AWS::Events::Rule").values()
        return str(self.account.client("events").describe_rule(Name=name)["Arn"])

    def resources(self, type_name: str) -> dict[str, str]:
        """Return the physical IDs of the stack's resources of a type, by their logical IDs."""
        found = self.account.client("cloudformation").describe_stack_resources(StackName=self.stack)
        return {
            each["LogicalResourceId"]: each["PhysicalResourceId"]
            for each in found["StackResources"]
            if each["ResourceType"] == type_name
        }

    def run(self) -> None:
        """Run the renewal function as its schedule does, until it has published the metrics."""
        before = self.measured(DAYS)
        at = datetime(2026, 11, 28, 6, 7, tzinfo=UTC)
        self.account.project.cloud.fire_schedule(self.rule, at=at)
        wait_for(lambda: self.measured(DAYS) > before)

    def run_until_alarm_is(self, state: str) -> None:
        """Run the function again and again, until the alarm has a state."""

        def look() -> str:
            self.run()
            return self.alarm()

        wait_for(look, state.__eq__)

    def put(self, material: Issued) -> str:
        """Store a new version of the secret, and return its ID."""
        answer = self.secrets.put_secret_value(SecretId=self.secret, SecretString=bundle(material))
        return str(answer["VersionId"])

    def failure(self, version: str, *parts: str) -> str:
        """Wait for the event about a version whose reason has all parts, and return the reason."""

        def is_wanted(event: dict[str, Any]) -> bool:
            detail = event["detail"]
            return (
                event["detail-type"] == FAILED
                and detail["VersionId"] == version
                and all(part in detail["Reason"] for part in parts)
            )

        try:
            event = self.account.event(is_wanted)
        except TimeoutError as error:
            error.add_note(self.account.logs(self.stack))
            raise
        assert event["detail"]["StackName"] == self.stack
        assert event["detail"]["ConstructPaths"] == [f"{self.stack}/Certificate"]
        reason = str(event["detail"]["Reason"])
        # The log has the same reason, for a person who gets no events. Lambda writes it at the end of a run.
        wait_for(lambda: any(json.dumps(reason) in line for line in self.errors()))
        return reason

    def errors(self) -> list[str]:
        """Return the lines of the logs at the level ERROR."""
        return [line for line in self.account.logs(self.stack).splitlines() if '"ERROR"' in line]

    def measured(self, metric: str) -> int:
        """Return how often a metric of the certificate has been published."""
        now = datetime.now(UTC)
        dimensions = {"StackName": self.stack, "ConstructPath": f"{self.stack}/Certificate"}
        found = self.account.client("cloudwatch").get_metric_statistics(
            Namespace="IamServerCertificate",
            MetricName=metric,
            Dimensions=[{"Name": name, "Value": value} for name, value in dimensions.items()],
            StartTime=now - timedelta(hours=1),
            EndTime=now + timedelta(hours=1),
            Period=3600,
            Statistics=["SampleCount"],
        )
        return sum(int(each["SampleCount"]) for each in found["Datapoints"])

    def use(self, version: str) -> None:
        """Make another version of the secret the current one."""
        stages = self.secrets.describe_secret(SecretId=self.secret)["VersionIdsToStages"]
        self.secrets.update_secret_version_stage(
            SecretId=self.secret,
            VersionStage="AWSCURRENT",
            MoveToVersionId=version,
            RemoveFromVersionId=next(id_ for id_ in stages if "AWSCURRENT" in stages[id_]),
        )

    def command(self, *words: str | Path) -> str:
        """Run a command as the administrator, and return what it writes; tables are wide."""
        done = subprocess.run(
            [TOOLS / words[0], *words[1:]],
            cwd=self.account.project.directory,
            env=self.account.project.cloud.environment() | {"COLUMNS": "250"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    def listed(self) -> str:
        """Return what ``server-certificate list`` writes."""
        return self.command("server-certificate", "list")

    def alarm(self) -> str:
        """Return the state of the alarm."""
        (found,) = self.account.client("cloudwatch").describe_alarms(AlarmNames=["late"])[
            "MetricAlarms"
        ]
        return str(found["StateValue"])

    def role(self, beginning: str) -> str:
        """Return the name of a role of the stack, by the beginning of its logical ID."""
        roles = self.resources("AWS::IAM::Role")
        (name,) = (roles[each] for each in roles if each.startswith(beginning))
        return name

    @contextmanager
    def without_secret(self, role: str, *actions: str) -> Iterator[None]:
        """Deny a role of the stack some actions on the secret, by the policy of the secret."""
        arn = f"arn:aws:iam::{self.account.project.cloud.account_id}:role/{self.role(role)}"
        statement = {
            "Effect": "Deny",
            "Principal": {"AWS": arn},
            "Action": actions,
            "Resource": "*",
        }
        self.secrets.put_resource_policy(SecretId=self.secret, ResourcePolicy=policy(statement))
        try:
            yield
        finally:
            self.secrets.delete_resource_policy(SecretId=self.secret)

    @contextmanager
    def without_policy(self) -> Iterator[None]:
        """Take the policy of the secret away."""
        before = self.secrets.get_resource_policy(SecretId=self.secret)["ResourcePolicy"]
        self.secrets.delete_resource_policy(SecretId=self.secret)
        try:
            yield
        finally:
            self.secrets.put_resource_policy(SecretId=self.secret, ResourcePolicy=before)

    @contextmanager
    def without_permission(self, role: str, action: str) -> Iterator[None]:
        """Deny a role of the stack an action, by a policy of the role."""
        iam = self.account.client("iam")
        named = {"RoleName": self.role(role), "PolicyName": "denied"}
        statement = {"Effect": "Deny", "Action": action, "Resource": "*"}
        iam.put_role_policy(**named, PolicyDocument=policy(statement))
        try:
            yield
        finally:
            iam.delete_role_policy(**named)

    @contextmanager
    def unchanged(self) -> Iterator[None]:
        """Check that the certificate stays, and that the listener goes on serving it."""
        before = self.account.held(self.stack)
        assert len(before) == 1
        assert self.served() == before.keys()
        yield
        assert self.account.held(self.stack) == before
        assert self.served() == before.keys()

    def served(self) -> set[str]:
        """Return the ARNs of the certificates that the stack's listener refers to."""
        (listener,) = self.resources("AWS::ElasticLoadBalancingV2::Listener").values()
        found = self.account.client("elbv2").describe_listener_certificates(ListenerArn=listener)
        return {each["CertificateArn"] for each in found["Certificates"]}

    def renew(self) -> None:
        """Store a good certificate, and wait until it serves."""
        good = self.account.issue()
        self.put(good)
        self.wait_until_renewed(good)

    def wait_until_renewed(self, good: Issued) -> None:
        """Wait until a good certificate serves, and the run that renewed it has ended."""
        self.account.wait_until_renewed(self.stack, good)
        assert self.served() == self.account.held(self.stack).keys()
        (version,) = self.account.parameters(self.stack)
        # The run publishes the metrics once more. Its log is written when it has done so.
        wait_for(
            lambda: any(
                '"renewed"' in line and version in line
                for line in self.account.logs(self.stack).splitlines()
            )
        )


def share(account: Account) -> Web:
    """Create a secret in another account, with a key of it, for the functions of the second stack."""
    cloud = account.project.cloud
    kms = cloud.client("kms", account_id=OWNER)
    secrets = cloud.client("secretsmanager", account_id=OWNER)
    key = kms.create_key()["KeyMetadata"]["Arn"]
    secret = secrets.create_secret(
        Name="shared", KmsKeyId=key, SecretString=bundle(account.issue())
    )["ARN"]
    # The roles don't exist yet, and AWS refuses a policy whose principal doesn't exist.
    roles = f"arn:aws:iam::{cloud.account_id}:role/{FOREIGN}-IamServerCertificate*"
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{cloud.account_id}:root"},
        "Resource": "*",
        "Condition": {"ArnLike": {"aws:PrincipalArn": roles}},
    }
    read = [
        f"secretsmanager:{action}"
        for action in ("GetSecretValue", "DescribeSecret", "ListSecretVersionIds")
    ]
    secrets.put_resource_policy(
        SecretId=secret, ResourcePolicy=policy(statement | {"Action": read})
    )
    decrypt = policy(statement | {"Action": "kms:Decrypt"})
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=decrypt)
    context = account.cli.directory / "app/cdk.context.json"
    context.write_text(json.dumps({"secret": secret, "key": key}))
    return Web(account=account, stack=FOREIGN, secrets=secrets, secret=secret)


def policy(statement: dict[str, Any]) -> str:
    """Return a policy of one statement."""
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
