"""A hundred certificates in one stack, with the function in a cloud of this machine."""

from __future__ import annotations

import json
import re
import statistics
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dev.benchmarks.processes import FailedError
from dev.benchmarks.rows import Result, Row, milliseconds
from dev.certificates.keys import KeyType
from dev.certificates.pool import Pool
from local_cloud import Fault, LocalCloud

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from dev.benchmarks.stack_of_many import Synthesised
    from dev.certificates.authority import Issued

_KEYS = 20
_QUOTA = 200
_EVERY = 5
_THROTTLED = Fault("iam:*ServerCertificate*", "throttle", every=_EVERY)
_RETRY_SECONDS = 1
"""The longest pause of the AWS SDK before it tries a call for the second time."""

_DELETION_SECONDS = 2
_MOST_SECONDS = 600
_STACK = "many"
_INVOCATION = re.compile(r"REPORT RequestId: .*\tDuration: (\d+) ms")


def run(*, certificates: int = 100, removed: int = 10) -> Result:
    """
    Measure.

    Args:
        certificates: How many there are in the stack.
        removed: How many of them an update removes.
    """
    # Here, because it starts what the CDK runs on, which nothing else needs.
    from dev.benchmarks.stack_of_many import secret_name, synthesise  # noqa: PLC0415

    pool = Pool.make(KeyType.P256, _KEYS, at=datetime.now(UTC))
    leaves = [pool.leaf(number) for number in range(certificates)]
    with LocalCloud.running() as cloud, tempfile.TemporaryDirectory() as directory:
        synthesised = synthesise(
            leaves, account=cloud.account_id, region=cloud.region, directory=Path(directory)
        )
        secrets = cloud.client("secretsmanager")
        for number, leaf in enumerate(leaves):
            secrets.create_secret(Name=secret_name(number), SecretString=leaf.key_pem())
        stack = _Stack(cloud, synthesised, certificates, removed)
        with cloud.knobs(quota=_QUOTA):
            plain = stack.live()
            by_hand = _delete_by_hand(cloud, leaves[:removed])
        with cloud.knobs(quota=_QUOTA, faults=[_THROTTLED]):
            throttled = stack.live()
    refused = throttled.calls - plain.calls
    pause = (throttled.seconds - plain.seconds) / refused
    return Result(
        title="Many certificates",
        method=(
            f"A stack of {certificates} certificates, synthesised by the CDK, is deployed to the"
            " local cloud, where the function's real code runs and CloudFormation makes resources"
            f" one after the other. An update removes {removed} of them, then the stack is deleted;"
            " after each step IAM holds what the stack holds, and nothing twice. All of it once as"
            f" it is, and once while IAM refuses every {_EVERY}th call as too many. A deletion's"
            f" time is the function's, by its log: median of {removed}."
        ),
        rows=(
            Row(
                what=f"{certificates} certificates, throttled",
                measured=f"{milliseconds(throttled.seconds)}, {refused} calls refused",
                against=f"not throttled: {milliseconds(plain.seconds)}",
                ratio=throttled.seconds / plain.seconds,
                target=f"all arrive, none twice; at most {_RETRY_SECONDS} s for each refused call",
                is_met=pause <= _RETRY_SECONDS,
            ),
            Row(
                what="the function deletes a certificate that is free",
                measured=milliseconds(plain.deletion_seconds),
                against=f"boto3's delete_server_certificate: {milliseconds(by_hand)}",
                ratio=plain.deletion_seconds / by_hand,
                target=f"under {_DELETION_SECONDS} s",
                is_met=plain.deletion_seconds < _DELETION_SECONDS,
            ),
        ),
    )


@dataclass(frozen=True, slots=True)
class _Life:
    """How long it took."""

    seconds: float
    calls: int
    """Calls of IAM, with those that were refused."""

    deletion_seconds: float
    """What the function needed for one deletion."""


class _Stack:
    """A stack that is made, changed and deleted through CloudFormation's API."""

    def __init__(
        self, cloud: LocalCloud, synthesised: Synthesised, certificates: int, removed: int
    ) -> None:
        self._cloud = cloud
        self._synthesised = synthesised
        self._certificates = certificates
        self._removed = removed
        self._address = f"{cloud.endpoint_url}/{synthesised.bucket}"
        self._files: Any = cloud.client("s3")
        self._iam: Any = cloud.client("iam")
        self._logs: Any = cloud.client("logs")
        self._stacks: Any = cloud.client("cloudformation")
        self._files.create_bucket(
            Bucket=synthesised.bucket,
            CreateBucketConfiguration={"LocationConstraint": cloud.region},
        )
        self._files.upload_file(str(synthesised.code), synthesised.bucket, synthesised.code.name)

    def live(self) -> _Life:
        """Create it, remove certificates from it, delete it."""
        kept = self._certificates - self._removed
        calls = self._calls()
        seconds = self._timed(
            lambda: self._stacks.create_stack(**self._declared(without=0)),
            status="CREATE_COMPLETE",
            certificates=self._certificates,
        )
        seconds += self._timed(
            lambda: self._stacks.update_stack(**self._declared(without=self._removed)),
            status="UPDATE_COMPLETE",
            certificates=kept,
        )
        deletions = self._invocations()[-self._removed :]
        seconds += self._timed(
            lambda: self._stacks.delete_stack(StackName=_STACK), status=None, certificates=0
        )
        return _Life(seconds, self._calls() - calls, statistics.median(deletions))

    def _timed(
        self, begin: Callable[[], object], *, status: str | None, certificates: int
    ) -> float:
        start = time.perf_counter()
        begin()
        deadline = time.monotonic() + _MOST_SECONDS
        while (found := self._status()) != status:
            if found is None or not found.endswith("_IN_PROGRESS") or time.monotonic() > deadline:
                raise FailedError(f"The stack came to {found}, not to {status}.")
            time.sleep(0.05)
        seconds = time.perf_counter() - start
        stored = self._stored()
        if len(stored) != certificates or (stored and set(stored) != self._held()):
            raise FailedError(f"{status}: IAM holds {len(stored)} certificates, or others.")
        return seconds

    def _calls(self) -> int:
        counted = self._cloud.calls("function").items()
        return sum(number for action, number in counted if "ServerCertificate" in action)

    def _declared(self, *, without: int) -> dict[str, Any]:
        template = json.dumps(self._synthesised.without(without)).encode()
        self._files.put_object(Bucket=self._synthesised.bucket, Key="template", Body=template)
        return {
            "StackName": _STACK,
            "TemplateURL": f"{self._address}/template",
            "Capabilities": ["CAPABILITY_IAM"],
        }

    def _status(self) -> str | None:
        """Return the status of the stack; None if there is none."""
        statuses = (each["StackStatus"] for each in self._stacks.list_stacks()["StackSummaries"])
        return next((status for status in statuses if status != "DELETE_COMPLETE"), None)

    def _stored(self) -> list[str]:
        pages = self._iam.get_paginator("list_server_certificates").paginate()
        return [
            each["ServerCertificateId"]
            for page in pages
            for each in page["ServerCertificateMetadataList"]
        ]

    def _held(self) -> set[str]:
        pages = self._stacks.get_paginator("list_stack_resources").paginate(StackName=_STACK)
        return {
            each["PhysicalResourceId"]
            for page in pages
            for each in page["StackResourceSummaries"]
            if each["ResourceType"].startswith("Custom::")
        }

    def _invocations(self) -> list[float]:
        """Return how many seconds each invocation of the function took, the last one last."""
        deadline = time.monotonic() + _MOST_SECONDS
        while len(found := self._logged()) < self._certificates + self._removed:
            if time.monotonic() > deadline:
                raise FailedError("The function's log lacks invocations.")
            time.sleep(0.05)
        return found

    def _logged(self) -> list[float]:
        (group,) = self._logs.describe_log_groups()["logGroups"]
        pages = self._logs.get_paginator("filter_log_events").paginate(
            logGroupName=group["logGroupName"]
        )
        events = [event for page in pages for event in page["events"]]
        events.sort(key=lambda event: event["timestamp"])
        found = (_INVOCATION.match(event["message"]) for event in events)
        return [int(match[1]) / 1000 for match in found if match]


def _delete_by_hand(cloud: LocalCloud, leaves: Sequence[Issued]) -> float:
    """Return how many seconds the call alone takes."""
    iam = cloud.client("iam")
    taken = []
    for leaf in leaves:
        iam.upload_server_certificate(
            ServerCertificateName="by-hand",
            CertificateBody=leaf.pem,
            CertificateChain=leaf.chain_pem(root=False),
            PrivateKey=leaf.key_pem(),
        )
        start = time.perf_counter()
        iam.delete_server_certificate(ServerCertificateName="by-hand")
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)
