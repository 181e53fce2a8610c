"""Progress: a spinner with seconds on a terminal, plain lines elsewhere."""

from __future__ import annotations

import os
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

if TYPE_CHECKING:
    from collections.abc import Iterator

_WIDTH_OF_FILES = 120
"""Columns if the output isn't a terminal and COLUMNS isn't set: rich's default of 80 is too small."""


class Display:
    """The console on standard output."""

    def __init__(self) -> None:
        console = Console(highlight=False)
        if not console.is_terminal and "COLUMNS" not in os.environ:
            console = Console(highlight=False, width=_WIDTH_OF_FILES)
        self.console = console
        self._is_live = (
            console.is_terminal
            and not console.is_dumb_terminal
            and not os.environ.get("CI")
            and not console.no_color
        )

    @contextmanager
    def progress(self, what: str) -> Iterator[None]:
        """Show that something is running, and at its end, how long it took."""
        begin = time.monotonic()
        if self._is_live:
            columns = (SpinnerColumn("line"), TextColumn("{task.description}"), TimeElapsedColumn())
            with Progress(*columns, console=self.console, transient=True) as progress:
                progress.add_task(what, total=None)
                yield
        else:
            self.line(f"{what} ...")
            yield
        self.line(f"{what}: {time.monotonic() - begin:.1f} s")

    def line(self, text: str = "") -> None:
        """Print a line as it is, brackets included."""
        self.console.print(text, markup=False, soft_wrap=True)
