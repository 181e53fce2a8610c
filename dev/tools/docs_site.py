"""
Build the documentation site, with every warning an error.

    python -m dev.tools.docs_site                  into build/docs
    python -m dev.tools.docs_site --output FOLDER  into another folder

Sphinx runs in an environment of its own, .venv/docs. Once that is installed, the build needs no network.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from dev import ROOT
from dev.tools import environments
from dev.tools.commands import SetupError
from dev.tools.installers import VENV
from dev.tools.setup import Step, alone

if TYPE_CHECKING:
    from collections.abc import Sequence

SOURCE = ROOT / "docs"
OUTPUT = ROOT / "build/docs"
ENVIRONMENT = VENV / "docs"
DOCS_LOCK = ROOT / "dev/requirements/docs.txt"


def main(arguments: Sequence[str] | None = None) -> int:
    """Build the site and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m dev.tools.docs_site", description=__doc__)
    parser.add_argument("--output", type=Path, default=OUTPUT, metavar="FOLDER")
    output = parser.parse_args(arguments).output
    try:
        install()
    except SetupError as error:
        sys.stderr.write(f"\n{error}\n")
        return 1
    if not build(output):
        return 1
    sys.stdout.write(f"The site is in {output}: open {output / 'index.html'}\n")
    return 0


def install() -> None:
    """
    Install Sphinx into an environment of its own, unless it is there.

    Raises:
        SetupError: A package couldn't be installed.
    """
    step = Step(
        name="environment for the documentation",
        action=lambda: environments.create(ENVIRONMENT, DOCS_LOCK, purpose="The documentation"),
        inputs=(DOCS_LOCK,),
        output=ENVIRONMENT / "bin/sphinx-build",
    )
    with alone():
        environments.do(step)


def build(output: Path, *, source: Path = SOURCE) -> bool:
    """
    Run Sphinx on all pages, and tell whether it found nothing to complain about.

    Args:
        output: The folder for the pages.
        source: The folder with `conf.py` and the sources of the pages.
    """
    command = (
        *(ENVIRONMENT / "bin/python", "-m", "sphinx", "--quiet", "--builder", "html"),
        *("--fail-on-warning", "--keep-going", "--nitpicky", "--fresh-env"),
        *("--doctree-dir", output.with_name(f"{output.name}-doctrees"), source, output),
    )
    return subprocess.run(command, check=False, cwd=ROOT).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
