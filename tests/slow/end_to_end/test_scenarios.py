"""Nine scenarios of users, with what pip installs from the wheels, the CDK CLI and the local cloud."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from dev import ROOT
from dev.certificates.authority import Authority
from dev.certificates.forms import PASSPHRASE
from dev.demo.examples.scenarios import ADOPTION
from dev.tools.distributions import EXTRA
from dev.tools.shipped import VARIABLE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from dev.certificates.authority import Issued
    from dev.demo.facts import Outcome, StoredCertificate
    from support.projects import Project, StartProject

pytestmark = [pytest.mark.end_to_end, pytest.mark.network, pytest.mark.wheel]

RETAINED = ROOT / f"examples/{ADOPTION}.py"
APP = Path(__file__).parent / "scenarios_app.py"
STACKS = ("Web", "Cdn", "Bundles", "Consumer", "Prefixed")
"""What is deployed; the CDK CLI adds the stack of the consumer's load balancer."""

CERTIFICATES = {
    *("Web/Certificate", "Cdn/Certificate", "Consumer/Certificate"),
    *("Prefixed/Certificate", "Bundles/Pfx", "Bundles/EncryptedKey"),
}


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The commands of an environment in which pip has installed the wheels and what they require."""
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    wheels = [f"{wheel}[{EXTRA}]" for wheel in os.environ[VARIABLE].split(os.pathsep)]
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "--python", folder / "bin/python"),
            *("--disable-pip-version-check", "--cache-dir", Path(sys.prefix) / "cache/pip"),
            # Most of the CDK is never imported: compiling all of it takes longer than the rest.
            *("install", "--quiet", "--no-compile", *wheels),
        ],
        check=True,
        cwd=folder,
    )
    return folder / "bin"


@dataclass(frozen=True)
class User:
    """
    Somebody with an account and an environment, but without a checkout.

    Attributes:
        project: The account.
        commands: The folder of the environment's commands.
        directory: The user's files.
    """

    project: Project
    commands: Path
    directory: Path

    @property
    def secrets(self) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
        """The client of Secrets Manager."""
        return self.project.cloud.client("secretsmanager")

    def cdk(self, app: Path, command: str, *options: str, **context: str) -> Outcome:
        """Run a command of the CDK CLI, with context values, on an app or on what was synthesized of it."""
        cli = self.project.cli(root=self.directory)
        output = self.directory / f"{app.stem}.out"
        shown = str(output)
        if context:
            shown = shlex.join([str(self.commands / "python"), str(app)])
            pairs = (f"{key.replace('_', '-')}={value}" for key, value in context.items())
            options = (*options, *(part for pair in pairs for part in ("-c", pair)))
            options = ("--output", str(output), *options)
        with cli.started(command, "--app", shown, *options, cwd=cli.directory / "app") as wait:
            return wait()

    def deploy(self, app: Path, *stacks: str, **context: str) -> str:
        """Deploy stacks, several at the same time, and return what the CDK CLI prints."""
        options = ("--require-approval", "never", "--concurrency", "4")
        outcome = self.cdk(app, "deploy", *stacks, *options, **context)
        assert outcome.exit_code == 0, outcome.output
        return outcome.output

    def destroy(self, app: Path, *stacks: str) -> None:
        """Delete stacks."""
        outcome = self.cdk(app, "destroy", "--force", *stacks)
        assert outcome.exit_code == 0, outcome.output

    def command(self, *words: str | Path) -> Any:  # noqa: ANN401 - tests look at what they expect
        """Run `server-certificate`, and return the JSON that it prints."""
        inherited = self.project.cloud.environment()
        inherited.pop("PYTHONPATH", None)
        ended = subprocess.run(
            [self.commands / "server-certificate", *words, "--json"],
            check=False,
            cwd=self.directory,
            env=inherited,
            capture_output=True,
            text=True,
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return json.loads(ended.stdout)

    def store(self, material: Issued, folder: str) -> dict[str, str]:
        """Store a certificate in every secret, and return the context that declares it."""
        certificate, chain = material.write(self.directory / folder)
        key = certificate.parent / "private-key.pem"
        key.write_text(material.key_pem())
        parts = ("--certificate", certificate, "--chain", chain, "--private-key", key)
        stored = self.command("store", "--secret", "www/certificate", *parts)
        put = self.secrets.put_secret_value
        pfx = put(SecretId="www/pfx", SecretBinary=material.pkcs12(PASSPHRASE))
        encrypted = material.key_pem(password=PASSPHRASE)
        key_version = put(SecretId="www/encrypted-key", SecretString=encrypted)
        return {
            "version": stored["version_id"],
            "pfx_version": pfx["VersionId"],
            "key_version": key_version["VersionId"],
            "certificate": str(certificate),
            "chain": str(chain),
        }

    def held(self) -> dict[str, StoredCertificate]:
        """Return IAM's certificates by stack and construct, from the construct's tags; others by name."""
        found = {}
        for each in self.project.observer.snapshot().certificates:
            stack = each.tags.get("cdk-iam-server-certificate:stack-id", "")
            construct = each.tags.get("cdk-iam-server-certificate:logical-id", "")[:-8]
            found[f"{stack.split('/')[1]}/{construct}" if stack else each.name] = each
        return found

    def served(self) -> set[str]:
        """Return the ARNs and ids that listeners and distributions refer to."""
        listed = self.project.cloud.client("cloudfront").list_distributions()["DistributionList"]
        ids = {each["ViewerCertificate"]["IAMCertificateId"] for each in listed.get("Items", ())}
        return {*self.project.observer.snapshot().listener_arns, *ids}


@pytest.fixture
def user(environment: Path, start_project: StartProject, tmp_path: Path) -> Iterator[User]:
    """A user with an empty account."""
    for name in ("cloud", "user"):
        (tmp_path / name).mkdir()
    (tmp_path / "user/cdk.json").write_text("{}")
    with start_project(tmp_path / "cloud") as project:
        yield User(project, environment, tmp_path / "user")


def test_nine_scenarios(user: User) -> None:
    """What users do with certificates, from the first `store` to an account in which nothing is left."""
    authority = Authority.root(at=datetime.now(UTC)).intermediate()
    first, renewed = (authority.leaf("www.example.com") for _ in range(2))
    for name in ("www/pfx", "www/encrypted-key", "www/passphrase", "www/private-key"):
        user.secrets.create_secret(Name=name)
    user.secrets.put_secret_value(SecretId="www/passphrase", SecretString=PASSPHRASE)
    user.secrets.put_secret_value(SecretId="www/private-key", SecretString=first.key_pem())

    context = user.store(first, "first")
    user.deploy(APP, *STACKS, **context)
    before = user.held()
    every_source_and_consumer(before, user.served(), first)
    retained_released_and_adopted(user, context)

    context = user.store(renewed, "renewed")
    user.deploy(APP, *STACKS, **context)
    renewal_moves_every_consumer(user, before, renewed)
    rename_in_place(user, context)
    failure_is_rolled_back(user)
    nothing_is_left(user)


def every_source_and_consumer(
    held: Mapping[str, StoredCertificate], served: set[str], material: Issued
) -> None:
    """What was stored, a PFX and an encrypted key; two listeners and a distribution; a name with a prefix."""
    assert set(held) == CERTIFICATES
    assert {each.certificate_der for each in held.values()} == {material.der}
    assert re.fullmatch("shop-eu-central-1-[0-9a-f]{16}", held["Prefixed/Certificate"].name)
    assert served == consumed(held)


def consumed(held: Mapping[str, StoredCertificate]) -> set[str]:
    """Return what the two listeners and the distribution should refer to."""
    arns = {held[f"{stack}/Certificate"].arn for stack in ("Web", "Consumer")}
    return {*arns, held["Cdn/Certificate"].certificate_id}


def retained_released_and_adopted(user: User, context: Mapping[str, str]) -> None:
    """What a deleted stack has left behind, the command releases, and another stack adopts."""
    user.deploy(RETAINED, "Former", **context, propagation="0")
    kept = user.held()["Former/Certificate"]
    user.destroy(RETAINED, "Former")
    assert user.held()["Former/Certificate"] == kept
    assert user.command("release", kept.name, "--yes")["released"]
    user.deploy(RETAINED, "Successor", **context, propagation="0", successor="yes")
    adopted = user.held()["Successor/Certificate"]
    assert (adopted.certificate_id, adopted.arn) == (kept.certificate_id, kept.arn)


def renewal_moves_every_consumer(
    user: User, before: Mapping[str, StoredCertificate], material: Issued
) -> None:
    """A new version is a new certificate; its consumers have moved, and the old one is deleted."""
    held = user.held()
    renewed = {key: held[key] for key in CERTIFICATES}
    assert {each.certificate_der for each in renewed.values()} == {material.der}
    former = {each.certificate_id for each in before.values()}
    assert held["Prefixed/Certificate"].name.startswith("shop-eu-central-1-")
    assert not former & {each.certificate_id for each in held.values()}
    assert user.served() == consumed(held)


def rename_in_place(user: User, context: Mapping[str, str]) -> None:
    """With another name and another path, it is the same certificate, and its listener follows."""
    before = user.held()["Web/Certificate"]
    user.deploy(APP, "Web", **context, name="web", path="/shop/")
    held = user.held()
    after = held["Web/Certificate"]
    assert (after.name, after.path) == ("web", "/shop/")
    assert after.certificate_id == before.certificate_id
    assert user.served() == consumed(held)


def failure_is_rolled_back(user: User) -> None:
    """A stack that can't be created takes its certificate back."""
    before = user.held()
    failed = user.cdk(APP, "deploy", "Failing", "--require-approval", "never")
    assert failed.exit_code == 1, failed.output
    assert "function:missing" in failed.output
    assert user.held() == before


def nothing_is_left(user: User) -> None:
    """Deleted stacks leave only what they retain, which `prune` keeps until it is released."""
    retained = user.held()["Successor/Certificate"]
    user.destroy(APP, *STACKS, "Network", "Failing")
    user.destroy(RETAINED, "Successor")
    assert [each["name"] for each in user.command("list")["certificates"]] == [retained.name]
    prune = ("prune", "--older-than", "0h", "--prefix", retained.name, "--yes")
    (kept,) = user.command(*prune)["certificates"]
    assert (kept["name"], kept["outcome"]) == (retained.name, "kept")
    assert user.command("release", retained.name, "--yes")["released"]
    (deleted,) = user.command(*prune)["certificates"]
    assert (deleted["name"], deleted["outcome"]) == (retained.name, "deleted")
    assert user.command("list")["certificates"] == []
