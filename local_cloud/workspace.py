"""The port and the directory of a server, released at its end."""

from __future__ import annotations

import contextlib
import fcntl
import shutil
import socket
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from local_cloud.environment import Connection

if TYPE_CHECKING:
    from collections.abc import Iterator

_ADDRESS = "127.0.0.1"


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
    Create a directory with empty folders for temporary and TLS files, for this process only.

    Args:
        chosen: A directory, which keeps the log and the CA bundle at the end; None for a temporary
            one, which is removed.

    Raises:
        StartError: It can't be written, or another local cloud uses it.
    """
    try:
        directory = (
            Path(tempfile.mkdtemp(prefix="local-cloud-")) if chosen is None else chosen.resolve()
        )
        directory.mkdir(parents=True, exist_ok=True)
        lock_file = directory / "lock"
        lock = lock_file.open("w")
    except OSError as error:
        raise _unusable(chosen, error.strerror) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise _unusable(chosen, "another local cloud uses it") from error
        connection = Connection(0, directory)
        folders = (connection.tls_directory, connection.temporary_directory)
        try:
            for folder in folders:
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir(mode=0o700)
            yield directory
        finally:
            for folder in folders if chosen else (directory,):
                shutil.rmtree(folder, ignore_errors=True)
            lock_file.unlink(missing_ok=True)


def _unusable(chosen: Path | None, reason: str | None) -> StartError:
    return StartError(f"Can't keep files in {chosen or tempfile.gettempdir()}: {reason}.")
