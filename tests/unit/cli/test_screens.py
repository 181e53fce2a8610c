"""What the group shows on a terminal, as recorded in ``tests/snapshots/screens``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from support.screens import Screens


def test_help(screens: Screens) -> None:
    """The help fits the terminal."""
    screens.compare("help", "--help")


@pytest.mark.parametrize("command", ["check", "inspect", "convert", "explain"])
def test_help_of_a_command(screens: Screens, command: str) -> None:
    """The help of each command fits the terminal, apart from examples to copy."""
    screens.compare(f"help-{command}", command, "--help")
