"""
Measure what each way to install the project brings: packages, size and time.

    python -m dev.tools.install_sizes            prints a table
    python -m dev.tools.install_sizes --write    writes it into docs/install.md, too

Each goes into an empty environment of its own, from the wheels of this checkout, by pip with a warm cache:
everything has been downloaded once before. The size is that of all files that pip installs, bytecode
included; the time is the processor's in `pip install`, which compiles them: how busy the machine is
otherwise makes no difference.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dev import ROOT
from dev.tools import environments, wheels
from dev.tools.commands import SetupError, run
from dev.tools.distributions import COMMAND, CONSTRUCT, EXTRA, version
from dev.tools.installers import LOG, PYTHON, site_packages

if TYPE_CHECKING:
    from collections.abc import Sequence

PAGE = ROOT / "docs/install.md"
BEGIN = "<!-- Written by `python -m dev.tools.install_sizes --write`, from here -->\n"
END = "<!-- to here. -->\n"

PURPOSE = "The measurement"
CHECKS = COMMAND.name
WAYS = {
    CONSTRUCT.name: "the construct",
    f"{COMMAND.name}[{EXTRA}]": "the command",
    f"{CONSTRUCT.name}[{EXTRA}]": "both",
    CHECKS: "the checks, for Python",
}
"""What is given to pip, and what that is."""


@dataclass(frozen=True, slots=True)
class Measured:
    """
    What one way to install brings.

    Attributes:
        packages: The distributions that pip installed.
        octets: What all of their files have.
        seconds: Processor time that pip took.
    """

    packages: frozenset[str]
    octets: int
    seconds: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure all ways, print the table, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m dev.tools.install_sizes")
    parser.add_argument("--write", action="store_true", help=f"into docs/{PAGE.name}, too")
    writes = parser.parse_args(arguments).write
    try:
        with tempfile.TemporaryDirectory() as folder:
            links = Path(folder, "wheels")
            wheels.build(links, log=LOG)
            measure(f"{CONSTRUCT.name}[{EXTRA}]", links)  # warms the cache
            text = table({way: measure(way, links) for way in WAYS})
    except SetupError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(text)
    if writes:
        page = PAGE.read_text("utf-8")
        before, _, rest = page.partition(BEGIN)
        PAGE.write_text(f"{before}{BEGIN}\n{text}\n{END}{rest.partition(END)[2]}", "utf-8")
    return 0


def measure(way: str, links: Path) -> Measured:
    """
    Install into an empty environment, which doesn't stay.

    Args:
        way: What is given to pip.
        links: The folder of our wheels.

    Raises:
        SetupError: pip failed.
    """
    with tempfile.TemporaryDirectory() as folder:
        environment = Path(folder)
        run((PYTHON, "-m", "venv", "--without-pip", environment), purpose=PURPOSE, log=LOG)
        began = _processor_seconds()
        environments.install(
            environment, "--find-links", links, f"{way}=={version()}", purpose=PURPOSE
        )
        seconds = _processor_seconds() - began
        packages = site_packages(environment)
        return Measured(
            packages=frozenset(path.name.split("-")[0] for path in packages.glob("*.dist-info")),
            octets=sum(path.stat().st_size for path in packages.rglob("*") if path.is_file()),
            seconds=seconds,
        )


def _processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def table(measured: dict[str, Measured]) -> str:
    """Return the table, and what it was measured on, in Markdown."""
    lines = [
        "| | `pip install` | packages | size | processor time |",
        "| --- | --- | ---: | ---: | ---: |",
    ]
    for way, found in measured.items():
        size = f"{found.octets / 1_000_000:.0f} MB"
        cells = (WAYS[way], f"`{way}`", str(len(found.packages)), size, f"{found.seconds:.0f} s")
        lines.append(f"| {' | '.join(cells)} |")
    machine = f"{platform.system()}, {platform.machine()}, {os.cpu_count()} CPUs"
    lines += ["", f"Measured with Python {platform.python_version()} on {machine}."]
    return "".join(f"{line}\n" for line in lines)


if __name__ == "__main__":
    sys.exit(main())
