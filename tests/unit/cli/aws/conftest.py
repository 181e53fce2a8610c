"""Fixtures for an emulated AWS account, and for running the command against it."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from botocore.loaders import Loader, create_loader

from dev.certificates.authority import NOW, Authority, Issued
from dev.simulator.account import ACCOUNT_ID, REGION
from server_certificate.description import timestamp
from server_certificate_cli.main import group
from support.command import Ended, write_parts
from support.command_account import CommandAccount

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.fixture(scope="session")
def authority() -> Authority:
    """Return an intermediate authority below a root."""
    return Authority.root().intermediate()


@pytest.fixture(scope="session")
def leaf(authority: Authority) -> Issued:
    """Return a valid certificate."""
    return authority.leaf("www.example.com")


@pytest.fixture
def pauses() -> list[float]:
    """Return the delays that botocore would have used before each retry."""
    return []


@pytest.fixture(scope="session")
def data_loader() -> Loader:
    """Return a loader of botocore's data, which reads the model of a service once for all tests."""
    return create_loader()


@pytest.fixture
def account(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, pauses: list[float], data_loader: Loader
) -> CommandAccount:
    """Return an empty account that all new clients use, with no other configuration."""
    for variable in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(variable)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", ACCOUNT_ID)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "opens-nothing")
    monkeypatch.setenv("AWS_REGION", REGION)
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "aws-config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "aws-credentials"))
    monkeypatch.setattr("botocore.session.create_loader", lambda *_: data_loader)
    monkeypatch.setattr("botocore.endpoint.time.sleep", pauses.append)
    account = CommandAccount()
    account.connect(monkeypatch)
    return account


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., Ended]:
    """Return a function that runs the command at the time of the tests."""

    def run(*words: str, at: str | None = None) -> Ended:
        instant = () if at == "" else ("--at", at or timestamp(NOW))
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            group.main([*words, *instant])
        out, err = capsys.readouterr()
        return Ended(code=int(ended.value.code or 0), out=out, err=err)

    return run


@pytest.fixture
def folder(tmp_path: Path, leaf: Issued) -> Path:
    """Return a folder with a certificate, its chain and its private key."""
    return write_parts(tmp_path / "www", leaf, root=False)


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], list[str]]:
    """Return a function that makes a terminal whose person gives an answer, and records questions."""

    def prepare(agrees: bool) -> list[str]:  # noqa: FBT001 - the answer
        questions: list[str] = []

        def confirm(question: str) -> bool:
            questions.append(question)
            return agrees

        for module in ("prune", "release", "replacing"):
            name = f"server_certificate_cli.aws.{module}"
            monkeypatch.setattr(f"{name}.can_ask", lambda: True)
            monkeypatch.setattr(f"{name}.confirm", confirm)
        return questions

    return prepare
