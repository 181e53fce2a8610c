"""
Print rows at any width: as a table if they fit, and otherwise as records.

In a pipe, a row is always one line with all columns.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING

from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from server_certificate_cli.output.terminal import Terminal

_GAP = 2
_NARROWEST = 20
"""The minimum width of the lines of a record."""

_WORDS = re.compile(r"\S+\s*|\s+")
_BREAKS = (re.compile(r"(?<=[/:,=@+])(?=.)"), re.compile(r"(?<=[-._])(?=.)"))
"""Where a word that is longer than a line is broken. The second is for parts that are still too long."""

_NARROWEST_CELL = 24
"""The minimum width of a cell that is folded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column."""

    title: str
    optional: bool = False
    """Whether the table omits it rather than become records. Records always have it."""
    folds: bool = False
    """Whether its cells can have several lines."""


def draw_rows(
    console: Terminal, columns: Sequence[Column], rows: Sequence[Sequence[Text]]
) -> tuple[str, ...]:
    """
    Print rows.

    Args:
        console: The terminal.
        columns: The columns. The first one is the title of a record.
        rows: The cells.

    Returns:
        The titles of the columns that were omitted because the terminal is too narrow.
    """
    optional = [number for number, column in enumerate(columns) if column.optional]
    for omitted in ((), optional):
        shown = [number for number in range(len(columns)) if number not in omitted]
        titles = [Text(columns[number].title, "bold") for number in shown]
        table = [titles, *([row[number] for number in shown] for row in rows)]
        folds = [columns[number].folds and bool(omitted) for number in shown]
        widths = _widths(console, table, folds)
        if widths is not None:
            for cells in table:
                _draw_row(console, cells, widths)
            return tuple(columns[number].title for number in omitted)
    for number, row in enumerate(rows):
        if number:
            console.write_line()
        _draw_record(console, columns, row)
    return ()


def draw_facts(console: Terminal, facts: Sequence[tuple[str, Text]], *, indent: int = 2) -> None:
    """
    Print titles and facts, one below the other. On a terminal, long facts continue below themselves.

    Args:
        console: The terminal.
        facts: The titles and the facts.
        indent: The number of spaces before each title.
    """
    width = max(len(title) for title, _ in facts)
    margin = indent + width + _GAP
    for title, fact in facts:
        head = Text(" " * indent + title.ljust(width + _GAP), "dim")
        lines = list(fold(fact, console.width - margin)) if console.writes_to_terminal else [fact]
        for number, line in enumerate(lines):
            console.write_line(Text(" " * margin) if number else head, line)


def fold(text: Text, width: int) -> Iterator[Text]:
    """Break a text between words, and inside a word only if it is longer than a line."""
    width = max(width, _NARROWEST)
    start = end = 0
    for piece in _pieces(text.plain, width):
        stop = end + len(piece)
        is_full = text[start:stop].cell_len - (len(piece) - len(piece.rstrip())) > width
        if (is_full or not piece) and end > start:
            yield _stripped(text[start:end])
            start = end
        end = stop
    yield _stripped(text[start:])


def _widths(
    console: Terminal, table: Sequence[Sequence[Text]], folds: Sequence[bool]
) -> list[int] | None:
    """Return the widths of columns that fit; None if the terminal is too narrow."""
    widths = [max(cell.cell_len for cell in column) for column in zip(*table, strict=True)]
    if not console.writes_to_terminal:
        return widths
    excess = sum(widths) + _GAP * (len(widths) - 1) - console.width
    while excess > 0:
        # Take it from the widest cells that can be folded.
        _, widest = max(
            (width * fold, number)
            for number, (width, fold) in enumerate(zip(widths, folds, strict=True))
        )
        if not folds[widest] or widths[widest] <= _NARROWEST_CELL:
            return None
        widths[widest] -= 1
        excess -= 1
    return widths


def _pieces(text: str, width: int) -> Iterator[str]:
    for word in _WORDS.findall(text):
        if len(word.rstrip()) <= width:
            yield word
            continue
        # It begins on a line of its own, so that it can be read at once.
        yield ""
        for part in _BREAKS[0].split(word):
            for piece in [part] if len(part.rstrip()) <= width else _BREAKS[1].split(part):
                yield from (piece[at : at + width] for at in range(0, len(piece), width))


def _stripped(line: Text) -> Text:
    line.rstrip()
    return line


def _draw_row(console: Terminal, row: Sequence[Text], widths: Sequence[int]) -> None:
    folded = [
        [cell] if cell.cell_len <= width else list(fold(cell, width))
        for cell, width in zip(row, widths, strict=True)
    ]
    for cells in zip_longest(*folded, fillvalue=Text()):
        line = Text()
        for cell, width in zip(cells, widths, strict=True):
            line.append_text(cell).append(" " * (width - cell.cell_len + _GAP))
        console.write_line(_stripped(line))


def _draw_record(console: Terminal, columns: Sequence[Column], row: Sequence[Text]) -> None:
    for line in fold(row[0], console.width):
        console.write_line(line)
    facts = [
        (column.title.lower(), cell)
        for column, cell in zip(columns[1:], row[1:], strict=True)
        if cell.plain not in {"", "-"}
    ]
    if facts:
        draw_facts(console, facts)
