"""Reading the files that users name."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from server_certificate.reading import files
from server_certificate.reading.files import FileUnreadableError, read_file

if TYPE_CHECKING:
    from collections.abc import Callable


def refusal(path: str | Path, *, limit: int = 100) -> FileUnreadableError:
    """Return why a file is not read."""
    with pytest.raises(FileUnreadableError) as caught:
        read_file(path, limit=limit)
    return caught.value


def _listen(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))


@pytest.mark.parametrize("size", [0, 1, 100])
def test_files_up_to_the_limit_are_read(tmp_path: Path, size: int) -> None:
    """A regular file is read whole, an empty one and the largest included."""
    path = tmp_path / "file"
    path.write_bytes(b"x" * size)
    assert read_file(path, limit=100) == b"x" * size


def test_links_are_followed(tmp_path: Path) -> None:
    """Certbot's live folder holds links only."""
    (tmp_path / "file").write_bytes(b"content")
    (tmp_path / "link").symlink_to("file")
    assert read_file(tmp_path / "link") == b"content"


@pytest.mark.parametrize(
    ("prepare", "problem"),
    [
        (lambda _: None, "it does not exist (current directory: "),
        (Path.mkdir, "it is a directory."),
        (os.mkfifo, "it is a pipe, a socket or a device."),
        (_listen, "it can't be read: "),
        (lambda path: path.symlink_to(path), "it can't be read: Too many levels"),
        (lambda path: path.symlink_to("/dev/zero"), "it is a pipe, a socket or a device."),
        (lambda path: path.write_bytes(b"x" * 101), "it has 101 bytes; the limit is 100."),
    ],
    ids=["missing", "folder", "pipe", "socket", "loop", "device", "too large"],
)
def test_anything_else_is_refused_at_once(
    tmp_path: Path, prepare: Callable[[Path], object], problem: str
) -> None:
    """Anything but a regular file is refused by name, and a pipe without a writer doesn't block."""
    path = tmp_path / "file"
    prepare(path)
    error = refusal(path)
    assert error.problem.startswith(problem)
    assert str(error) == f"'{path}': {error.problem} {error.fix}"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_refused(tmp_path: Path) -> None:
    """The refusal of a file that the user can't read says what to do."""
    path = tmp_path / "file"
    path.write_bytes(b"content")
    path.chmod(0)
    assert str(refusal(path)).endswith(
        "it can't be read: Permission denied. Check its permissions."
    )


def test_invalid_file_names_are_refused() -> None:
    """A file name with a null character is refused with a sentence, too."""
    assert refusal("a\0b").problem == "it is not a file name."


@pytest.mark.parametrize("change", [b"", b"longer than before", b"replace"])
def test_a_file_that_changes_meanwhile_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: bytes
) -> None:
    """A file that changes while it is read is refused."""
    path = tmp_path / "file"
    path.write_bytes(b"content")
    look = os.fstat

    def look_and_change(descriptor: int) -> os.stat_result:
        status = look(descriptor)
        path.write_bytes(change)
        os.utime(path, ns=(0, 0))
        return status

    monkeypatch.setattr(files.os, "fstat", look_and_change)
    assert refusal(path).problem == "it changed while it was read."


def test_nothing_stays_open(tmp_path: Path) -> None:
    """Neither a success nor a refusal leaves a descriptor behind."""
    (tmp_path / "file").write_bytes(b"x")
    os.mkfifo(tmp_path / "pipe")
    before = _descriptors()
    read_file(tmp_path / "file")
    refusal(tmp_path / "pipe")
    refusal(tmp_path)
    assert _descriptors() == before


def _descriptors() -> int:
    return sum(1 for _ in Path("/dev/fd").iterdir())
