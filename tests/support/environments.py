"""Environments as users make them: a Python, the wheels, and what pip brings with them."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from dev import ROOT
from dev.tools.distributions import EXTRA, HANDLER, from_elsewhere
from dev.tools.shipped import VARIABLE, lay_out

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

REQUIREMENTS = {each.name: each for each in map(Requirement, from_elsewhere())}
"""What the wheels require with their extras, by name."""

DEPLOYING_TESTS = ("tests/lifecycle", "tests/unit/construct", "tests/unit/handler")
"""The tests of the construct and the function; a third of the time."""

TESTS = (*DEPLOYING_TESTS, "tests/unit/core", "tests/unit/cli")
"""The tests of the construct, the command and the function, which need nothing outside this machine."""

LONGEST_SECONDS = 1500
"""A command that takes longer hangs; all tests on a busy machine take a third of this."""

TEST_TOOLS = ("pytest", "pytest-timeout", "pytest-xdist", "hypothesis", "jsonschema", "crhelper")
"""What the tests need in addition to the wheel. crhelper is bundled only with the function."""


@dataclass(frozen=True, slots=True)
class Environment:
    """
    An environment with the wheels in it.

    Attributes:
        python: Its Python.
        folder: The tests, without the sources of what they test.
        wheels: What is installed.
        handler: The folder that has the handler's package, as data of a wheel.
    """

    python: Path
    folder: Path
    wheels: Sequence[Path]
    handler: Path

    def run(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """Run its Python in the folder of the tests."""
        inherited = os.environ.get("PATH", os.defpath)
        variables = {
            "PATH": os.pathsep.join((str(self.python.parent), inherited)),
            "PIP_CACHE_DIR": str(ROOT / ".venv/cache/pip"),
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PYTHONPATH": os.pathsep.join(
                map(str, (self.folder, self.folder / "tests", self.handler))
            ),
            VARIABLE: os.pathsep.join(map(str, self.wheels)),
        }
        return subprocess.run(
            [self.python, *arguments],
            check=False,
            cwd=self.folder,
            env={**os.environ, **variables},
            capture_output=True,
            text=True,
            timeout=LONGEST_SECONDS,
        )

    def pip(self, *arguments: str | Path) -> str:
        """Run its own pip, and return what it says."""
        result = self.run("-m", "pip", *arguments)
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout

    def installed(self) -> dict[str, Version]:
        """Return the version of each package that is installed, by its normalized name."""
        found = json.loads(self.pip("list", "--format=json"))
        return {canonicalize_name(each["name"]): Version(each["version"]) for each in found}

    def test(self, *options: str, tests: Sequence[str] = TESTS) -> int:
        """
        Run tests.

        Args:
            options: Further options of pytest.
            tests: Their folders.

        Returns:
            How many tests passed; none failed.
        """
        always = ("-q", "-p", "no:cacheprovider", "-n", "auto", "-o", "pythonpath=. tests")
        result = self.run("-m", "pytest", *always, *options, *tests)
        assert result.returncode == 0, result.stdout + result.stderr
        passed = re.search(r"(\d+) passed", result.stdout)
        assert passed, result.stdout
        return int(passed[1])


@contextlib.contextmanager
def made(python: Path, wheels: Sequence[Path], *more: str) -> Iterator[Environment]:
    """
    Create a temporary environment in which pip has installed the wheels.

    Args:
        python: The Python interpreter to create it with.
        wheels: The wheels to install, with their extra and their dependencies.
        more: Further packages to install, and version pins of dependencies.
    """
    with tempfile.TemporaryDirectory(prefix="environment-") as place:
        folder, venv = Path(place, "folder"), Path(place, "venv")
        folder.mkdir()
        lay_out(folder)
        subprocess.run([python, "-m", "venv", venv], check=True)
        (packages,) = venv.glob("lib/python*/site-packages")
        environment = Environment(venv / "bin/python", folder, wheels, packages / HANDLER)
        ours = [f"{wheel}[{EXTRA}]" for wheel in wheels]
        tools = pinned(*TEST_TOOLS)
        # Most of the CDK is never imported: compiling all of it takes longer than the rest.
        environment.pip("install", "--quiet", "--no-compile", *ours, *tools, *more)
        yield environment


def pinned(*packages: str) -> list[str]:
    """Return packages in the versions that are locked for development."""
    lock = (ROOT / "dev/requirements/development.txt").read_text("utf-8")
    found = dict(re.findall(r"^([\w.-]+)==(\S+)", lock, re.MULTILINE))
    return [f"{name}=={found[name]}" for name in packages]
