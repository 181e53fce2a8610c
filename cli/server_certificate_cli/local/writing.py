"""
Write several files, all or none.

They are written under other names beside their places, and moved there when all of them are
complete. What stood there is kept until the last one is in place, and comes back if one fails or a
signal asks the process to end.
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
    """A file to write. Its representation shows nothing of the content."""

    name: str
    content: str = field(repr=False)
    mode: int = PUBLIC
    """Its permissions, from the moment it exists."""


def existing(folder: Path, names: Sequence[str]) -> list[Path]:
    """Return the places that are taken, be it by a link that leads nowhere."""
    return [path for name in names if _is_there(path := folder / name)]


def write(
    folder: Path, files_to_write: Sequence[NewFile], *, without: Sequence[str], force: bool
) -> None:
    """
    Write files into a folder, which is made if it is missing.

    Args:
        folder: The folder; the one above it must exist.
        files_to_write: What to write.
        without: Names of files that must not stand beside them.
        force: Whether files that are there may be replaced, or removed.

    Raises:
        FileExistsError: A place is taken, and there is no ``force``.
        OSError: Writing failed. Everything is as it was before.
        SignalledError: A signal came. Everything is as it was before, or all of it is written.
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

    def beside(self, name: str, kind: str) -> Path:
        return self.folder / f".{name}.{self.token}.{kind}"

    def make_folder(self) -> None:
        if not self.folder.is_dir():
            # A private key is going to lie there.
            self.folder.mkdir(mode=0o700)
            self.made_folder = True

    def prepare(self, file: NewFile) -> None:
        path = self.beside(file.name, "new")
        descriptor = os.open(path, _NEW, file.mode)
        self.prepared.append(path)
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(file.content.encode("ascii"))
            opened.flush()
            os.fsync(descriptor)

    def install(self, name: str, *, replace: bool) -> None:
        source, target = self.beside(name, "new"), self.folder / name
        if replace and _is_there(target):
            self.keep(target)
            source.replace(target)
        else:
            _move_into_nothing(source, target)
        self.installed.append(target)

    def keep(self, target: Path) -> None:
        """Give what stands there a second name, so that its place is never empty."""
        if target.is_dir() and not target.is_symlink():
            raise IsADirectoryError(errno.EISDIR, f"'{target.name}' is a folder")
        kept = self.beside(target.name, "old")
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
        # Replacing a file by another name of itself leaves both.
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
    """Move a file to a place that must be free, also if somebody takes it this very moment."""
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
