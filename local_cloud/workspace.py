"""The port and the directory of a server, released at its end."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import socket
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from local_cloud.environment import Connection

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO

_ADDRESS = "127.0.0.1"
_PREFIX = "local-cloud-"
# Only a directory that a local cloud has made for itself has the second.
_LOCK = "lock"
_TEMPORARY_LOCK = "temporary-lock"
_WRITABLE_BY_OTHERS = 0o022


class StartError(Exception):
    """The local cloud can't start; the message is a sentence."""


@contextlib.contextmanager
def listening_socket(port: int) -> Iterator[socket.socket]:
    """
    Listen on a port of the loopback address; 0 is any free one.

    Raises:
        StartError: The port is taken or not allowed.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            listener.bind((_ADDRESS, port))
            listener.listen()
        except OSError as error:
            raise StartError(
                f"Can't listen on {_ADDRESS}:{port}: {error.strerror}. "
                "Stop what uses the port, or choose another with --port."
            ) from error
        yield listener


@contextlib.contextmanager
def own_directory(chosen: Path | None) -> Iterator[Path]:
    """
    Create a directory with empty folders for temporary and TLS files, for this user and process only.

    What local clouds that were killed have left in temporary directories is removed first.

    Args:
        chosen: A directory, which keeps the log and the CA bundle at the end; None for a temporary
            one, which is removed.

    Raises:
        StartError: It can't be written, others may write to it, or another local cloud uses it.
    """
    try:
        directory, lock = _temporary() if chosen is None else _existing(chosen)
    except OSError as error:
        raise _unusable(chosen, error.strerror) from error
    with lock:
        connection = Connection(0, directory, "")
        folders = (connection.tls_directory, connection.temporary_directory)
        # Those of an earlier start may be readable by others.
        files = (connection.log_file, connection.ca_bundle)
        try:
            for file in files:
                file.unlink(missing_ok=True)
            for folder in folders:
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir(mode=0o700)
            yield directory
        finally:
            for folder in folders if chosen else (directory,):
                shutil.rmtree(folder, ignore_errors=True)
            Path(lock.name).unlink(missing_ok=True)


def _existing(chosen: Path) -> tuple[Path, TextIO]:
    directory = chosen.resolve()
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    status = directory.stat()
    if status.st_uid != os.getuid():
        raise _unusable(chosen, "it belongs to another user. Choose a directory of your own")
    if status.st_mode & _WRITABLE_BY_OTHERS:
        raise _unusable(chosen, f"other users may write to it. Run: chmod go-w {chosen}")
    lock = (directory / _LOCK).open("w")
    if not _locked(lock):
        lock.close()
        raise _unusable(chosen, "another local cloud uses it. Choose another directory")
    return directory, lock


def _temporary() -> tuple[Path, TextIO]:
    _remove_abandoned()
    directory = Path(tempfile.mkdtemp(prefix=_PREFIX))
    unfinished = directory / "unfinished"
    lock = unfinished.open("w")
    _locked(lock)
    # Another start must never see it unlocked.
    unfinished.rename(directory / _TEMPORARY_LOCK)
    return directory, lock


def _remove_abandoned() -> None:
    """Remove this user's temporary directories whose local cloud is gone: nothing locks them."""
    for lock_file in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*/{_TEMPORARY_LOCK}"):
        with contextlib.suppress(OSError):
            if lock_file.parent.lstat().st_uid != os.getuid():
                continue
            with lock_file.open() as lock:
                if _locked(lock):
                    shutil.rmtree(lock_file.parent, ignore_errors=True)


def _locked(file: TextIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _unusable(chosen: Path | None, reason: str | None) -> StartError:
    return StartError(f"Can't keep files in {chosen or tempfile.gettempdir()}: {reason}.")
