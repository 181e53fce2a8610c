"""Runs the steps, and checks IAM after each."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from dev import ROOT
from dev.adoption.steps import STEPS, Action, Held
from dev.certificates.authority import Authority
from dev.demo.cdk_cli import CdkCli
from dev.demo.facts import Outcome
from server_certificate.contract.ownership import LOGICAL_ID_TAG, OWNERSHIP_PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from dev.adoption.steps import Step
    from dev.tools.interruption import Interruption
    from local_cloud import LocalCloud

STACK: Final = "Certificates"
NAME: Final = "legacy"
PATH: Final = "/by-hand/"
TAGS: Final = {"owner": "ops"}

_LONGEST_SECONDS: Final = 120.0
_PAUSE_SECONDS: Final = 0.2


class Driver:
    """
    A bootstrapped cloud with a certificate that somebody uploaded.

    Args:
        directory: An empty directory for all files.
        cloud: An empty local cloud.
        interruption: What may interrupt the steps.
    """

    def __init__(self, directory: Path, cloud: LocalCloud, interruption: Interruption) -> None:
        material = Authority.root(at=datetime.now(UTC)).intermediate().leaf("www.example.com")
        certificate, chain = material.write(directory / "certificates")
        self._values = {
            "certificate": str(certificate),
            "chain": str(chain),
            "secret": "legacy/private-key",
            "name": NAME,
            "path": PATH,
        }
        cloud.client("secretsmanager").create_secret(
            Name=self._values["secret"], SecretString=material.key_pem()
        )
        self._iam: Any = cloud.client("iam")
        self._stacks: Any = cloud.client("cloudformation")
        uploaded = self._iam.upload_server_certificate(
            ServerCertificateName=NAME,
            Path=PATH,
            CertificateBody=material.pem,
            CertificateChain=material.chain_pem(),
            PrivateKey=material.key_pem(),
            Tags=[{"Key": key, "Value": value} for key, value in TAGS.items()],
        )
        self._certificate_id = uploaded["ServerCertificateMetadata"]["ServerCertificateId"]
        self._cli = CdkCli(directory=directory, cloud=cloud, interruption=interruption)
        self._cli.prepare()
        self._assemblies = self._synthesize(directory / "assemblies")
        bootstrapped = self._cli.bootstrap()
        if bootstrapped.exit_code:
            raise RuntimeError(bootstrapped.output)

    def run(self, step: Step) -> tuple[str, ...]:
        """Run a step, and return what is wrong afterwards."""
        return tuple(self._problems(step, self._run(step)))

    def shown(self) -> str:
        """Describe what IAM holds."""
        held = [
            f"{metadata['ServerCertificateId']} {metadata['Path']}{metadata['ServerCertificateName']}"
            f" {self._tags(metadata['ServerCertificateName'])}"
            for metadata in self._metadata()
        ]
        return "; ".join(held) or "nothing"

    def _synthesize(self, folder: Path) -> dict[str, Path]:
        """Synthesize the app once for all steps with the same values."""
        changes = {_key(step.context): step.context for step in STEPS}
        assemblies = {key: folder / str(number) for number, key in enumerate(changes)}
        wanted = {str(assemblies[key]): self._values | dict(changes[key]) for key in changes}
        subprocess.run(
            [sys.executable, "-m", "dev.adoption.app"],
            check=True,
            cwd=ROOT,
            env=self._cli.environment(),
            input=json.dumps(wanted),
            text=True,
            timeout=_LONGEST_SECONDS,
        )
        return assemblies

    def _run(self, step: Step) -> Outcome:
        assembly = self._assemblies[_key(step.context)]
        match step.action:
            case Action.DEPLOY:
                return self._deploy(assembly)
            case Action.DEPLOY_WITHOUT_ROLLBACK:
                return self._deploy(assembly, "--no-rollback")
            case Action.CREATE_OR_DELETE:
                return self._create_or_delete(assembly)
            case Action.DESTROY:
                return self._cli.on_assembly("destroy", assembly, "--force")

    def _deploy(self, assembly: Path, *options: str) -> Outcome:
        return self._cli.on_assembly("deploy", assembly, "--require-approval", "never", *options)

    def _create_or_delete(self, assembly: Path) -> Outcome:
        """Create the stack through the API: the CDK CLI has no option for OnFailure."""
        template = assembly / f"{STACK}.template.json"
        stack_id = self._stacks.create_stack(
            StackName=STACK,
            TemplateBody=template.read_text(encoding="utf-8"),
            Capabilities=["CAPABILITY_NAMED_IAM"],
            OnFailure="DELETE",
        )["StackId"]
        until = time.monotonic() + _LONGEST_SECONDS
        while time.monotonic() < until:
            (stack,) = self._stacks.describe_stacks(StackName=stack_id)["Stacks"]
            if not stack["StackStatus"].endswith("_IN_PROGRESS"):
                is_gone = stack["StackStatus"] == "DELETE_COMPLETE"
                return Outcome(exit_code=1 if is_gone else 0, output=stack["StackStatus"])
            time.sleep(_PAUSE_SECONDS)
        return Outcome(exit_code=0, output="It didn't end in time.")

    def _problems(self, step: Step, outcome: Outcome) -> Iterator[str]:
        if bool(outcome.exit_code) is not step.fails:
            yield f"{step.action.value} ended with {outcome.exit_code}: {outcome.output[-2000:]}"
        if step.output not in outcome.output:
            yield f"'{step.output}' isn't in the output: {outcome.output[-2000:]}"
        there = self._metadata()
        if step.held is Held.NOTHING:
            if there:
                yield "something is left in IAM"
            return
        expected = (self._certificate_id, NAME, PATH)
        if [_place(metadata) for metadata in there] != [expected]:
            yield "the certificate from before has changed"
            return
        tags = self._tags(NAME)
        if not tags.items() >= TAGS.items():
            yield "it has lost its own tags"
        owner = tags.get(LOGICAL_ID_TAG, "")
        has_owner = any(key.startswith(OWNERSHIP_PREFIX) for key in tags)
        if has_owner is not (step.held is Held.OURS) or not owner.startswith(step.logical_id):
            yield f"its tags are not {step.held.value}"

    def _metadata(self) -> list[dict[str, Any]]:
        metadata: list[dict[str, Any]] = self._iam.list_server_certificates()[
            "ServerCertificateMetadataList"
        ]
        return metadata

    def _tags(self, name: str) -> dict[str, str]:
        tags = self._iam.list_server_certificate_tags(ServerCertificateName=name)["Tags"]
        return {tag["Key"]: tag["Value"] for tag in tags}


def _key(changes: Mapping[str, str]) -> str:
    return json.dumps(dict(changes), sort_keys=True)


def _place(metadata: dict[str, Any]) -> tuple[str, str, str]:
    return (
        metadata["ServerCertificateId"],
        metadata["ServerCertificateName"],
        metadata["Path"],
    )
