"""Print a table. On a terminal, it fits any width: cells are stacked if they don't fit in a line."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import zip_longest
from typing import TYPE_CHECKING

from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from server_certificate_cli.output.terminal import Terminal

_GAP = 2
_INDENT = Text("  ")


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table."""

    cells: Sequence[Text]
    """The cells, which are aligned. The first two identify the row."""

    note: Text = field(default_factory=Text)
    """A sentence about the row. On a terminal, it is on lines of its own."""


def draw_rows(console: Terminal, rows: Sequence[Row]) -> None:
    """Print rows: aligned if they fit, and one line each in a pipe."""
    columns = zip_longest(*(row.cells for row in rows), fillvalue=Text())
    widths = [max(cell.cell_len for cell in column) for column in columns]
    fits = sum(widths) + _GAP * (len(widths) - 1) <= console.width
    for row in rows:
        if not console.writes_to_terminal:
            console.write_line(_aligned(row, widths, row.note))
            continue
        if fits:
            console.write_line(_aligned(row, widths))
        else:
            _draw_stacked(console, row)
        if row.note:
            console.write_paragraph(row.note, first=_INDENT, further=_INDENT)


def _aligned(row: Row, widths: Sequence[int], note: Text | None = None) -> Text:
    line = Text()
    for cell, width in zip(row.cells, widths, strict=False):
        line.append_text(cell).append(" " * (width - cell.cell_len + _GAP))
    line.append_text(note or Text()).rstrip()
    return line


def _draw_stacked(console: Terminal, row: Row) -> None:
    first, rest = row.cells[:2], [cell for cell in row.cells[2:] if cell]
    console.write_wrapped(Text("  ").join(first), indent=_GAP)
    if rest:
        console.write_paragraph(Text(", ").join(rest), first=_INDENT, further=_INDENT)
