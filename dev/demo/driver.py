"""Runs the steps: certificates, secrets, deployments."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from dev.certificates.authority import Authority
from dev.demo.cdk_cli import CdkCli
from dev.demo.facts import Evidence, Outcome
from dev.demo.names import Names
from dev.demo.observer import Observer
from dev.demo.steps import Bootstrap, CollectTexts, Deploy, Destroy, Diff, RenewAutomatically

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from dev.certificates.authority import Issued
    from dev.demo.account import CloudAccount
    from dev.demo.facts import StoredCertificate
    from dev.demo.steps import Action, Declaration
    from dev.tools.interruption import Interruption

HOST: Final = "www.example.com"
MATERIALS: Final = ("first", "renewed", "again", "other", "automatic")
"""Certificates for one host, each with a key of its own."""

LOCAL_CONTEXT: Final = MappingProxyType({"propagation": "0", "load-balancer": "yes"})


class Driver:
    """
    A cloud with secrets and somebody else's certificate, and what the steps do in it.

    Args:
        directory: An empty directory for all files.
        account: An account that has nothing of these names.
        interruption: What may interrupt the steps.
        names: What everything is called; default: the names without a prefix.
        context: The app's context values that are the same in each step; default: those for the
            local cloud, where certificates need no time to propagate.
        options: Further options for ``cdk deploy``.
        longest_seconds: How long a command may run; default: what the local cloud needs at most.
        pause_seconds: The pause between two looks at the listener; default: a short one.
    """

    def __init__(
        self,
        directory: Path,
        account: CloudAccount,
        interruption: Interruption,
        *,
        names: Names | None = None,
        context: Mapping[str, str] = LOCAL_CONTEXT,
        options: tuple[str, ...] = (),
        longest_seconds: float = 180.0,
        pause_seconds: float = 0.05,
    ) -> None:
        self._names = names or Names()
        self._fixed_context = {
            "stack": self._names.stack,
            **context,
        }
        self._options = options
        authority = Authority.root(at=datetime.now(UTC)).intermediate()
        self.materials: Final = {name: authority.leaf(HOST) for name in MATERIALS}
        self._files = {
            name: material.write(directory / "certificates" / name)
            for name, material in self.materials.items()
        }
        secrets = account.client("secretsmanager")
        for name, material in self.materials.items():
            secrets.create_secret(Name=self._names.secret(name), SecretString=material.key_pem())
        self._secrets = secrets
        secrets.create_secret(
            Name=self._names.bundle, SecretString=_bundle(self.materials["again"])
        )
        self._longest_seconds = longest_seconds
        self._pause_seconds = pause_seconds
        self._observer = Observer(account, self._names, pause_seconds=pause_seconds)
        self._foreign = self._upload_by_hand(account, authority)
        self._cli = CdkCli(
            directory=directory,
            cloud=account,
            interruption=interruption,
            longest_seconds=longest_seconds,
        )
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
            names=self._names,
        )

    def seen_again(self, action: Action, evidence: Evidence) -> Evidence:
        """Observe once more what a step has done; texts are read again."""
        outcome = self._act(action) if isinstance(action, CollectTexts) else evidence.outcome
        return replace(evidence, outcome=outcome, after=self._observer.snapshot())

    def _act(self, action: Action) -> Outcome:
        match action:
            case Bootstrap():
                return self._cli.bootstrap()
            case Deploy(declaration=declaration, watched=watched):
                return self._deploy(declaration, watched=watched)
            case Diff(declaration=declaration):
                return self._cli.on_app("diff", "--fail", context=self._context(declaration))
            case RenewAutomatically(declaration=declaration, bundle=bundle):
                return self._renew(declaration, self.materials[bundle])
            case CollectTexts():
                return Outcome(texts=self._texts())
            case Destroy():
                # All that counts is the stack's name, and synthesizing takes seconds.
                return self._cli.on_assembly("destroy", self._cli.output_directory, "--force")

    def _deploy(self, declaration: Declaration, *, watched: bool) -> Outcome:
        options = ("--require-approval", "never", *self._options)
        context = self._context(declaration)
        if not watched:
            return self._cli.on_app("deploy", *options, context=context)
        with self._observer.watching() as results:
            outcome = self._cli.on_app("deploy", *options, context=context)
        return replace(outcome, watch=results[0])

    def _renew(self, declaration: Declaration, renewed: Issued) -> Outcome:
        deployed = self._deploy(declaration, watched=False)
        if deployed.exit_code:
            return deployed
        with self._observer.watching() as results:
            self._secrets.put_secret_value(
                SecretId=self._names.bundle, SecretString=_bundle(renewed)
            )
            self._wait_for(renewed)
        compared = self._cli.on_app("diff", "--fail", context=self._context(declaration))
        return replace(compared, watch=results[0])

    def _wait_for(self, renewed: Issued) -> None:
        """Wait until IAM has a certificate, and the one that it replaces is deleted."""
        deadline = time.monotonic() + self._longest_seconds
        while time.monotonic() < deadline:
            stored = self._observer.snapshot().certificates
            ours = [each for each in stored if each.name != self._names.foreign]
            if [each.certificate_der for each in ours] == [renewed.der]:
                return
            time.sleep(self._pause_seconds)

    def _context(self, declaration: Declaration) -> dict[str, str]:
        certificate, chain = self._files[declaration.certificate]
        return {
            "certificate": str(certificate),
            "chain": str(chain),
            "secret": self._names.secret(declaration.private_key),
            "name": declaration.name,
            "path": declaration.path,
            "bundle": self._names.bundle if declaration.renews else "",
            **self._fixed_context,
        }

    def _texts(self) -> dict[str, bytes]:
        logs = self._observer.logs(containing=self._names.stack)
        out = self._cli.output_directory
        return {f"log {name}": text for name, text in logs.items()} | {
            f"cdk.out {path.relative_to(out)}": path.read_bytes()
            for path in sorted(out.rglob("*"))
            if path.is_file()
        }

    def _upload_by_hand(self, account: CloudAccount, authority: Authority) -> StoredCertificate:
        material = authority.leaf("legacy.example.com")
        account.client("iam").upload_server_certificate(
            ServerCertificateName=self._names.foreign,
            CertificateBody=material.pem,
            CertificateChain=material.chain_pem(),
            PrivateKey=material.key_pem(),
            Tags=[{"Key": "owner", "Value": "somebody else"}],
        )
        return self._observer.certificate(self._names.foreign)


def _bundle(material: Issued) -> str:
    return material.fullchain_pem(root=True) + material.key_pem()
