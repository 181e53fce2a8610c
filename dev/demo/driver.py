"""Runs the steps: certificates, secrets, deployments."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from dev.certificates.authority import Authority
from dev.demo.cdk_cli import CdkCli
from dev.demo.facts import Evidence, Outcome
from dev.demo.observer import STACK_NAME, Observer
from dev.demo.steps import Bootstrap, CollectTexts, Deploy, Destroy, Diff

if TYPE_CHECKING:
    from pathlib import Path

    from dev.demo.facts import StoredCertificate
    from dev.demo.steps import Action, Declaration
    from dev.tools.interruption import Interruption
    from local_cloud import LocalCloud

HOST: Final = "www.example.com"
FOREIGN_NAME: Final = "uploaded-by-hand"


class Driver:
    """
    A cloud with secrets and somebody else's certificate, and what the steps do in it.

    Args:
        directory: An empty directory for all files.
        cloud: An empty local cloud.
        interruption: What may interrupt the steps.
    """

    def __init__(self, directory: Path, cloud: LocalCloud, interruption: Interruption) -> None:
        authority = Authority.root(at=datetime.now(UTC)).intermediate()
        names = ("first", "renewed", "again", "other")
        self.materials: Final = {name: authority.leaf(HOST) for name in names}
        self._files = {
            name: material.write(directory / "certificates" / name)
            for name, material in self.materials.items()
        }
        secrets = cloud.client("secretsmanager")
        for name, material in self.materials.items():
            secrets.create_secret(Name=_secret(name), SecretString=material.key_pem())
        self._observer = Observer(cloud)
        self._foreign = self._upload_by_hand(cloud, authority)
        self._cli = CdkCli(directory=directory, cloud=cloud, interruption=interruption)
        self._cli.prepare()

    def run(self, action: Action) -> Evidence:
        """Run a step, and observe everything before and after."""
        before = self._observer.snapshot()
        outcome = self._act(action)
        return Evidence(
            before=before,
            outcome=outcome,
            after=self._observer.snapshot(),
            foreign=self._foreign,
        )

    def _act(self, action: Action) -> Outcome:
        match action:
            case Bootstrap():
                return self._cli.bootstrap()
            case Deploy(declaration=declaration, watched=False):
                return self._deploy(declaration)
            case Deploy(declaration=declaration):
                with self._observer.watching() as results:
                    outcome = self._deploy(declaration)
                return replace(outcome, watch=results[0])
            case Diff(declaration=declaration):
                return self._cli.on_app("diff", "--fail", context=self._context(declaration))
            case CollectTexts():
                return Outcome(texts=self._texts())
            case Destroy(declaration=declaration):
                return self._cli.on_app("destroy", "--force", context=self._context(declaration))

    def _deploy(self, declaration: Declaration) -> Outcome:
        options = ("--require-approval", "never")
        return self._cli.on_app("deploy", *options, context=self._context(declaration))

    def _context(self, declaration: Declaration) -> dict[str, str]:
        certificate, chain = self._files[declaration.certificate]
        return {
            "certificate": str(certificate),
            "chain": str(chain),
            "secret": _secret(declaration.private_key),
            "name": declaration.name,
            "path": declaration.path,
            # In the emulator, certificates need no time to propagate.
            "propagation": "0",
            "load-balancer": "yes",
        }

    def _texts(self) -> dict[str, bytes]:
        logs = self._observer.logs()
        out = self._cli.output_directory
        return {f"log {name}": text for name, text in logs.items() if STACK_NAME in name} | {
            f"cdk.out {path.relative_to(out)}": path.read_bytes()
            for path in sorted(out.rglob("*"))
            if path.is_file()
        }

    def _upload_by_hand(self, cloud: LocalCloud, authority: Authority) -> StoredCertificate:
        material = authority.leaf("legacy.example.com")
        cloud.client("iam").upload_server_certificate(
            ServerCertificateName=FOREIGN_NAME,
            CertificateBody=material.pem,
            CertificateChain=material.chain_pem(),
            PrivateKey=material.key_pem(),
            Tags=[{"Key": "owner", "Value": "somebody else"}],
        )
        return self._observer.certificate(FOREIGN_NAME)


def _secret(material: str) -> str:
    return f"{material}/private-key"
