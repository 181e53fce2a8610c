"""The results of a run, as a table for people and as the page docs/internals/benchmarks.md."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import cryptography
from cryptography.hazmat.backends.openssl import backend
from rich.markup import escape
from rich.table import Table

from dev import ROOT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dev.benchmarks.rows import Result

PAGE = ROOT / "docs/internals/benchmarks.md"

_INTRODUCTION = (
    "Each row compares two measurements of the same run. So the ratio is comparable between machines,"
    " the times are not."
)
_COLUMNS = ("what", "measured", "against", "ratio", "target", "met")


def table(results: Sequence[Result]) -> Table:
    """Make a table for a terminal."""
    drawn = Table(*_COLUMNS)
    for result in results:
        drawn.add_section()
        for row in _rows(result):
            style = None if row[-1] == "yes" else "red"
            drawn.add_row(*map(escape, row), style=style)
    return drawn


def page(results: Sequence[Result]) -> str:
    """Make the page, dated, with what the machine is."""
    facts = ", ".join(_machine())
    lines = [
        "# Benchmarks",
        "",
        "<!-- Written by `python -m dev.benchmarks --write`. -->",
        "",
        _INTRODUCTION,
        f"Measured on {datetime.now(UTC):%Y-%m-%d} with: {facts}.",
    ]
    for result in results:
        lines += ["", f"## {result.title}", "", result.method, ""]
        lines += [_line(_COLUMNS), _line(["---"] * len(_COLUMNS))]
        lines += [_line(row) for row in _rows(result)]
    return "\n".join(lines) + "\n"


def _rows(result: Result) -> list[tuple[str, ...]]:
    return [
        (
            row.what,
            row.measured,
            row.against,
            f"{row.ratio:.3g}",
            row.target,
            "yes" if row.is_met else "no",
        )
        for row in result.rows
    ]


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _machine() -> tuple[str, ...]:
    facts = [
        f"{os.cpu_count()} cores ({platform.machine()}, {platform.system()})",
        f"Python {platform.python_version()}",
        f"cryptography {cryptography.__version__} with {backend.openssl_version_text()}",
    ]
    if openssl := shutil.which("openssl"):
        version = subprocess.run([openssl, "version"], check=True, capture_output=True, text=True)
        facts.append(f"the openssl command {version.stdout.split(' (')[0].strip()}")
    return tuple(facts)
