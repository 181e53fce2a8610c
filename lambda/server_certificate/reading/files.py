"""Read the files that users specify, which can be anything."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from server_certificate.reading.rules import FILE_UNREADABLE
from server_certificate.secrecy import without_material

MAX_FILE_BYTES = 4 * 1024 * 1024
"""The maximum size of a file: twice the longest chain that IAM accepts."""


class FileUnreadableError(ValueError):
    """A file can't be read. The message says which one, why, and how to fix it."""

    def __init__(self, path: str | Path, problem: str, fix: str = FILE_UNREADABLE.fix) -> None:
        path = without_material(str(path))
        self.path = path
        self.problem = problem
        """The problem, without the path: ``it does not exist.``"""
        self.fix = fix
        """How to fix it."""
        super().__init__(f"'{path}': {problem} {fix}")


def read_file(path: str | Path, *, limit: int = MAX_FILE_BYTES) -> bytes:
    """
    Read a regular file, and never block on anything else.

    Args:
        path: The file; symbolic links are followed.
        limit: The maximum size in bytes. Default: 4 MiB.

    Raises:
        FileUnreadableError: It is missing, a directory, a pipe or a device, unreadable, larger than
            the limit, or it changed while it was read.
    """
    try:
        # Without O_NONBLOCK, opening a pipe without a writer would block forever.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except ValueError as err:
        raise FileUnreadableError(path, "it is not a file name.") from err
    except FileNotFoundError as err:
        raise FileUnreadableError(
            path, f"it does not exist (current directory: '{_here()}')."
        ) from err
    except IsADirectoryError as err:
        raise _no_file(path, "a directory") from err
    except OSError as err:
        raise FileUnreadableError(
            path, f"it can't be read: {err.strerror}.", "Check its permissions."
        ) from err
    try:
        return _content(path, descriptor, limit)
    except OSError as err:
        raise FileUnreadableError(
            path, f"it can't be read: {err.strerror}.", "Check the file system."
        ) from err
    finally:
        os.close(descriptor)


def _content(path: str | Path, descriptor: int, limit: int) -> bytes:
    before = os.fstat(descriptor)
    if stat.S_ISDIR(before.st_mode):
        raise _no_file(path, "a directory")
    if not stat.S_ISREG(before.st_mode):
        raise _no_file(path, "a pipe, a socket or a device")
    if before.st_size > limit:
        raise FileUnreadableError(
            path,
            f"it has {before.st_size:,} bytes; the limit is {limit:,}.",
            "Provide only what belongs to this server's certificate.",
        )
    with os.fdopen(descriptor, "rb", closefd=False) as file:
        content = file.read(limit + 1)
    if len(content) != before.st_size or _state(before) != _state(os.fstat(descriptor)):
        raise FileUnreadableError(
            path,
            "it changed while it was read.",
            "Try again when no other process is writing to it.",
        )
    return content


def _state(status: os.stat_result) -> tuple[int, int]:
    return status.st_size, status.st_mtime_ns


def _no_file(path: str | Path, what: str) -> FileUnreadableError:
    return FileUnreadableError(path, f"it is {what}.")


def _here() -> str:
    try:
        return str(Path.cwd())
    except OSError:
        return "a deleted directory"
