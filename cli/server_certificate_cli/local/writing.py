"""
Write several files, all or none.

The files are written with temporary names next to their targets, and renamed when all of them are
complete. Existing files are kept until the last file is in place, and are restored if there is an error
or a signal.
"""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from server_certificate_cli.signals import deferred_signals

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

PUBLIC = 0o644
SECRET = 0o600

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFile:
    """A file to write. The repr doesn't contain the content."""

    name: str
    content: str | bytes = field(repr=False)
    mode: int = PUBLIC
    """The permissions, which the file has from its creation."""


def existing(folder: Path, names: Sequence[str]) -> list[Path]:
    """Return the paths that exist, including broken links."""
    return [path for name in names if _is_there(path := folder / name)]


def write(
    folder: Path, files_to_write: Sequence[NewFile], *, without: Sequence[str], force: bool
) -> None:
    """
    Write files to a folder, which is created if it doesn't exist.

    Args:
        folder: The folder. Its parent folder must exist.
        files_to_write: The files.
        without: The names of files that must not exist afterwards.
        force: Whether to replace or remove existing files.

    Raises:
        FileExistsError: A file exists, and ``force`` is False.
        OSError: Writing failed. Nothing was changed.
        SignaledError: A signal arrived. Either nothing was changed, or everything was written.
    """
    transaction = _Transaction(folder)
    with deferred_signals() as signals:
        try:
            transaction.make_folder()
            for file in files_to_write:
                transaction.prepare(file)
                signals.check()
            for file in files_to_write:
                transaction.install(file.name, replace=force)
                signals.check()
            if force:
                for path in existing(folder, without):
                    transaction.set_aside(path.name)
            signals.check()
        except BaseException:
            transaction.undo()
            raise
        transaction.finish()


class _Transaction:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.token = os.urandom(6).hex()
        self.made_folder = False
        self.prepared: list[Path] = []
        self.installed: list[Path] = []
        self.kept: dict[Path, Path] = {}

    def temporary_path(self, name: str, kind: str) -> Path:
        return self.folder / f".{name}.{self.token}.{kind}"

    def make_folder(self) -> None:
        if not self.folder.is_dir():
            # The folder can contain a private key.
            self.folder.mkdir(mode=0o700)
            self.made_folder = True

    def prepare(self, file: NewFile) -> None:
        path = self.temporary_path(file.name, "new")
        descriptor = os.open(path, _NEW, file.mode)
        self.prepared.append(path)
        with os.fdopen(descriptor, "wb") as opened:
            content = file.content
            opened.write(content if isinstance(content, bytes) else content.encode("ascii"))
            opened.flush()
            os.fsync(descriptor)

    def install(self, name: str, *, replace: bool) -> None:
        source, target = self.temporary_path(name, "new"), self.folder / name
        if replace and _is_there(target):
            self.keep(target)
            source.replace(target)
        else:
            _move_into_nothing(source, target)
        self.installed.append(target)

    def keep(self, target: Path) -> None:
        """Give the existing file a second name, so that the path always exists."""
        if target.is_dir() and not target.is_symlink():
            raise IsADirectoryError(errno.EISDIR, f"'{target.name}' is a folder")
        kept = self.temporary_path(target.name, "old")
        try:
            os.link(target, kept, follow_symlinks=False)
        except (OSError, NotImplementedError):
            target.rename(kept)
        self.kept[target] = kept

    def set_aside(self, name: str) -> None:
        target = self.folder / name
        self.keep(target)
        target.unlink(missing_ok=True)

    def undo(self) -> None:
        for target in self.installed:
            if target not in self.kept:
                with suppress(OSError):
                    target.unlink()
        for target, kept in self.kept.items():
            with suppress(OSError):
                kept.replace(target)
        self._discard(*self.prepared)
        # Replacing a file with a hard link to itself leaves both names.
        self._discard(*self.kept.values())
        if self.made_folder:
            with suppress(OSError):
                self.folder.rmdir()

    def finish(self) -> None:
        self._discard(*self.kept.values(), *self.prepared)

    @staticmethod
    def _discard(*paths: Path) -> None:
        for path in paths:
            with suppress(OSError):
                path.unlink()


def _move_into_nothing(source: Path, target: Path) -> None:
    """Move a file to a path that must not exist, without a race."""
    try:
        os.link(source, target)
    except FileExistsError:
        raise
    except (OSError, NotImplementedError):
        # A file system without hard links.
        if _is_there(target):
            raise FileExistsError(errno.EEXIST, f"'{target.name}' exists") from None
        source.rename(target)


def _is_there(path: Path) -> bool:
    return path.is_symlink() or path.exists()
