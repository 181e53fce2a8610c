"""The lock files: complete, consistent with one another, and free of registry addresses."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from dev import ROOT
from dev.tools.lambda_dependencies import RUNTIMES

if TYPE_CHECKING:
    from pathlib import Path

LAMBDA = ROOT / "lambda/server_certificate_handler/requirements.txt"
DEVELOPMENT = ROOT / "dev/requirements/development.txt"
AWS_CLI = ROOT / "dev/requirements/aws-cli.txt"
DOCS = ROOT / "dev/requirements/docs.txt"
CLIENTS = ROOT / "dev/requirements/clients.txt"
ANSIBLE = ROOT / "dev/requirements/ansible.txt"
JAVASCRIPT = ROOT / "tests/slow/clients/javascript/package-lock.json"
CDK_CLI = ROOT / "dev/tools/cdk-cli/package-lock.json"
PYTHONS = ROOT / "dev/tools/bytecode/package-lock.json"


def versions(lock: Path) -> dict[str, str]:
    """Return the version of each package in a lock of Python packages."""
    return dict(re.findall(r"^([\w.-]+)==(\S+)", lock.read_text(), re.MULTILINE))


def test_lambda_carries_three_packages() -> None:
    """What comes with the Lambda runtime (boto3 and all it needs) is never locked for it."""
    assert set(versions(LAMBDA)) == {"cffi", "crhelper", "cryptography"}


def test_lambda_carries_what_is_tested() -> None:
    """The function runs with the versions that its tests ran with."""
    assert versions(LAMBDA).items() <= versions(DEVELOPMENT).items()


@pytest.mark.parametrize(
    "lock", [LAMBDA, DEVELOPMENT, AWS_CLI, DOCS, CLIENTS, ANSIBLE], ids=lambda path: path.name
)
def test_every_package_has_hashes(lock: Path) -> None:
    """Each pinned version is followed by the hashes of its files."""
    pins = re.findall(
        r"^[\w.-]+==.*(?:\n    --hash=sha256:[0-9a-f]{64}.*)+", lock.read_text(), re.MULTILINE
    )
    # Not of `versions`: a package may be pinned twice, once for older versions of Python.
    assert len(pins) == len(re.findall(r"^[\w.-]+==", lock.read_text(), re.MULTILINE)) > 0


@pytest.mark.parametrize(
    "lock",
    [LAMBDA, DEVELOPMENT, AWS_CLI, DOCS, CLIENTS, ANSIBLE, CDK_CLI, PYTHONS, JAVASCRIPT],
    ids=lambda path: f"{path.parent.name}-{path.name}",
)
def test_names_no_registry(lock: Path) -> None:
    """An installation uses the registry or mirror that the user has configured."""
    assert "://" not in lock.read_text()


@pytest.mark.parametrize("lock", [CDK_CLI, PYTHONS, JAVASCRIPT], ids=lambda path: path.parent.name)
def test_npm_packages_have_integrity_hashes(lock: Path) -> None:
    """Each package from npm is compared with its hash."""
    packages = json.loads(lock.read_text())["packages"]
    assert all(package["integrity"] for path, package in packages.items() if path)


def test_each_runtime_has_its_python() -> None:
    """Whatever Python the function can be set to, one of that version compiles for it."""
    packages = json.loads(PYTHONS.read_text())["packages"][""]["dependencies"]
    assert list(packages) == [f"python{runtime}" for runtime in RUNTIMES]
