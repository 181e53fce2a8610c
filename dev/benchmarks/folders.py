"""Folders that stay until everything is measured, in memory if there is room."""

from __future__ import annotations

import atexit
import functools
import shutil
import tempfile
from pathlib import Path

_MEMORY = Path("/dev/shm")  # noqa: S108 (the folder in it has a name of its own)
_ROOM = 2_000_000_000


def new_folder() -> Path:
    """
    Create a folder that is removed when this process ends.

    For benchmarks that write many files. On a disk, the time depends on what was written and deleted
    before: ext4, for example, avoids the inodes of just-deleted files, so that after thousands of
    them a new file takes several times as long.
    """
    return Path(tempfile.mkdtemp(dir=_root()))


@functools.cache
def _root() -> Path:
    has_room = _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _ROOM
    root = Path(tempfile.mkdtemp(prefix="benchmarks-", dir=_MEMORY if has_room else None))
    atexit.register(shutil.rmtree, root, ignore_errors=True)
    return root
