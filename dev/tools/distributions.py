"""
The two distributions that are built from this tree, in one version: the command and the construct.

    python -m dev.tools.distributions    lists what they require from elsewhere; `make lock` resolves it
"""

from __future__ import annotations

import sys
import tomllib
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from dev import ROOT

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Distribution:
    """
    A wheel and an sdist.

    Attributes:
        name: What pip calls it.
        folder: Where its pyproject.toml is.
        sources: The folders of its packages in a checkout.
    """

    name: str
    folder: Path
    sources: tuple[str, ...]

    @property
    def packages(self) -> tuple[str, ...]:
        """The packages that it installs."""
        return tuple(PurePosixPath(source).name for source in self.sources)

    @property
    def pyproject(self) -> Path:
        """What describes it."""
        return self.folder / "pyproject.toml"

    def read(self) -> dict[str, Any]:
        """Return what describes it."""
        return tomllib.loads(self.pyproject.read_text("utf-8"))

    def requirements(self) -> list[str]:
        """Return what it requires, without its extras."""
        return _versioned(self._declared()["dependencies"])

    def extras(self) -> dict[str, list[str]]:
        """Return what each of its extras requires."""
        declared = self._declared()["optional-dependencies"]
        return {extra: _versioned(requirements) for extra, requirements in declared.items()}

    def _declared(self) -> dict[str, Any]:
        """Return the table with its requirements: the metadata hook's, where there is one."""
        description = self.read()
        hooks = description["tool"]["hatch"].get("metadata", {}).get("hooks", {})
        declared: dict[str, Any] = hooks.get("custom", description["project"])
        return declared


def _versioned(requirements: list[str]) -> list[str]:
    return [each.format(version=version()) for each in requirements]


COMMAND = Distribution(
    "iam-server-certificate",
    ROOT / "cli",
    ("cli/server_certificate_cli", "lambda/server_certificate"),
)
CONSTRUCT = Distribution(
    "cdk-iam-server-certificate", ROOT, ("constructs/cdk_iam_server_certificate",)
)
DISTRIBUTIONS = (COMMAND, CONSTRUCT)
"""In the order in which they can be installed."""

SOURCE_ROOTS = ("cli", "constructs", "lambda")
"""The folders of a checkout that both are made of."""

HANDLER = "cdk_iam_server_certificate/_function/handler"
"""The folder of the construct's wheel that has the handler's package: data, which nothing imports."""

EXTRA = "cli"
"""The extra of both that brings what the command needs."""


def version() -> str:
    """Return the version of both."""
    declared: str = CONSTRUCT.read()["project"]["version"]
    return declared


def from_elsewhere() -> list[str]:
    """Return all that they require with their extras, without one another."""
    ours = tuple(each.name for each in DISTRIBUTIONS)
    return [
        requirement
        for each in DISTRIBUTIONS
        for requirement in (*each.requirements(), *each.extras()[EXTRA])
        if not requirement.startswith(ours)
    ]


if __name__ == "__main__":
    sys.stdout.writelines(f"{each}\n" for each in from_elsewhere())
