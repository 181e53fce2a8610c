"""
The tests against what ships: the wheels, installed, with the folders that they are made of out of reach.

    python -m dev.tools.shipped                     all tests but those about the checkout
    python -m dev.tools.shipped tests/unit -k name  some of them: the arguments are pytest's

The wheels of both distributions go into an environment of their own, which finds the packages that are
locked for development in the checkout's. The handler is data in one of them; the environment has its
folder on the path, for the tests that import it. The tests, and all else that doesn't ship, go into a
temporary folder. Only what has changed is built anew.
"""

from __future__ import annotations

import functools
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from dev import ROOT
from dev.tools import environments, wheels
from dev.tools.commands import SetupError, run
from dev.tools.distributions import HANDLER, SOURCE_ROOTS
from dev.tools.installers import LOG, PYTHON, VENV, site_packages
from dev.tools.setup import Step, alone

if TYPE_CHECKING:
    from collections.abc import Sequence

ENVIRONMENT = VENV / "shipped"
PURPOSE = "The wheels in their environment"
WHEELS = ENVIRONMENT / "wheels"
SHARED = ("bin/node", "bin/cdk", "bin/aws", "cdk-cli", "aws-cli", "cache")
"""What the environment has in common with the checkout's: neither knows of the project's packages."""

VARIABLE = "TESTED_WHEELS"
"""Tells the tests which wheels they are to be about, joined like the folders of a path."""


def main(arguments: Sequence[str]) -> int:
    """Install what ships, run pytest on it, and return the exit status."""
    try:
        built = install()
    except SetupError as error:
        sys.stderr.write(f"\n{error}\n")
        return 1
    with tempfile.TemporaryDirectory(prefix="shipped-") as folder:
        lay_out(Path(folder))
        # A terminal interrupts both, and pytest has something to clean up.
        signal.signal(signal.SIGINT, lambda *_: None)
        return run_tests(Path(folder), built, arguments)


def install() -> list[Path]:
    """
    Build the wheels, install them unless these very ones are installed already, and return them.

    Raises:
        SetupError: A package couldn't be had, or a wheel not be built.
    """
    with alone():
        environments.do(
            Step(
                name="environment for the wheels",
                action=create_environment,
                inputs=(Path(__file__),),
                output=ENVIRONMENT / "bin/python",
            )
        )
        built = build_wheels()
        environments.do(
            Step(
                name="the wheels",
                action=functools.partial(install_wheels, built),
                inputs=tuple(built),
                output=ENVIRONMENT / "bin/server-certificate",
            )
        )
    return built


def create_environment() -> None:
    """
    Make an environment that has the checkout's packages on its path, and not the checkout.

    A folder that a `.pth` file names is searched for modules, and its own `.pth` files, one of which
    leads to the checkout, are not read (documentation of Python's `site`).
    """
    command = (PYTHON, "-m", "venv", "--clear", "--without-pip", ENVIRONMENT)
    run(command, purpose=PURPOSE, log=LOG)
    packages = site_packages(ENVIRONMENT)
    (packages / "packages.pth").write_text(f"{packages / HANDLER}\n{site_packages(VENV)}\n")
    for name in SHARED:
        (ENVIRONMENT / name).symlink_to(VENV / name)


def build_wheels() -> list[Path]:
    """
    Build the wheels of the checkout as it is now; the same sources make the same wheels.

    One that is there already stays: another run of the tests may be reading it.
    """
    WHEELS.mkdir(exist_ok=True)
    kept = []
    with tempfile.TemporaryDirectory(dir=ENVIRONMENT) as folder:
        for built in wheels.build(Path(folder), log=LOG):
            wheel = WHEELS / built.name
            if not wheel.is_file() or wheel.read_bytes() != built.read_bytes():
                built.replace(wheel)
            kept.append(wheel)
    return kept


def install_wheels(built: Sequence[Path]) -> None:
    """Install wheels in place of others of the same version."""
    options = ("--no-deps", "--no-index", "--force-reinstall")
    environments.install(ENVIRONMENT, *options, *built, purpose=PURPOSE)


def lay_out(folder: Path) -> None:
    """Copy all that doesn't ship: a link would lead back to the rest."""
    shipped = {*SOURCE_ROOTS, "build", "dist", "cdk.out"}
    for path in ROOT.iterdir():
        if path.name in shipped or path.name.startswith("."):
            continue
        if path.is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(path, folder / path.name, ignore=ignored)
        else:
            shutil.copy(path, folder)


def run_tests(folder: Path, built: Sequence[Path], arguments: Sequence[str]) -> int:
    """Run pytest in a folder, by the environment's Python and with its commands."""
    inherited = os.environ.get("PATH", os.defpath).split(os.pathsep)
    others = [each for each in inherited if each != str(VENV / "bin")]
    variables = {
        "PATH": os.pathsep.join((str(ENVIRONMENT / "bin"), *others)),
        "VIRTUAL_ENV": str(ENVIRONMENT),
        VARIABLE: os.pathsep.join(map(str, built)),
    }
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(
        [ENVIRONMENT / "bin/python", "-m", "pytest", "-o", "pythonpath=. tests", *arguments],
        check=False,
        cwd=folder,
        env={**kept, **variables},
    ).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
