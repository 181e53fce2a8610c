"""
The tests against what ships: the wheel, installed, with the folders that it is made of out of reach.

    python -m dev.tools.shipped                     all tests but those about the checkout
    python -m dev.tools.shipped tests/unit -k name  some of them: the arguments are pytest's

The wheel goes into an environment of its own, which finds the packages that are locked for development
in the checkout's; the tests, and all else that doesn't ship, go into a temporary folder. Only what has
changed is built anew.
"""

from __future__ import annotations

import functools
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

from dev import ROOT
from dev.tools import environments
from dev.tools.commands import SetupError, run
from dev.tools.installers import LOG, PYTHON, VENV, site_packages
from dev.tools.setup import Step, alone

if TYPE_CHECKING:
    from collections.abc import Sequence

ENVIRONMENT = VENV / "shipped"
PURPOSE = "The wheel in its environment"
WHEELS = ENVIRONMENT / "wheel"
SHARED = ("bin/node", "bin/cdk", "bin/aws", "cdk-cli", "aws-cli", "cache")
"""What the environment has in common with the checkout's: neither knows of the project's packages."""

VARIABLE = "TESTED_WHEEL"
"""Tells the tests which wheel they are to be about."""


def main(arguments: Sequence[str]) -> int:
    """Install what ships, run pytest on it, and return the exit status."""
    try:
        wheel = install()
    except SetupError as error:
        sys.stderr.write(f"\n{error}\n")
        return 1
    with tempfile.TemporaryDirectory(prefix="shipped-") as folder:
        lay_out(Path(folder))
        # A terminal interrupts both, and pytest has something to clean up.
        signal.signal(signal.SIGINT, lambda *_: None)
        return run_tests(Path(folder), wheel, arguments)


def install() -> Path:
    """
    Build the wheel, install it unless that very one is installed already, and return it.

    Raises:
        SetupError: A package couldn't be had, or the wheel not be built.
    """
    with alone():
        environments.do(
            Step(
                name="environment for the wheel",
                action=create_environment,
                inputs=(Path(__file__),),
                output=ENVIRONMENT / "bin/python",
            )
        )
        wheel = build_wheel()
        environments.do(
            Step(
                name="the wheel",
                action=functools.partial(install_wheel, wheel),
                inputs=(wheel,),
                output=ENVIRONMENT / "bin/server-certificate",
            )
        )
    return wheel


def create_environment() -> None:
    """
    Make an environment that has the checkout's packages on its path, and not the checkout.

    A folder that a `.pth` file names is searched for modules, and its own `.pth` files, one of which
    leads to the checkout, are not read (documentation of Python's `site`).
    """
    command = (PYTHON, "-m", "venv", "--clear", "--without-pip", ENVIRONMENT)
    run(command, purpose=PURPOSE, log=LOG)
    (site_packages(ENVIRONMENT) / "packages.pth").write_text(f"{site_packages(VENV)}\n")
    for name in SHARED:
        (ENVIRONMENT / name).symlink_to(VENV / name)


def build_wheel() -> Path:
    """
    Build the wheel of the checkout as it is now; the same sources make the same wheel.

    One that is there already stays: another run of the tests may be reading it.
    """
    with tempfile.TemporaryDirectory(dir=ENVIRONMENT) as folder:
        command = (PYTHON, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder)
        run(command, purpose=PURPOSE, log=LOG, cwd=ROOT)
        (built,) = Path(folder).glob("*.whl")
        wheel = WHEELS / built.name
        if not wheel.is_file() or wheel.read_bytes() != built.read_bytes():
            WHEELS.mkdir(exist_ok=True)
            built.replace(wheel)
    return wheel


def install_wheel(wheel: Path) -> None:
    """Install a wheel in place of another of the same version."""
    arguments = ("--no-deps", "--no-index", "--force-reinstall", wheel)
    environments.install(ENVIRONMENT, *arguments, purpose=PURPOSE)


def source_roots() -> list[str]:
    """Return the folders that the wheel is made of."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    roots: list[str] = project["tool"]["hatch"]["build"]["targets"]["wheel"]["sources"]
    return roots


def lay_out(folder: Path) -> None:
    """Copy all that doesn't ship: a link would lead back to the rest."""
    shipped = {*source_roots(), "build", "dist", "cdk.out"}
    for path in ROOT.iterdir():
        if path.name in shipped or path.name.startswith("."):
            continue
        if path.is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(path, folder / path.name, ignore=ignored)
        else:
            shutil.copy(path, folder)


def run_tests(folder: Path, wheel: Path, arguments: Sequence[str]) -> int:
    """Run pytest in a folder, by the environment's Python and with its commands."""
    inherited = os.environ.get("PATH", os.defpath).split(os.pathsep)
    others = [each for each in inherited if each != str(VENV / "bin")]
    variables = {
        "PATH": os.pathsep.join((str(ENVIRONMENT / "bin"), *others)),
        "VIRTUAL_ENV": str(ENVIRONMENT),
        VARIABLE: str(wheel),
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
