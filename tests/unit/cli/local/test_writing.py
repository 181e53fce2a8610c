"""Several files are written completely or not at all."""

from __future__ import annotations

import errno
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from server_certificate_cli.errors import SignaledError
from server_certificate_cli.local.writing import SECRET, NewFile, _Transaction, existing, write

if TYPE_CHECKING:
    from collections.abc import Callable

PIECES = (NewFile(name="a", content="new a"), NewFile(name="b", content="new b", mode=SECRET))


def contents(folder: Path) -> dict[str, str]:
    """Return all files of a folder, including hidden files."""
    return {path.name: path.read_text() for path in folder.iterdir()}


def fail_at(monkeypatch: pytest.MonkeyPatch, name: str, call: int) -> None:
    """Make the n-th call of a Path method fail."""
    real: Callable[..., object] = getattr(Path, name)
    calls = 0

    def counted(path: Path, *arguments: object, **settings: object) -> object:
        nonlocal calls
        calls += 1
        if calls == call:
            raise OSError(errno.EIO, "Input/output error")
        return real(path, *arguments, **settings)

    monkeypatch.setattr(Path, name, counted)


def test_pieces_hide_their_content() -> None:
    """The repr of a file doesn't contain its content, which can be a private key."""
    assert "new b" not in repr(PIECES[1])


def test_new_folder_is_made(tmp_path: Path) -> None:
    """A missing folder is created, and contains only the files."""
    write(tmp_path / "new", PIECES, without=(), force=False)
    assert contents(tmp_path / "new") == {"a": "new a", "b": "new b"}


def test_place_that_is_taken_meanwhile_stays(tmp_path: Path) -> None:
    """Without force, a file that appears at the last moment stays, and the others are removed."""
    (tmp_path / "b").write_text("old b")
    with pytest.raises(FileExistsError):
        write(tmp_path, PIECES, without=(), force=False)
    assert contents(tmp_path) == {"b": "old b"}


@pytest.mark.parametrize("call", [1, 2])
def test_failing_replacement_brings_everything_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: int
) -> None:
    """If a file can't be moved, the files before it get their old content back."""
    (tmp_path / "a").write_text("old a")
    (tmp_path / "b").write_text("old b")
    (tmp_path / "c").write_text("old c")
    before = contents(tmp_path)
    fail_at(monkeypatch, "replace", call)
    with pytest.raises(OSError, match="Input/output error"):
        write(tmp_path, PIECES, without=("c",), force=True)
    assert contents(tmp_path) == before


def test_failing_removal_brings_everything_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If an old file can't be removed, nothing is changed."""
    (tmp_path / "a").write_text("old a")
    (tmp_path / "c").write_text("old c")
    before = contents(tmp_path)
    fail_at(monkeypatch, "unlink", 1)
    with pytest.raises(OSError, match="Input/output error"):
        write(tmp_path, PIECES, without=("c",), force=True)
    assert contents(tmp_path) == before


def test_full_disk_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If a file can't be written, neither the files nor the folder are created."""

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        write(tmp_path / "new", PIECES, without=(), force=False)
    assert list(tmp_path.iterdir()) == []


def test_interrupt_leaves_everything_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C has the same effect as an error."""

    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    (tmp_path / "a").write_text("old a")
    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        write(tmp_path, PIECES, without=(), force=True)
    assert contents(tmp_path) == {"a": "old a"}


def test_signals_are_as_before_afterwards(tmp_path: Path) -> None:
    """After success or failure, the signal handlers are the same as before."""
    known = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.getsignal(number) for number in known]
    write(tmp_path, PIECES, without=(), force=False)
    assert [signal.getsignal(number) for number in known] == before
    with pytest.raises(FileExistsError):
        write(tmp_path, PIECES, without=(), force=False)
    assert [signal.getsignal(number) for number in known] == before


def test_late_signal_is_not_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A signal after the last file ends the process with all files written."""
    (tmp_path / "a").write_text("old a")
    finish = _Transaction.finish

    def signaled(transaction: _Transaction) -> None:
        finish(transaction)
        signal.raise_signal(signal.SIGTERM)

    monkeypatch.setattr(_Transaction, "finish", signaled)
    with pytest.raises(SignaledError) as raised:
        write(tmp_path, PIECES, without=(), force=True)
    assert raised.value.exit_code == 143
    assert contents(tmp_path) == {"a": "new a", "b": "new b"}


def test_another_thread_writes_as_well(tmp_path: Path) -> None:
    """Where signals can't be deferred, the files are still written."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(write, tmp_path, PIECES, without=(), force=False).result(60)
    assert contents(tmp_path) == {"a": "new a", "b": "new b"}


def test_link_comes_back_as_a_link(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After an error, a replaced link is restored."""
    (tmp_path / "elsewhere").write_text("untouched")
    (tmp_path / "a").symlink_to("elsewhere")
    (tmp_path / "b").write_text("old b")
    fail_at(monkeypatch, "replace", 2)
    with pytest.raises(OSError, match="Input/output error"):
        write(tmp_path, PIECES, without=(), force=True)
    assert (tmp_path / "a").readlink() == Path("elsewhere")
    assert contents(tmp_path) == {"a": "untouched", "b": "old b", "elsewhere": "untouched"}


def test_name_for_the_meantime_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Temporary files are not written through existing links."""
    monkeypatch.setattr(os, "urandom", lambda size: b"\0" * size)
    (tmp_path / f".b.{'00' * 6}.new").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(FileExistsError):
        write(tmp_path, PIECES, without=(), force=True)
    assert not (tmp_path / "elsewhere").exists()


def test_folder_in_a_place_is_refused(tmp_path: Path) -> None:
    """A folder is never replaced, not even with force."""
    (tmp_path / "b").mkdir()
    with pytest.raises(IsADirectoryError, match="'b' is a folder"):
        write(tmp_path, PIECES, without=(), force=True)
    assert [path.name for path in tmp_path.iterdir()] == ["b"]


@pytest.mark.parametrize("force", [False, True])
def test_file_systems_without_links(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, force: bool
) -> None:
    """Without hard links, files are moved, with the same result."""

    def unsupported(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", unsupported)
    (tmp_path / "b").write_text("old b")
    if force:
        write(tmp_path, PIECES, without=(), force=True)
        assert contents(tmp_path) == {"a": "new a", "b": "new b"}
    else:
        with pytest.raises(FileExistsError):
            write(tmp_path, PIECES, without=(), force=False)
        assert contents(tmp_path) == {"b": "old b"}


def test_dangling_link_occupies_a_place(tmp_path: Path) -> None:
    """A broken link counts as an existing file."""
    (tmp_path / "a").symlink_to(tmp_path / "nowhere")
    assert existing(tmp_path, ["a", "b"]) == [tmp_path / "a"]
