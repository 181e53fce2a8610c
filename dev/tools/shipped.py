"""
Run the tests against the installed wheels, with the source folders out of reach.

    python -m dev.tools.shipped                     all tests but those about the checkout
    python -m dev.tools.shipped tests/unit -k name  some of them: the arguments are pytest's

The wheels of both distributions are installed into an environment of their own. It finds the packages that
are locked for development in the checkout's environment. The handler is data in one of the wheels; its
folder is on the environment's path for the tests that import it. The tests, and everything else that doesn't
ship, are copied into a temporary folder. Only what has changed is built again.
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
"""Parts of the checkout's environment that this one links to: they don't depend on the project's packages."""

VARIABLE = "TESTED_WHEELS"
"""The environment variable with the paths of the wheels under test, joined like the folders of `PATH`."""


def main(arguments: Sequence[str]) -> int:
    """Install the wheels, run pytest against them, and return the exit status."""
    try:
        built = install()
    except SetupError as error:
        sys.stderr.write(f"\n{error}\n")
        return 1
    with tempfile.TemporaryDirectory(prefix="shipped-") as folder:
        lay_out(Path(folder))
        # A terminal interrupts both processes, and pytest must clean up.
        signal.signal(signal.SIGINT, lambda *_: None)
        return run_tests(Path(folder), built, arguments)


def install() -> list[Path]:
    """
    Build the wheels, install them unless the same ones are installed already, and return them.

    Raises:
        SetupError: A package couldn't be fetched, or a wheel couldn't be built.
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
    Create an environment that has the checkout's packages on its path, but not the checkout.

    Python searches a folder that a `.pth` file names for modules, but doesn't read the `.pth` files in it,
    one of which leads to the checkout (documentation of Python's `site`).
    """
    command = (PYTHON, "-m", "venv", "--clear", "--without-pip", ENVIRONMENT)
    run(command, purpose=PURPOSE, log=LOG)
    packages = site_packages(ENVIRONMENT)
    (packages / "packages.pth").write_text(f"{packages / HANDLER}\n{site_packages(VENV)}\n")
    for name in SHARED:
        (ENVIRONMENT / name).symlink_to(VENV / name)


def build_wheels() -> list[Path]:
    """
    Build the wheels of the checkout as it is now; the same sources give the same wheels.

    An identical wheel is not overwritten: another test run may be reading it.
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
    """Install wheels, also over others of the same version."""
    options = ("--no-deps", "--no-index", "--force-reinstall")
    environments.install(ENVIRONMENT, *options, *built, purpose=PURPOSE)


def lay_out(folder: Path) -> None:
    """Copy everything that doesn't ship; links would lead back to the sources."""
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
    """Run pytest in a folder, with the environment's Python and its commands."""
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
