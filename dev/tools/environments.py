"""Environments separate from the checkout's: for the wheels, and for the audit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dev.tools.commands import run
from dev.tools.installers import LOG, PYTHON, VENV
from dev.tools.setup import show

if TYPE_CHECKING:
    from pathlib import Path

    from dev.tools.setup import Step


def do(step: Step) -> None:
    """Do a step, unless it is done."""
    if not step.is_done():
        show(step)


def create(folder: Path, lock: Path, *, purpose: str) -> None:
    """
    Create an environment with everything in a lock, in place of an older one.

    Args:
        folder: Its folder.
        lock: The requirements, with their hashes.
        purpose: Its purpose, as the beginning of a sentence: "The audit".

    Raises:
        SetupError: A package couldn't be installed.
    """
    command = (PYTHON, "-m", "venv", "--clear", "--without-pip", folder)
    run(command, purpose=purpose, log=LOG)
    install(folder, "--require-hashes", "--requirement", lock, purpose=purpose)


def install(folder: Path, *arguments: str | Path, purpose: str) -> None:
    """Run the checkout's pip, with its cache, on an environment."""
    run(
        [
            *(PYTHON, "-m", "pip", "--python", folder / "bin/python"),
            *("--cache-dir", VENV / "cache/pip", "--disable-pip-version-check", "--no-input"),
            *("install", *arguments),
        ],
        purpose=purpose,
        log=LOG,
    )
