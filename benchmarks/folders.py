"""Folders that stay until everything is measured."""

from __future__ import annotations

import atexit
import functools
import shutil
import tempfile
from pathlib import Path


def new_folder() -> Path:
    """
    Make a folder that goes when this process ends.

    For whatever is measured by writing many files: ext4 spares for some seconds the inodes of files
    that were deleted, and looks for others, so that a new file takes several times as long where
    thousands have just gone.
    """
    return Path(tempfile.mkdtemp(dir=_root()))


@functools.cache
def _root() -> Path:
    root = Path(tempfile.mkdtemp(prefix="benchmarks-"))
    atexit.register(shutil.rmtree, root, ignore_errors=True)
    return root
