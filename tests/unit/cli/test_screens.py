"""What the group shows on a terminal, as recorded in ``tests/snapshots/screens``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from support.screens import Screens


def test_help(screens: Screens) -> None:
    """The help fits the terminal."""
    screens.compare("help", "--help")
