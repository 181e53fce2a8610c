"""One Create by a process that starts cold, like a Lambda function's first invocation."""

from __future__ import annotations

import compileall
import io
import itertools
import json
import os
import platform
import py_compile
import shutil
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dev.benchmarks import synth_app
from dev.benchmarks.processes import FailedError, Measurement, measure
from dev.certificates.keys import KeyType
from dev.certificates.pool import Pool
from local_cloud import LocalCloud
from server_certificate.contract.properties import RESOURCE_TYPE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dev.certificates.authority import Issued

Measure = Callable[[Sequence[str], Mapping[str, str]], Measurement]
"""Runs a command in an environment, and measures it."""

_STACK, _LOGICAL_ID, _SECRET = "cold", "Certificate", "cold/key"
_ANSWERS, _CHAINS, _CHAIN = "answers", "chains", "certificate-chain.pem"
_START_SECONDS = 30.0
_LONGEST_TEXT = 16_384
"""The characters of a chain that the construct leaves in the template; a longer one is in a bucket."""

# What Lambda's runtime does with a function: its code first, then one event and one context.
_RUNTIME = """
import json, sys
sys.path.insert(0, sys.argv[1])
from server_certificate_handler.entry import on_event
class Context:
    aws_request_id = "1"
    def get_remaining_time_in_millis(self):
        return 900_000
with open(sys.argv[2], "rb") as event:
    on_event(json.load(event), Context())
"""


@dataclass(frozen=True, slots=True)
class Requester:
    """
    CloudFormation's part, in the local cloud: it requests a certificate, and receives the answer.

    The certificate is created by another process, which finds none in IAM.
    """

    material: Path
    """A folder with the files of certificate, chain and private key."""

    issued: Issued
    """What is in them."""

    chain: bytes
    """The chain; the certificate's own, unless something else is measured."""

    secret_arn: str
    """The secret with the private key."""

    environment: Mapping[str, str]
    """The environment: AWS is the local cloud, and no bytecode is written."""

    _cloud: LocalCloud
    _stack_id: str
    _requests: Iterator[int] = field(default_factory=itertools.count)

    @classmethod
    @contextmanager
    def ready(cls, issued: Issued, chain: bytes | None = None) -> Iterator[Requester]:
        """Start a cloud with the stack, the key in a secret, and the chain in a bucket."""
        chain = issued.chain_pem(root=False).encode() if chain is None else chain
        with LocalCloud.running() as cloud, tempfile.TemporaryDirectory() as directory:
            material = Path(directory)
            issued.write_with_key(material, root=False)
            files = cloud.client("s3")
            for bucket in (_ANSWERS, _CHAINS):
                files.create_bucket(
                    Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": cloud.region}
                )
            files.put_object(Bucket=_CHAINS, Key=_CHAIN, Body=chain)
            secret = cloud.client("secretsmanager").create_secret(
                Name=_SECRET, SecretString=issued.key_pem()
            )
            stack_id = _begin_stack(cloud)
            yield cls(
                material=material,
                issued=issued,
                chain=chain,
                secret_arn=secret["ARN"],
                environment=cloud.environment() | {"PYTHONDONTWRITEBYTECODE": "1"},
                _cloud=cloud,
                _stack_id=stack_id,
            )

    def _answer_url(self, key: str) -> str:
        """Return a presigned URL of S3, as CloudFormation gives to functions."""
        url: str = self._cloud.client("s3", signature_version="s3v4").generate_presigned_url(
            "put_object", Params={"Bucket": _ANSWERS, "Key": key}
        )
        return url

    def create(
        self,
        command: Callable[[Path], Sequence[str]],
        properties: Mapping[str, Any],
        measure: Measure = measure,
        *,
        certificates: int = 1,
        status: str = "SUCCESS",
    ) -> Measurement:
        """
        Create a custom resource.

        Args:
            command: Returns the command for the file with the event.
            properties: The properties of the resource.
            measure: Runs the command.
            certificates: The number in IAM afterwards.
            status: The status of the answer.

        Raises:
            FailedError: It wasn't created, or not refused.
        """
        number = next(self._requests)
        event = {
            "RequestType": "Create",
            "ResponseURL": self._answer_url(str(number)),
            "StackId": self._stack_id,
            "RequestId": str(number),
            "ResourceType": RESOURCE_TYPE,
            "LogicalResourceId": _LOGICAL_ID,
            "ResourceProperties": {"ServiceToken": "of no interest", **properties},
        }
        file = self.material / f"event-{number}.json"
        file.write_text(json.dumps(event), encoding="utf-8")
        measured = measure(command(file), self.environment)
        answer = self._cloud.client("s3").get_object(Bucket=_ANSWERS, Key=str(number))
        answered = json.load(answer["Body"])
        if answered["Status"] != status:
            raise FailedError(f"The answer is not {status}: {answered}")
        self._take_away(certificates)
        return measured

    def upload(self, command: Sequence[str], measure: Measure = measure) -> Measurement:
        """
        Run a command that uploads the certificate, without an event.

        Args:
            command: The command.
            measure: Runs it.

        Raises:
            FailedError: There isn't exactly one certificate in IAM afterwards.
        """
        measured = measure(command, self.environment)
        self._take_away(1)
        return measured

    def create_secret(self, name: str, text: str) -> str:
        """Store a secret; return its ARN."""
        arn: str = self._cloud.client("secretsmanager").create_secret(Name=name, SecretString=text)[
            "ARN"
        ]
        return arn

    def create_function(self, name: str, source: str) -> str:
        """Create a Lambda function and wait until it is ready; return its ARN."""
        return _create_function(self._cloud, name, source)

    def _take_away(self, certificates: int) -> None:
        iam = self._cloud.client("iam")
        stored = iam.list_server_certificates()["ServerCertificateMetadataList"]
        for each in stored:
            iam.delete_server_certificate(ServerCertificateName=each["ServerCertificateName"])
        if len(stored) != certificates:
            raise FailedError(f"IAM held {len(stored)} certificates, not {certificates}.")


def _begin_stack(cloud: LocalCloud) -> str:
    """Let CloudFormation wait for a custom resource that never answers; return the stack's id."""
    silent = _create_function(cloud, "silent", "def handler(event, context): pass")
    resources = {_LOGICAL_ID: {"Type": RESOURCE_TYPE, "Properties": {"ServiceToken": silent}}}
    stacks = cloud.client("cloudformation")
    stack_id: str = stacks.create_stack(
        StackName=_STACK, TemplateBody=json.dumps({"Resources": resources})
    )["StackId"]

    def is_in_the_books() -> bool:
        listed = stacks.list_stack_resources(StackName=_STACK)["StackResourceSummaries"]
        return any(each["LogicalResourceId"] == _LOGICAL_ID for each in listed)

    _wait_until(is_in_the_books, "The creation of the stack doesn't start.")
    return stack_id


def _create_function(cloud: LocalCloud, name: str, source: str) -> str:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("index.py", source)
    functions = cloud.client("lambda")
    arn: str = functions.create_function(
        FunctionName=name,
        Runtime="python3.14",
        Role="arn:aws:iam::111122223333:role/of-no-interest",
        Handler="index.handler",
        Code={"ZipFile": archive.getvalue()},
    )["FunctionArn"]

    def is_active() -> bool:
        state: str = functions.get_function(FunctionName=name)["Configuration"]["State"]
        return state == "Active"

    _wait_until(is_active, f"The function '{name}' doesn't start.")
    functions.invoke(FunctionName=name)
    return arn


def _wait_until(is_so: Callable[[], bool], otherwise: str) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not is_so():
        if time.monotonic() > deadline:
            raise FailedError(otherwise)
        time.sleep(0.1)


@dataclass(frozen=True, slots=True)
class ColdCreate:
    """The deployed function, which each Create starts again."""

    requester: Requester
    code: Path
    """The asset, for the architecture of this machine."""

    memory_size: int
    """The function's memory in MB."""

    @classmethod
    @contextmanager
    def prepared(cls, *, compiled: bool = True) -> Iterator[ColdCreate]:
        """
        Stage the function, and prepare its input: a leaf RSA 2048 with two intermediates.

        Args:
            compiled: Whether the asset has bytecode for the Python that runs it.
        """
        leaf = Pool.make(KeyType.RSA, 4, at=datetime.now(UTC)).leaf(0)
        with Requester.ready(leaf) as requester, tempfile.TemporaryDirectory() as directory:
            code, memory_size = _staged(requester.material, Path(directory))
            _compile(code, natively=compiled)
            yield cls(requester, code, memory_size)

    @contextmanager
    def instead(self, issued: Issued, chain: bytes | None = None) -> Iterator[ColdCreate]:
        """Return the same function with another certificate, or something else as its chain."""
        with Requester.ready(issued, chain) as requester:
            yield replace(self, requester=requester)

    def run(self, measure: Measure = measure, *, is_refused: bool = False) -> Measurement:
        """
        Let the function create the certificate.

        Args:
            measure: Runs the command.
            is_refused: Whether it must refuse instead.

        Raises:
            FailedError: It didn't.
        """
        return self.requester.create(
            self._command,
            self._properties(),
            measure,
            certificates=0 if is_refused else 1,
            status="FAILED" if is_refused else "SUCCESS",
        )

    def _command(self, event: Path) -> tuple[str, ...]:
        # Without the current directory, which may be the checkout, on the path.
        return sys.executable, "-P", "-c", _RUNTIME, str(self.code), str(event)

    def _properties(self) -> dict[str, Any]:
        chain = self.requester.chain
        return {
            "NamePrefix": "Cold-Certificate-eu-central-1",
            "Certificate": {"Text": self.requester.issued.pem},
            "CertificateChain": (
                {"Text": chain.decode()}
                if len(chain) <= _LONGEST_TEXT
                else {"BucketName": _CHAINS, "ObjectKey": _CHAIN}
            ),
            "PrivateKey": {"SecretArn": self.requester.secret_arn},
            "Tags": [{"Key": "budget", "Value": "shop"}],
            "PropagationSeconds": "0",
        }


def _staged(material: Path, directory: Path) -> tuple[Path, int]:
    """
    Stage the function as the construct does, for the architecture of this machine.

    Returns:
        The asset, and the size of the function's memory in MB.

    Args:
        material: A folder with certificate, chain and key.
        directory: An empty folder for the synthesized app.
    """
    certificates, output = directory / "certificates", directory / "cdk.out"
    certificates.mkdir()
    (certificates / "0").symlink_to(material)
    architecture = "arm64" if platform.machine() in {"arm64", "aarch64"} else "x86_64"
    context = {"cdk-iam-server-certificate:architecture": architecture}
    app = (sys.executable, "-P", synth_app.__file__)
    measure(
        (*app, "construct", "1", str(certificates), str(output)),
        {**os.environ, "CDK_CONTEXT_JSON": json.dumps(context)},
    )
    template = json.loads((output / "Many.template.json").read_text("utf-8"))
    (function,) = (
        each["Properties"]
        for each in template["Resources"].values()
        if each["Type"] == "AWS::Lambda::Function"
    )
    return output / f"asset.{Path(function['Code']['S3Key']).stem}", function["MemorySize"]


def _compile(code: Path, *, natively: bool) -> None:
    """Replace the asset's bytecode by bytecode for this Python."""
    for cache in list(code.rglob("__pycache__")):
        shutil.rmtree(cache)
    if natively:
        mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
        compileall.compile_dir(code, quiet=2, invalidation_mode=mode)
