"""Read a file, standard input (``-``), or a pipe that the shell opened."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from server_certificate.reading.files import MAX_FILE_BYTES, FileUnreadableError, read_file

if TYPE_CHECKING:
    from collections.abc import Callable

STANDARD_INPUT = "-"
_OPENED = ("/dev/stdin", "/dev/fd/", "/proc/self/fd/")
"""The paths of pipes that the shell opened. For example, ``<(command)`` is ``/dev/fd/63``."""


def is_stream(path: str) -> bool:
    """Return whether a path is standard input, or a pipe that the shell opened."""
    return path == STANDARD_INPUT or (path.startswith(_OPENED) and _is(Path.is_fifo, path))


def is_folder(path: str) -> bool:
    """Return whether a path is a folder; False if that can't be determined."""
    return _is(Path.is_dir, path)


def _is(kind: Callable[[Path], bool], path: str) -> bool:
    try:
        return kind(Path(path))
    except OSError:
        # The name is too long, or a parent folder can't be read.
        return False


def read_bytes(path: str, *, limit: int = MAX_FILE_BYTES) -> bytes:
    """
    Read a file, standard input, or a pipe that the shell opened.

    Args:
        path: The file; ``-`` for standard input.
        limit: The maximum size in bytes. Default: 4 MiB.

    Raises:
        FileUnreadableError: The file can't be read, or is too large.
    """
    if not is_stream(path):
        return read_file(path, limit=limit)
    name = "standard input" if path == STANDARD_INPUT else path
    if path == STANDARD_INPUT and sys.stdin is None:  # a process can start without standard input
        raise FileUnreadableError(
            name, "it is closed.", "Provide a file, or pipe the input to this command."
        )
    try:
        if path == STANDARD_INPUT:
            content = sys.stdin.buffer.read(limit + 1)
        else:
            with Path(path).open("rb") as pipe:
                content = pipe.read(limit + 1)
    except (OSError, ValueError) as err:
        why = getattr(err, "strerror", None) or "it is closed"
        raise FileUnreadableError(
            name, f"it can't be read: {why}.", "Provide a file instead."
        ) from err
    if len(content) > limit:
        raise FileUnreadableError(
            name,
            f"it is larger than the limit of {limit:,} bytes.",
            "Provide only the files of one certificate.",
        )
    return content
