"""
Build the wheels of both distributions; the same sources give the same files, byte for byte.

    python -m dev.tools.wheels                   into dist/
    python -m dev.tools.wheels --sdists          the source distributions as well
    python -m dev.tools.wheels --directory out   into another folder
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from dev import ROOT
from dev.tools.commands import SetupError, run
from dev.tools.distributions import DISTRIBUTIONS, version

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dev.tools.distributions import Distribution

WHEEL = "wheel"
SDIST = "sdist"


def main(arguments: Sequence[str] | None = None) -> int:
    """Build them, print where they are, and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m dev.tools.wheels", description="Build both distributions, reproducibly."
    )
    parser.add_argument("--directory", type=Path, default=ROOT / "dist", help="default: dist/")
    parser.add_argument("--sdists", action="store_true", help="build source distributions as well")
    chosen = parser.parse_args(arguments)
    try:
        for target in (SDIST, WHEEL) if chosen.sdists else (WHEEL,):
            for path in build(chosen.directory, target=target):
                sys.stdout.write(f"{path}\n")
    except SetupError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def build(directory: Path, *, target: str = WHEEL, log: Path | None = None) -> list[Path]:
    """
    Build both distributions of this checkout.

    Args:
        directory: The folder to write them to; a file of the same name is replaced.
        target: `WHEEL` or `SDIST`.
        log: The file to append the output to. Default: none.

    Returns:
        The files, in the order in which they can be installed.

    Raises:
        SetupError: A distribution couldn't be built.
    """
    return [build_one(each, directory, target=target, log=log) for each in DISTRIBUTIONS]


def build_one(
    distribution: Distribution, directory: Path, *, target: str = WHEEL, log: Path | None = None
) -> Path:
    """Build one of them; see `build`."""
    directory = directory.resolve()
    command = (sys.executable, "-m", "hatchling", "build", "--target", target)
    run(
        (*command, "--directory", directory),
        purpose=f"The {target} of {distribution.name}",
        log=log,
        cwd=distribution.folder,
    )
    ending = "-py3-none-any.whl" if target == WHEEL else ".tar.gz"
    return directory / f"{distribution.name.replace('-', '_')}-{version()}{ending}"


if __name__ == "__main__":
    sys.exit(main())
