"""Copies of this checkout."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from dev import ROOT

if TYPE_CHECKING:
    from pathlib import Path


def copy_of_checkout(folder: Path) -> Path:
    """
    Copy what a wheel is built from, and what of it was built or fetched already.

    Args:
        folder: Where to; it isn't there yet.

    Returns:
        The same folder.
    """
    unneeded = shutil.ignore_patterns(
        ".?*_cache", ".venv", ".git", ".hypothesis", "__pycache__", "dist", "cdk.out"
    )
    shutil.copytree(ROOT, folder, ignore=unneeded, copy_function=shutil.copyfile)
    return folder
