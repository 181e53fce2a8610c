"""Read what a user names: a file, standard input for ``-``, or what the shell has opened already."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from server_certificate.reading.files import MAX_FILE_BYTES, FileUnreadableError, read_file

if TYPE_CHECKING:
    from collections.abc import Callable

STANDARD_INPUT = "-"
_OPENED = ("/dev/stdin", "/dev/fd/", "/proc/self/fd/")
"""How shells name what they have opened: ``<(command)`` is ``/dev/fd/63``."""


def is_stream(path: str) -> bool:
    """Return whether a path is standard input, or a pipe that the shell has opened."""
    return path == STANDARD_INPUT or (path.startswith(_OPENED) and _is(Path.is_fifo, path))


def is_folder(path: str) -> bool:
    """Return whether a path is a folder, as far as one may look."""
    return _is(Path.is_dir, path)


def _is(kind: Callable[[Path], bool], path: str) -> bool:
    try:
        return kind(Path(path))
    except OSError:
        # Its name is too long, or a folder above it is closed.
        return False


def read_bytes(path: str, *, limit: int = MAX_FILE_BYTES) -> bytes:
    """
    Read a file, standard input, or a pipe that the shell has opened.

    Args:
        path: The file; ``-`` for standard input.
        limit: Bytes that it may have. Default: 4 MiB.

    Raises:
        FileUnreadableError: It can't be read, or is larger.
    """
    if not is_stream(path):
        return read_file(path, limit=limit)
    name = "standard input" if path == STANDARD_INPUT else path
    if path == STANDARD_INPUT and sys.stdin is None:  # a process can be started without one
        raise FileUnreadableError(
            name, "it is closed.", "Give a file, or pipe something into this command."
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
            name, f"it can't be read: {why}.", "Give a file instead."
        ) from err
    if len(content) > limit:
        raise FileUnreadableError(
            name,
            f"it has more than the {limit:,} bytes that are read.",
            "Give only what belongs to this server's certificate.",
        )
    return content
