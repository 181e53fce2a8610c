"""What an automatic renewal costs: calls, and the time until the listener has the new certificate."""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dev.benchmarks.processes import FailedError
from dev.benchmarks.rows import Result, Row, milliseconds
from dev.benchmarks.turns import by_turns
from dev.certificates.authority import Authority
from local_cloud import LocalCloud

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from dev.benchmarks.stack_of_many import Synthesized

_ROUNDS = 5
_STACK = "renewal"
_MOST_SECONDS = 120
_SETTLING_SECONDS = 6.0
"""Longer than the pause between two looks of the renewal function."""

_TIMES = 5
_MOST_CALLS = 60


def run(*, rounds: int = _ROUNDS) -> Result:
    """
    Measure.

    Args:
        rounds: How often each way renews the certificate.
    """
    # Imported here, because it starts the CDK's Node process, which nothing else needs.
    from dev.benchmarks.stack_that_renews import SECRET, synthesize  # noqa: PLC0415

    authority = Authority.root(at=datetime.now(UTC)).intermediate()
    with LocalCloud.running() as cloud, tempfile.TemporaryDirectory() as directory:
        synthesized = synthesize(
            account=cloud.account_id, region=cloud.region, directory=Path(directory)
        )
        stack = _Stack(cloud, synthesized, authority, SECRET)
        stack.create()
        before = stack.calls()
        stack.renew()
        calls = stack.calls_when_done() - before
        seconds = by_turns({"put": stack.renew, "by hand": stack.renew_by_hand}, rounds)
    by_itself, by_hand = (statistics.median(seconds[way]) for way in ("put", "by hand"))
    return Result(
        title="Renewal",
        method=(
            "A stack with one certificate and a load balancer in the local cloud. A new version of "
            "the secret is stored, and the clock stops when the listener has the new certificate. "
            "It is compared with a person who makes one call of `UpdateStack` for the same change, "
            f"after the version is stored with the rule disabled: median of {rounds} renewals each, "
            "in turn, with warm functions. The calls are those of both functions, for a whole "
            "renewal including the clean-up."
        ),
        rows=(
            Row(
                what="from put-secret-value to the listener",
                measured=milliseconds(by_itself),
                against=f"from UpdateStack to the listener: {milliseconds(by_hand)}",
                ratio=by_itself / by_hand,
                target=f"at most {_TIMES} times",
                is_met=by_itself <= _TIMES * by_hand,
            ),
            Row(
                what="the calls of the first renewal",
                measured=_listed(calls),
                against="one call by hand",
                ratio=calls.total(),
                target=f"at most {_MOST_CALLS}",
                is_met=calls.total() <= _MOST_CALLS,
            ),
        ),
    )


class _Stack:
    """A stack whose certificate renews itself, or is renewed by hand."""

    def __init__(
        self, cloud: LocalCloud, synthesized: Synthesized, authority: Authority, secret: str
    ) -> None:
        self._cloud = cloud
        self._synthesized = synthesized
        self._authority = authority
        self._secret = secret
        self._events: Any = cloud.client("events")
        self._listeners: Any = cloud.client("elbv2")
        self._secrets: Any = cloud.client("secretsmanager")
        self._stacks: Any = cloud.client("cloudformation")

    def create(self) -> None:
        """Store the first version, and create the stack."""
        self._secrets.create_secret(Name=self._secret, SecretString=self._bundle())
        bucket, code = self._synthesized.bucket, self._synthesized.code
        files: Any = self._cloud.client("s3")
        files.create_bucket(
            Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": self._cloud.region}
        )
        files.upload_file(str(code), bucket, code.name)
        template = json.dumps(self._synthesized.template).encode()
        files.put_object(Bucket=bucket, Key="template", Body=template)
        self._stacks.create_stack(
            StackName=_STACK,
            TemplateURL=f"{self._cloud.endpoint_url}/{bucket}/template",
            Capabilities=["CAPABILITY_IAM"],
        )
        self._rest("CREATE_COMPLETE")

    def renew(self) -> float:
        """Store a version, and return the seconds until the listener has another certificate."""
        return self._timed(self._put)

    def renew_by_hand(self) -> float:
        """Store a version unnoticed, and return the seconds of an update that a person begins."""
        (rule,) = (
            each["Name"] for each in self._events.list_rules()["Rules"] if "EventPattern" in each
        )
        self._events.disable_rule(Name=rule)
        version = self._put()
        seconds = self._timed(lambda: self._update(version))
        self._events.enable_rule(Name=rule)
        return seconds

    def calls(self) -> Counter[str]:
        """Return the number of calls of both functions to AWS so far, by action."""
        counted = Counter(self._cloud.calls("function"))
        del counted["Answer"]  # to CloudFormation, at the ResponseURL
        return counted

    def calls_when_done(self) -> Counter[str]:
        """Return that number when the renewal function has seen the end of the update."""
        calls = self.calls()
        while True:
            time.sleep(_SETTLING_SECONDS)
            before, calls = calls, self.calls()
            if calls == before:
                return calls

    def _timed(self, begin: Callable[[], object]) -> float:
        before = self._served()
        start = time.perf_counter()
        begin()
        deadline = time.monotonic() + _MOST_SECONDS
        while self._served() == before:
            if time.monotonic() > deadline:
                raise FailedError("The listener still has the old certificate.")
            time.sleep(0.02)
        seconds = time.perf_counter() - start
        self._rest("UPDATE_COMPLETE")
        return seconds

    def _put(self) -> str:
        answer = self._secrets.put_secret_value(SecretId=self._secret, SecretString=self._bundle())
        return str(answer["VersionId"])

    def _bundle(self) -> str:
        leaf = self._authority.leaf("www.example.com")
        return leaf.fullchain_pem() + leaf.key_pem()

    def _update(self, version: str) -> None:
        (parameter,) = self._synthesized.template["Parameters"]
        self._stacks.update_stack(
            StackName=_STACK,
            UsePreviousTemplate=True,
            Parameters=[{"ParameterKey": parameter, "ParameterValue": version}],
            Capabilities=["CAPABILITY_IAM"],
        )

    def _served(self) -> list[str]:
        (balancer,) = self._listeners.describe_load_balancers()["LoadBalancers"]
        listeners = self._listeners.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])
        return [
            certificate["CertificateArn"]
            for listener in listeners["Listeners"]
            for certificate in listener["Certificates"]
        ]

    def _rest(self, wanted: str) -> None:
        deadline = time.monotonic() + _MOST_SECONDS
        while (status := self._status()) != wanted:
            if "ROLLBACK" in status or "FAILED" in status or time.monotonic() > deadline:
                raise FailedError(f"The stack is in {status}, not in {wanted}.")
            time.sleep(0.02)

    def _status(self) -> str:
        (stack,) = self._stacks.describe_stacks(StackName=_STACK)["Stacks"]
        return str(stack["StackStatus"])


def _listed(calls: Mapping[str, int]) -> str:
    """Write the number of calls of each action."""
    return ", ".join(f"{number} {action}" for action, number in sorted(calls.items()) if number)
