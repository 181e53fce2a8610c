"""Run the console blocks of a page in one shell, and compare what they print with the page."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from support.command import environment

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from support.code_blocks import Block

_END = re.compile(r"\x1e(\d+)\x1e")

_VARYING = tuple(
    (re.compile(pattern), shown)
    for pattern, shown in (
        (r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\dZ)?", "DATE"),
        (r"[\d,]+ days?", "DAYS"),
        (r"([0-9A-F]{2}:){9,}[0-9A-F]{2}", "HEXADECIMAL"),
        (r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "UUID"),
        (r"\bASCA[A-Z0-9]{17}\b", "ASCA"),
        (r"(?<=\S) {2,}", "  "),
    )
)
"""What is another each time: dates, days, serial numbers, fingerprints, ids, and so the columns."""


@dataclass(frozen=True, slots=True)
class Step:
    """
    A command of a console block.

    Attributes:
        command: What is typed.
        output: What the page says it prints.
        code: The exit code that it must have.
        place: Where it is on the page.
    """

    command: str
    output: str
    code: int
    place: str


def steps(block: Block) -> list[Step]:
    """Take a console block apart into commands and what they print."""
    found: list[tuple[str, list[str]]] = []
    for line in block.text.splitlines():
        if line.startswith("$ "):
            found.append((line.removeprefix("$ "), []))
        elif not found:
            raise AssertionError(f"{block.place}: a console block begins with a command: $ …")
        elif found[-1][0].endswith("\\") and not found[-1][1]:
            found[-1] = (f"{found[-1][0]}\n{line.removeprefix('> ')}", [])
        else:
            found[-1][1].append(line)
    last = int(block.marks.get("exit", "0"))
    return [
        Step(command, "\n".join(output), last if number == len(found) else 0, block.place)
        for number, (command, output) in enumerate(found, start=1)
    ]


def run(blocks: Iterable[Block], *, folder: Path) -> list[tuple[Step, str, int]]:
    """
    Run the commands of a page in a folder.

    Returns:
        Each command that was run, with what it printed and its exit code.
    """
    found = [step for block in blocks for step in steps(block)]
    # The command of the packages that are tested, whatever else is on the path.
    script = f'server-certificate() {{ "{sys.executable}" -m server_certificate_cli "$@"; }}\n'
    script += "".join(f"{step.command}\nprintf '\\036%s\\036' $?\n" for step in found)
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)))
    settings = {"PATH": path, "NO_COLOR": "1", "COLUMNS": "100", "HOME": str(folder)}
    ended = subprocess.run(
        ["bash", "--norc", "-s"],  # noqa: S607 - wherever it is
        cwd=folder,
        env={**environment(), **settings},
        input=script,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=500,
        check=False,
    )
    parts = iter(_END.split(ended.stdout))
    return [(step, text, int(code)) for step, text, code in zip(found, parts, parts, strict=False)]


def problems(blocks: Sequence[Block], *, folder: Path) -> list[str]:
    """Run the commands of a page, and return where it doesn't go as the page says."""
    done = run(blocks, folder=folder)
    found = [each for one in done if (each := difference(*one))]
    if len(done) < sum(len(steps(block)) for block in blocks):
        found.append(f"{blocks[0].page}: the shell ended early, after {len(done)} commands")
    return found


def difference(step: Step, printed: str, code: int) -> str | None:
    """Return how a command went otherwise than the page says; None if it didn't."""
    if code != step.code:
        return f"{step.place}: $ {step.command}\nexit code {code}\n{printed}"
    if not matches(step.output, printed):
        return f"{step.place}: $ {step.command}\nprints\n{printed}\nnot\n{step.output}"
    return None


def matches(expected: str, printed: str) -> bool:
    """
    Tell whether an output is the expected one.

    ``...`` stands for any lines, ``…`` for any text in a line. Dates and the like may differ.
    """
    lines = []
    for line in _masked(expected).rstrip().splitlines():
        if line.strip() == "...":
            lines.append(r"(?:.*\n)*?")
        else:
            lines.append(".*".join(map(re.escape, line.rstrip().split("…"))) + r"[ ]*\n")
    text = f"{_masked(printed).rstrip()}\n" if printed.strip() else ""
    return re.fullmatch("".join(lines), text) is not None


def updated(page: str, done: Iterable[tuple[Step, str, int]]) -> str:
    """
    Return the text of a page with the output of each command that prints something else now.

    If a command ends with another exit code, its output is kept, and the test fails until somebody checks why.
    """
    for step, printed, code in done:
        if code == step.code and difference(step, printed, code):
            former = f"$ {step.command}\n" + (f"{step.output}\n" if step.output else "")
            output = f"{printed.rstrip()}\n" if printed.strip() else ""
            page = page.replace(former, f"$ {step.command}\n{output}", 1)
    return page


def _masked(text: str) -> str:
    for pattern, shown in _VARYING:
        text = pattern.sub(shown, text)
    return text
