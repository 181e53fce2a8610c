"""Runs the steps for all examples at the same time, each with its own CDK CLI."""

from __future__ import annotations

import contextlib
import shlex
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from dev.certificates.authority import Authority
from dev.certificates.forms import PASSPHRASE
from dev.demo.cdk_cli import CdkCli
from dev.demo.examples.checks import ExampleEvidence
from dev.demo.examples.observer import ExampleObserver
from dev.demo.examples.renewal import renewed
from dev.demo.examples.scenarios import EXAMPLES, FIRST_REGION, SECOND_REGION, SYNTHESIZED
from dev.demo.examples.sources import BUNDLE, Sources

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from dev.certificates.authority import Issued
    from dev.demo.examples.observer import SeenStack
    from dev.demo.examples.scenarios import Example, SynthesisedExample
    from dev.demo.facts import Outcome
    from dev.tools.interruption import Interruption
    from local_cloud import LocalCloud

DOMAIN_NAMES: Final = ("www.example.com", "www.example.com.cn")
REGIONS: Final = (FIRST_REGION, SECOND_REGION)
FIRST: Final = "first"
RENEWED: Final = "renewed"
_PASSPHRASE: Final = "passphrase"  # noqa: S105 - the name of the secret


class Driver:
    """
    A cloud with secrets, and what the steps do in it.

    Args:
        directory: An empty directory for all files.
        cloud: An empty local cloud.
        interruption: What may interrupt the steps.
    """

    def __init__(self, directory: Path, cloud: LocalCloud, interruption: Interruption) -> None:
        authority = Authority.root(at=datetime.now(UTC)).intermediate()
        self.materials: Final = {name: authority.leaf(*DOMAIN_NAMES) for name in (FIRST, RENEWED)}
        self._files = {
            name: material.write(directory / "certificates" / name)
            for name, material in self.materials.items()
        }
        for region in REGIONS:
            secrets = cloud.client("secretsmanager", region=region)
            secrets.create_secret(Name=_PASSPHRASE, SecretString=PASSPHRASE)
            for name, material in self.materials.items():
                secrets.create_secret(Name=_secret(name), SecretString=material.key_pem())
                encrypted = material.key_pem(password=PASSPHRASE)
                secrets.create_secret(Name=_encrypted(name), SecretString=encrypted)
        self._sources = Sources(cloud)
        self._sources.store_bundle(self.materials[FIRST])
        self._stored: dict[str, dict[str, str]] = {}
        self._cloud = cloud
        self._iam: Any = cloud.client("iam")
        self._observer = ExampleObserver(cloud)
        self._clis = {
            name: _cli(directory / name, cloud, interruption)
            for name in (*REGIONS, *(each.file for each in (*EXAMPLES, *SYNTHESIZED)))
        }

    def bootstrap(self) -> list[Outcome]:
        """Prepare both Regions for the CDK."""
        commands = {
            region: ("bootstrap", f"aws://{self._cloud.account_id}/{region}") for region in REGIONS
        }
        return list(self._run(commands, folder="empty").values())

    def inventory(self) -> frozenset[str]:
        """List everything that exists of what examples create."""
        return self._observer.inventory(*REGIONS)

    def deploy(self, material: str, *, is_renamed: bool = False) -> list[ExampleEvidence]:
        """
        Deploy all examples.

        Args:
            material: The name of the certificate to deploy.
            is_renamed: Whether it has its later name and path.
        """
        commands = {
            example.file: self._deployment(example, material, is_renamed=is_renamed)
            for example in EXAMPLES
        }
        return self._act(commands)

    def renew(self) -> list[ExampleEvidence]:
        """Deploy the renewed certificate, except where storing it in the secret is enough."""
        commands = {
            example.file: self._deployment(example, RENEWED, is_renamed=False)
            for example in EXAMPLES
            if not example.renews_itself
        }
        return self._act(commands, stores=self.materials[RENEWED])

    def destroy(self) -> list[ExampleEvidence]:
        """Destroy all examples, as they were last synthesized."""
        return self._act(
            {
                example.file: (
                    *("destroy", "--force", example.selector),
                    *("--app", str(self._clis[example.file].output_directory)),
                )
                for example in EXAMPLES
            }
        )

    def synthesize(self) -> list[tuple[SynthesisedExample, Outcome]]:
        """Synthesize the examples that the local cloud can't deploy."""
        context = self._context(FIRST)
        commands = {
            example.file: self._on_app("synth", example.file, ("--quiet",), context)
            for example in SYNTHESIZED
        }
        outcomes = self._run(commands, folder="app")
        return [(example, outcomes[example.file]) for example in SYNTHESIZED]

    def deletions(self) -> int:
        """Return how often functions have called DeleteServerCertificate, successfully or not."""
        return self._cloud.calls("function").get("DeleteServerCertificate", 0)

    def delete_by_hand(self, seen: Iterable[SeenStack]) -> dict[str, str]:
        """Try to delete certificates; return the error codes by name, empty for a success."""
        errors = {}
        for stored in (each.certificate for each in seen):
            if stored is None:
                continue
            errors[stored.name] = ""
            try:
                self._iam.delete_server_certificate(ServerCertificateName=stored.name)
            except ClientError as error:
                errors[stored.name] = error.response.get("Error", {}).get("Code", "no code")
        return errors

    def _act(
        self, commands: Mapping[str, tuple[str, ...]], *, stores: Issued | None = None
    ) -> list[ExampleEvidence]:
        before = {example.file: self._observer.stacks(example) for example in EXAMPLES}
        with self._observer.watching() as looks:
            if stores:
                self._sources.store_bundle(stores)
            outcomes = self._run(commands, folder="app")
            outcomes |= {
                each.file: renewed(each, before[each.file], self._cloud, self._observer)
                for each in EXAMPLES
                if each.file not in outcomes
            }
        held = {stored.certificate_id for stored in self._observer.certificates()}
        return [
            ExampleEvidence(
                example=example,
                outcome=outcomes[example.file],
                before=before[example.file],
                after=self._observer.stacks(example),
                held=frozenset(held),
                looks=tuple(looks),
            )
            for example in EXAMPLES
        ]

    def _run(self, commands: Mapping[str, tuple[str, ...]], *, folder: str) -> dict[str, Outcome]:
        with contextlib.ExitStack() as stack:
            waits = {}
            for name, (command, *arguments) in commands.items():
                cli = self._clis[name]
                waits[name] = stack.enter_context(
                    cli.started(command, *arguments, cwd=cli.directory / folder)
                )
            return {name: wait() for name, wait in waits.items()}

    def _deployment(self, example: Example, material: str, *, is_renamed: bool) -> tuple[str, ...]:
        context = self._context(material)
        if is_renamed:
            context["prefix" if example.is_prefix else "name"] = example.name
            if example.other_path:
                context["path"] = example.other_path
        options = ("--method", "direct", "--require-approval", "never", example.selector)
        return self._on_app("deploy", example.file, options, context)

    def _on_app(
        self, command: str, file: str, options: tuple[str, ...], context: Mapping[str, str]
    ) -> tuple[str, ...]:
        cli = self._clis[file]
        app = shlex.join([sys.executable, str(cli.root / "examples" / f"{file}.py")])
        pairs = [part for key, value in context.items() for part in ("-c", f"{key}={value}")]
        return (command, *options, "--app", app, "--output", str(cli.output_directory), *pairs)

    def _context(self, material: str) -> dict[str, str]:
        certificate, chain = self._files[material]
        # Only once it is deployed: some sources are read in the newest version.
        if material not in self._stored:
            self._stored[material] = self._sources.store(self.materials[material])
        return self._stored[material] | {
            "certificate": str(certificate),
            "chain": str(chain),
            "secret": _secret(material),
            "encrypted-key": _encrypted(material),
            "passphrase": _PASSPHRASE,
            "bundle": BUNDLE,
            # In the emulator, certificates need no time to propagate.
            "propagation": "0",
        }


def _cli(directory: Path, cloud: LocalCloud, interruption: Interruption) -> CdkCli:
    directory.mkdir()
    cli = CdkCli(directory=directory, cloud=cloud, interruption=interruption)
    cli.prepare()
    return cli


def _secret(material: str) -> str:
    return f"{material}/private-key"


def _encrypted(material: str) -> str:
    return f"{material}/encrypted-key"
