"""
The code blocks of the documentation, and the marks that control how each block is tested.

Without a mark, the language decides: ``python`` runs in a new stack, which is synthesized, and its
tests are called; ``console`` runs, and its output is compared; the commands in ``sh`` must exist;
``json``, ``toml`` and ``yaml`` are parsed. A mark is an HTML comment directly before a block:

    <!-- test: skip: REASON -->          not tested
    <!-- test: run by FILE -->           a test of its own runs it
    <!-- test: file NAME -->             written to a file, for later blocks of the page
    <!-- test: given vpc, material -->   Python: these names exist; ``imports`` adds the usual modules
    <!-- test: continues -->             Python: goes on in the stack of the block before
    <!-- test: fails: TEXT -->           Python: fails with a message that contains the text
    <!-- test: exit 1 -->                console: the last command ends with this exit code

In the output of a console block, a line ``...`` matches any lines, and ``…`` for any text in a line.
"""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from dev import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

MARKS: Final = {"skip", "given", "continues", "file", "fails", "exit", "run"}
"""The first word of each mark."""

_PART = re.compile(
    r"<!--\s*test:\s*(?P<mark>.*?)\s*-->"
    r"|^(?P<indent>[ ]*)(?P<fence>```+|~~~+)(?P<language>[^\n`]*)\n(?P<text>.*?)^[ ]*(?P=fence)[ ]*$",
    re.MULTILINE | re.DOTALL,
)
_SHOWN_MARK = re.compile(r"`<!-- test:[^`]*`")


class MarkError(ValueError):
    """A mark that is unknown, belongs to no block, or lacks what it needs."""


@dataclass(frozen=True, slots=True)
class Block:
    """
    A fenced code block.

    Attributes:
        page: The file, relative to the repository.
        line: Where its text begins, from 1.
        language: The language that the fence names.
        text: What is in it, without the indentation of the fence.
        marks: What follows each mark's word, by that word.
    """

    page: str
    line: int
    language: str
    text: str
    marks: dict[str, str]

    @property
    def place(self) -> str:
        """File and line, for messages."""
        return f"{self.page}:{self.line}"


@dataclass(frozen=True, slots=True)
class Page:
    """
    A Markdown file.

    Attributes:
        name: Its path, relative to the repository.
        blocks: Its code blocks, from top to bottom.
    """

    name: str
    blocks: tuple[Block, ...]

    def of(self, *languages: str) -> list[Block]:
        """Return the blocks in some languages that are tested."""
        left_out = {"skip", "run"}
        return [
            each
            for each in self.blocks
            if each.language in languages and not left_out & each.marks.keys()
        ]


def pages() -> list[Page]:
    """Return each page whose code blocks are tested."""
    readmes = ("README.md", "cli/README.md", "examples/README.md")
    files = [*(ROOT / name for name in readmes), *(ROOT / "docs").rglob("*.md")]
    # The folder `cli` is missing where the installed wheels are tested.
    return [page(file) for file in sorted(files) if file.is_file()]


def page(file: Path) -> Page:
    """Read a page."""
    return parse(file.read_text("utf-8"), file.relative_to(ROOT).as_posix())


def blocks(file: Path) -> tuple[Block, ...]:
    """Return the code blocks of a file, from top to bottom."""
    return page(file).blocks


def parse(text: str, name: str) -> Page:
    """
    Find blocks and marks in Markdown.

    Raises:
        MarkError: A mark can't be understood.
    """
    found: list[Block] = []
    waiting: dict[str, str] = {}
    end = 0
    # A mark in inline code is shown, not meant.
    text = _SHOWN_MARK.sub(lambda match: " " * len(match[0]), text)
    for part in _PART.finditer(text):
        line = text.count("\n", 0, part.start()) + 1
        if waiting and text[end : part.start()].strip():
            raise MarkError(f"{name}:{line}: no block follows the mark {'; '.join(waiting)!r}")
        end = part.end()
        if part["mark"] is None:
            language, content = part["language"].strip(), textwrap.dedent(part["text"])
            found.append(Block(name, line + 1, language, content, waiting))
            waiting = {}
        else:
            waiting |= [_mark(part["mark"], f"{name}:{line}")]
    if waiting:
        raise MarkError(f"{name}: no block follows the mark {'; '.join(waiting)!r}")
    return Page(name, tuple(found))


def untested(all_blocks: Iterable[Block], tested: Iterable[str]) -> list[str]:
    """Return where blocks are that no test looks at and no mark leaves out."""
    known = set(tested)
    return [
        f"{each.place}: {each.language or 'no language'}"
        for each in all_blocks
        if each.language not in known
        and not each.language.startswith("{")
        and not {"skip", "file", "run"} & each.marks.keys()
    ]


def _mark(text: str, place: str) -> tuple[str, str]:
    word, _, rest = text.partition(" ")
    word, rest = word.removesuffix(":"), " ".join(rest.split())
    if word not in MARKS:
        raise MarkError(f"{place}: {word!r} is not a mark; there are {', '.join(sorted(MARKS))}")
    if not rest and word != "continues":
        raise MarkError(f"{place}: the mark {word!r} needs more, such as a reason or a name")
    return word, rest
