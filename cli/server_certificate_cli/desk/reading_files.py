"""Read what a user names: a file, or standard input for ``-``."""

from __future__ import annotations

import sys

from server_certificate.reading.files import MAX_FILE_BYTES, FileUnreadableError, read_file

STANDARD_INPUT = "-"


def read_bytes(path: str, *, limit: int = MAX_FILE_BYTES) -> bytes:
    """
    Read a file, or standard input.

    Args:
        path: The file; ``-`` for standard input.
        limit: Bytes that it may have. Default: 4 MiB.

    Raises:
        FileUnreadableError: It can't be read, or is larger.
    """
    if path != STANDARD_INPUT:
        return read_file(path, limit=limit)
    if sys.stdin is None:  # a process can be started without one
        raise _unreadable("it is closed.", "Give a file, or pipe something into this command.")
    try:
        content = sys.stdin.buffer.read(limit + 1)
    except (OSError, ValueError) as err:
        why = getattr(err, "strerror", None) or "it is closed"
        raise _unreadable(f"it can't be read: {why}.", "Give a file instead.") from err
    if len(content) > limit:
        raise _unreadable(
            f"it has more than the {limit:,} bytes that are read.",
            "Give only what belongs to this server's certificate.",
        )
    return content


def _unreadable(problem: str, fix: str) -> FileUnreadableError:
    return FileUnreadableError("standard input", problem, fix)
