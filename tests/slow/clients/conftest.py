"""The installed programs, a local cloud with a certificate in use, and files to upload."""

from __future__ import annotations

import os
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from dev import ROOT
from dev.tools import environments
from dev.tools.commands import run
from dev.tools.installers import LOG, PYTHON, VENV
from local_cloud import LocalCloud
from support.consumers import https_listener, load_balancer
from support.uploads import Certificates

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).parent
PROGRAMS_LOCK = ROOT / "dev/requirements/clients.txt"
COLLECTIONS_LOCK = ROOT / "dev/requirements/ansible.txt"
COLLECTIONS = ("ansible_collections/amazon/aws/", "ansible_collections/community/aws/")
PURPOSE = "The other programs"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark all in this folder: it installs what a checkout locks."""
    for item in items:
        if item.path.parent == FOLDER:
            for mark in ("checkout", "local_cloud", "network"):
                item.add_marker(mark)


@dataclass(frozen=True, slots=True)
class Programs:
    """Programs from PyPI in an environment of their own."""

    environment: Path
    collections: Path
    """The folder of Ansible's collections for AWS."""

    def command(self, name: str) -> str:
        """Return the path of a command."""
        return str(self.environment / "bin" / name)


@pytest.fixture(scope="session")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Programs:
    """Install ansible-core and Cloud Custodian, and two of Ansible's hundred collections."""
    folder = tmp_path_factory.mktemp("programs")
    environment = folder / "environment"
    run([PYTHON, "-m", "venv", "--without-pip", environment], purpose=PURPOSE, log=LOG)
    # Compiling everything takes longer than installing it, and most of it is never imported.
    options = ("--no-compile", "--require-hashes", "--requirement", PROGRAMS_LOCK)
    environments.install(environment, *options, purpose=PURPOSE)
    run(
        [
            *(PYTHON, "-m", "pip", "download", "--cache-dir", VENV / "cache/pip"),
            *("--disable-pip-version-check", "--no-input", "--no-deps", "--only-binary", ":all:"),
            *("--require-hashes", "--requirement", COLLECTIONS_LOCK, "--dest", folder),
        ],
        purpose=PURPOSE,
        log=LOG,
    )
    (wheel,) = folder.glob("ansible-*.whl")
    # All of them would be 200 MB in 20,000 files.
    with zipfile.ZipFile(wheel) as archive:
        wanted = [name for name in archive.namelist() if name.startswith(COLLECTIONS)]
        archive.extractall(folder / "collections", wanted)
    return Programs(environment, folder / "collections")


@pytest.fixture(scope="session")
def certificates() -> Certificates:
    """Return certificates that are valid now."""
    return Certificates.valid_at(datetime.now(UTC))


@pytest.fixture(scope="session")
def files(certificates: Certificates, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a certificate, its key and its chain, and a second certificate with its key."""
    folder = tmp_path_factory.mktemp("files")
    for name, text in (
        ("leaf", certificates.leaf.pem),
        ("key", certificates.leaf.key_pem()),
        ("chain", certificates.intermediate.pem),
        ("other", certificates.self_signed.pem),
        ("other-key", certificates.self_signed.key_pem()),
    ):
        (folder / f"{name}.pem").write_text(text)
    return folder


@pytest.fixture(scope="session")
def running_cloud() -> Iterator[LocalCloud]:
    """Run one local cloud for all tests."""
    with LocalCloud.running() as cloud:
        yield cloud


@pytest.fixture
def cloud(running_cloud: LocalCloud, certificates: Certificates) -> LocalCloud:
    """Return the local cloud with nothing but a certificate, "used", and a listener that uses it."""
    running_cloud.reset()
    used = running_cloud.client("iam").upload_server_certificate(
        **certificates.upload_parameters("used")
    )
    arn = used["ServerCertificateMetadata"]["Arn"]
    https_listener(running_cloud, load_balancer(running_cloud), arn)
    return running_cloud


@pytest.fixture
def environment_variables(cloud: LocalCloud, tmp_path: Path) -> dict[str, str]:
    """Return the environment of a program that calls the local cloud and writes nowhere else."""
    kept = {name: value for name, value in cloud.environment().items() if name != "PYTHONPATH"}
    path = os.pathsep.join((str(VENV / "bin"), kept.get("PATH", os.defpath)))
    return kept | {"HOME": str(tmp_path), "LC_ALL": "C.UTF-8", "PATH": path}
