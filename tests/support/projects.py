"""Fixtures for tests of deployments: a bootstrapped local cloud, the example app, the real CDK CLI."""

from __future__ import annotations

import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Protocol

import pytest

from dev import ROOT
from dev.certificates.authority import Authority, Issued
from dev.demo.cdk_cli import CdkCli
from dev.demo.observer import Observer
from dev.tools.interruption import Interruption
from local_cloud import LocalCloud

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from dev.demo.facts import Outcome

_SOURCES: Final = ("constructs", "lambda")
"""They are missing where the installed wheel is tested; it has their content."""

_FOLDERS: Final = ("dev", "local_cloud")
_FILES: Final = ("app.py", "cdk.json")


@dataclass(frozen=True, kw_only=True)
class Project:
    """The example app in front of a bootstrapped cloud."""

    directory: Path
    cloud: LocalCloud
    observer: Observer

    def cli(self, *, root: Path = ROOT) -> CdkCli:
        """Return the CDK CLI on a checkout."""
        directory = self.directory / f"cli-{len(list(self.directory.iterdir()))}"
        directory.mkdir()
        cli = CdkCli(directory=directory, cloud=self.cloud, interruption=Interruption(), root=root)
        cli.prepare()
        return cli

    def deploy(self, context: dict[str, str]) -> Outcome:
        """Deploy the app from this checkout."""
        return self.cli().on_app("deploy", "--require-approval", "never", context=context)

    def store_key(self, text: str, *, name: str = "www/private-key") -> None:
        """Put a private key into a secret."""
        self.cloud.client("secretsmanager").create_secret(Name=name, SecretString=text)


class StartProject(Protocol):
    """Starts a cloud with the app in front of it."""

    def __call__(self, directory: Path, *, auth: bool = False) -> AbstractContextManager[Project]:
        """
        Start one.

        Args:
            directory: An empty one, for everything that is written.
            auth: Whether policies are enforced.
        """


class CheckOut(Protocol):
    """Makes another checkout."""

    def __call__(self, target: Path, *, source: Path = ROOT) -> Path:
        """Copy what the app and the demo are made of; contents alone, neither times nor modes."""


@pytest.fixture(scope="session")
def check_out() -> CheckOut:
    """Make checkouts in other places, with what the set-up put into this one."""

    def copy(target: Path, *, source: Path = ROOT) -> Path:
        sources = (folder for folder in _SOURCES if (source / folder).is_dir())
        for folder in (*sources, *_FOLDERS):
            shutil.copytree(
                source / folder,
                target / folder,
                ignore=shutil.ignore_patterns("__pycache__"),
                copy_function=shutil.copyfile,
            )
        for file in _FILES:
            shutil.copyfile(source / file, target / file)
        return target

    return copy


@pytest.fixture(scope="session")
def start_project() -> StartProject:
    """Start clouds, each empty but for the CDK's bootstrap stack."""

    @contextmanager
    def start(directory: Path, *, auth: bool = False) -> Iterator[Project]:
        with LocalCloud.running(directory=directory / "cloud", auth=auth) as cloud:
            project = Project(directory=directory, cloud=cloud, observer=Observer(cloud))
            bootstrapped = project.cli().bootstrap()
            assert bootstrapped.exit_code == 0, bootstrapped.output
            yield project

    return start


@pytest.fixture
def project(start_project: StartProject, tmp_path: Path) -> Iterator[Project]:
    """A cloud for one test alone."""
    with start_project(tmp_path) as project:
        yield project


@pytest.fixture(scope="session")
def material() -> Issued:
    """A certificate with its chain and its key."""
    return Authority.root(at=datetime.now(UTC)).intermediate().leaf("www.example.com")


@pytest.fixture
def context(material: Issued, tmp_path: Path) -> dict[str, str]:
    """Context values that make the app declare the material."""
    certificate, chain = material.write(tmp_path / "certificates")
    return {"certificate": str(certificate), "chain": str(chain), "propagation": "0"}
