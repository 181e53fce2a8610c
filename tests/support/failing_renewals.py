"""The stack of `failing_renewals_app.py`, and what a person sees of its renewals."""

from __future__ import annotations

import json
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from dev.demo.cdk_cli import TOOLS
from support.deployed_renewals import bundle
from support.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dev.certificates.authority import Issued
    from support.deployed_renewals import Account

STACK = "Web"
SECRET = "web"  # noqa: S105 (its name)
FAILED = "Server Certificate Renewal Failed"
LAG, DAYS = "RenewalLagHours", "DaysToExpiry"


@dataclass(frozen=True)
class Web:
    """The app's only stack, and its only secret."""

    account: Account
    rule: str
    """The ARN of the rule that runs the renewal function."""

    pending: str
    """The ID of an expired version that isn't current yet."""

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
        return self.account.put(SECRET, bundle(material))

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
            error.add_note(self.account.logs(STACK))
            raise
        assert event["detail"]["StackName"] == STACK
        assert event["detail"]["ConstructPaths"] == ["Web/Certificate"]
        reason = str(event["detail"]["Reason"])
        # The log has the same reason, for a person who gets no events. Lambda writes it at the end of a run.
        wait_for(lambda: any(json.dumps(reason) in line for line in self.errors()))
        return reason

    def errors(self) -> list[str]:
        """Return the lines of the logs at the level ERROR."""
        return [line for line in self.account.logs(STACK).splitlines() if '"ERROR"' in line]

    def measured(self, metric: str) -> int:
        """Return how often a metric of the certificate has been published."""
        now = datetime.now(UTC)
        dimensions = {"StackName": STACK, "ConstructPath": "Web/Certificate"}
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
        secrets = self.account.client("secretsmanager")
        stages = secrets.describe_secret(SecretId=SECRET)["VersionIdsToStages"]
        secrets.update_secret_version_stage(
            SecretId=SECRET,
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
        resources = self.account.client("cloudformation").describe_stack_resources(StackName=STACK)
        (name,) = (
            each["PhysicalResourceId"]
            for each in resources["StackResources"]
            if each["LogicalResourceId"].startswith(beginning)
            and each["ResourceType"] == "AWS::IAM::Role"
        )
        return str(name)

    @contextmanager
    def without_secret(self, role: str, *actions: str) -> Iterator[None]:
        """Deny a role of the stack some actions on the secret, by the policy of the secret."""
        secrets = self.account.client("secretsmanager")
        arn = f"arn:aws:iam::{self.account.project.cloud.account_id}:role/{self.role(role)}"
        statement = {
            "Effect": "Deny",
            "Principal": {"AWS": arn},
            "Action": actions,
            "Resource": "*",
        }
        secrets.put_resource_policy(SecretId=SECRET, ResourcePolicy=policy(statement))
        try:
            yield
        finally:
            secrets.delete_resource_policy(SecretId=SECRET)

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
        before = self.account.held(STACK)
        assert len(before) == 1
        assert self.account.served() == before.keys()
        yield
        assert self.account.held(STACK) == before
        assert self.account.served() == before.keys()

    def renew(self) -> None:
        """Store a good certificate, and wait until it serves."""
        good = self.account.issue()
        self.put(good)
        self.account.wait_until_renewed(STACK, good)
        assert self.account.served() == self.account.held(STACK).keys()


def policy(statement: dict[str, Any]) -> str:
    """Return a policy of one statement."""
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
