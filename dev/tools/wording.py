"""
Find wording that keeps coming back, and say what to write instead.

    python -m dev.tools.wording                 checks the whole checkout
    python -m dev.tools.wording FOLDER FILE…    checks these only

What is checked: the prose of Markdown files (code blocks and code spans are skipped), the comments,
docstrings and other strings of Python files, and all of the Makefile, TOML and YAML files. A string
without a space is a name rather than prose, and is skipped.

The patterns are in ``wording.toml``, next to this file. The exit code is 1 if anything was found.
"""

from __future__ import annotations

import argparse
import bisect
import io
import re
import subprocess
import sys
import tokenize
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

TABLE = Path(__file__).with_suffix(".toml")
"""The patterns, each with what to write instead and with examples."""

_PLAIN_SUFFIXES = frozenset({".toml", ".yml", ".yaml"})
_PLAIN_NAMES = frozenset({"Makefile"})

_FENCE = re.compile(r"\s*(```+|~~~+|:::+)")
_CODE_SPAN = re.compile(r"(`+)[^`].*?\1")
_LINK_TARGET = re.compile(r"\]\([^)]*\)")
_EMBEDDED_VALUE = re.compile(r"\{[^{}]*\}")
_OPENING_QUOTES = re.compile(r"^[A-Za-z]*(\"\"\"|'''|\"|')")

# Python 3.12 and later split an f-string into tokens; before that, it is one string.
_F_STRING_START = getattr(tokenize, "FSTRING_START", None)
_F_STRING_MIDDLE = getattr(tokenize, "FSTRING_MIDDLE", None)
_F_STRING_END = getattr(tokenize, "FSTRING_END", None)


@dataclass(frozen=True, slots=True)
class Tic:
    """
    Wording to avoid.

    Attributes:
        words: What it looks like.
        write: What to write instead.
        fine: Legitimate uses: a match inside one of these is not reported.
    """

    words: re.Pattern[str]
    write: str
    fine: tuple[re.Pattern[str], ...] = ()

    def matches(self, text: str) -> Iterator[re.Match[str]]:
        """Yield every match that is not part of a legitimate use."""
        kept = [match.span() for pattern in self.fine for match in pattern.finditer(text)]
        for match in self.words.finditer(text):
            if not any(start <= match.start() and match.end() <= end for start, end in kept):
                yield match


@dataclass(slots=True)
class Passage:
    """Text that is read as a whole, in which every run of whitespace is one space."""

    text: str = ""
    _starts: list[int] = field(default_factory=list)
    _rows: list[int] = field(default_factory=list)

    def add(self, row: int, text: str, separator: str = " ") -> None:
        """Append the text of a row; the separator goes between it and what came before."""
        joined = re.sub(r"\s+", " ", self.text[-1:] + (separator if self.text else "") + text)
        self._starts.append(len(self.text))
        self._rows.append(row)
        self.text = self.text[:-1] + joined

    def row_of(self, position: int) -> int:
        """Return the row that a position of the text comes from."""
        return self._rows[bisect.bisect_right(self._starts, position) - 1]


@dataclass(frozen=True, slots=True)
class Finding:
    """Wording to avoid, where it was found, and what to write instead."""

    path: Path
    row: int
    words: str
    write: str

    def __str__(self) -> str:
        """Return it as one line."""
        return f"{self.path}:{self.row}: {self.words!r}: write {self.write!r}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print what was found, and return 1 if that is anything."""
    parser = argparse.ArgumentParser(
        prog="python -m dev.tools.wording",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="default: the checkout")
    chosen = parser.parse_args(arguments)
    tics = read_table()
    found = [
        finding
        for path in files(chosen.paths or [Path()])
        for finding in findings(path, path.read_text("utf-8"), tics)
    ]
    sys.stdout.writelines(f"{finding}\n" for finding in found)
    if found:
        sys.stdout.write(f"{len(found):,} places to reword\n")
    return 1 if found else 0


def read_table(table: Path = TABLE) -> tuple[Tic, ...]:
    """Return the patterns to look for."""
    return tuple(
        Tic(_compiled(row["words"]), row["write"], tuple(map(_compiled, row.get("fine", ()))))
        for row in tomllib.loads(table.read_text("utf-8"))["tic"]
    )


def files(paths: Iterable[Path]) -> list[Path]:
    """
    Return the files that hold prose and that git doesn't ignore, in order.

    Args:
        paths: Files, and folders to search.

    Raises:
        SystemExit: git can't list them; says why.
    """
    command = ("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--")
    listed = subprocess.run([*command, *map(str, paths)], capture_output=True, check=False)
    if listed.returncode:
        sys.exit(f"git can't list the files to check: {listed.stderr.decode().strip()}")
    names = {Path(name) for name in listed.stdout.decode().split("\0") if name}
    return sorted(path for path in names if _holds_prose(path) and path.is_file())


def findings(path: Path, source: str, tics: Iterable[Tic]) -> list[Finding]:
    """Return what to reword in a file, in the order of its lines."""
    found = {
        Finding(path, passage.row_of(match.start()), match.group(), tic.write)
        for passage in passages(path, source)
        for tic in tics
        for match in tic.matches(passage.text)
    }
    return sorted(found, key=lambda each: (each.row, each.words, each.write))


def passages(path: Path, source: str) -> Iterator[Passage]:
    """Yield the prose of a file."""
    if path.suffix == ".py":
        yield from _of_python(source)
    elif path.suffix == ".md":
        yield from _of_lines(_outside_code_blocks(source))
    else:
        yield from _of_lines(enumerate(source.split("\n"), start=1))


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


def _holds_prose(path: Path) -> bool:
    # The table quotes what it is there to find.
    if path.name == TABLE.name:
        return False
    return path.suffix in {".py", ".md", *_PLAIN_SUFFIXES} or path.name in _PLAIN_NAMES


def _outside_code_blocks(source: str) -> Iterator[tuple[int, str]]:
    fence = ""
    for row, line in enumerate(source.split("\n"), start=1):
        opening = _FENCE.match(line)
        if opening and (not fence or opening[1].startswith(fence)):
            # A directive's fence of colons holds prose.
            fence = "" if fence or opening[1].startswith(":") else opening[1]
            yield row, ""
        elif not fence:
            yield row, line


def _of_lines(lines: Iterable[tuple[int, str]]) -> Iterator[Passage]:
    """Yield a passage for every run of lines that aren't empty."""
    passage = Passage()
    for row, line in lines:
        prose = line.strip(" #>|")
        if prose:
            passage.add(row, _without_code(prose))
        elif passage.text:
            yield passage
            passage = Passage()
    if passage.text:
        yield passage


def _of_python(source: str) -> Iterator[Passage]:
    """Yield comments, those of consecutive lines as one, and strings, adjacent ones as one."""
    comment, string, last_row, depth = Passage(), Passage(), 0, 0
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        row = token.start[0]
        depth += (token.type == _F_STRING_START) - (token.type == _F_STRING_END)
        if token.type == tokenize.COMMENT:
            if row > last_row + 1:
                yield comment
                comment = Passage()
            comment.add(row, _without_code(token.string.lstrip("#:! ")))
            last_row = row
        elif token.type == _F_STRING_MIDDLE or (token.type == tokenize.STRING and not depth):
            for offset, line in enumerate(_unquoted(token.string).split("\n")):
                string.add(row + offset, line, separator=" " if offset else "")
        elif depth and token.string == "{":
            string.add(row, "{}", separator="")
        elif not depth and token.type not in {tokenize.NL, _F_STRING_END}:
            yield from _prose(string)
            string = Passage()
    yield comment
    yield from _prose(string)


def _prose(string: Passage) -> Iterator[Passage]:
    if " " in string.text.strip():
        yield string


def _unquoted(literal: str) -> str:
    opening = _OPENING_QUOTES.match(literal)
    if opening is None:
        return _without_code(literal)
    inside = literal[opening.end() : -len(opening[1])]
    if "f" in opening[0].lower():
        inside = _EMBEDDED_VALUE.sub("{}", inside)
    return _without_code(inside)


def _without_code(text: str) -> str:
    """Return text whose code spans and link targets are replaced."""
    return _LINK_TARGET.sub("]", _CODE_SPAN.sub("``", text))


if __name__ == "__main__":
    sys.exit(main())
