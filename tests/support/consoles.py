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


def run(blocks: Iterable[Block], *, folder: Path) -> list[str]:
    """Run the commands of a page in a folder, and return where it doesn't go as the page says."""
    found = [step for block in blocks for step in steps(block)]
    script = "".join(f"{step.command}\nprintf '\\036%s\\036' $?\n" for step in found)
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)))
    settings = {"PATH": path, "NO_COLOR": "1", "COLUMNS": "100", "HOME": str(folder)}
    ended = subprocess.run(
        ["bash", "--norc", "-s"],  # noqa: S607 - wherever it is
        cwd=folder,
        env=environment(settings),
        input=script,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=500,
        check=False,
    )
    return _compared(found, ended.stdout)


def _compared(found: Sequence[Step], output: str) -> list[str]:
    problems = []
    printed = iter(_END.split(output))
    for step, text, code in zip(found, printed, printed, strict=False):
        if int(code) != step.code:
            problems.append(f"{step.place}: $ {step.command}\nexit code {code}\n{text}")
        elif not matches(step.output, text):
            problems.append(f"{step.place}: $ {step.command}\nprints\n{text}\nnot\n{step.output}")
    if len(_END.findall(output)) < len(found):
        problems.append(f"{found[0].place}: the shell ended early:\n{output}")
    return problems


def matches(expected: str, printed: str) -> bool:
    """Tell whether an output is the expected one, in which ``...`` and ``…`` stand for anything."""
    lines = []
    for line in expected.rstrip().splitlines():
        if line.strip() == "...":
            lines.append(r"(?:.*\n)*?")
        else:
            lines.append(".*".join(map(re.escape, line.rstrip().split("…"))) + r"[ ]*\n")
    return (
        re.fullmatch("".join(lines), f"{printed.rstrip()}\n" if printed.strip() else "") is not None
    )
