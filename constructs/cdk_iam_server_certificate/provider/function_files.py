"""The files of the function: our packages, the packages that they need, and the bytecode of both."""

from __future__ import annotations

import fnmatch
import hashlib
import importlib.util
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

HANDLER: Final = "server_certificate_handler.entry.on_event"

_CHECKS: Final = "server_certificate"
_HANDLER: Final = "server_certificate_handler"

_PARTS: Final = Path(__file__).parent.parent / "_function"
_HANDLER_FOLDERS: Final = (_PARTS / "handler", Path(__file__).parents[3] / "lambda")
"""Where the handler's package is: in an installation, and in a checkout."""

_LANDMARKS: Final = (
    "server_certificate/__init__.py",
    "server_certificate_handler/entry.py",
    "crhelper/__init__.py",
    "cryptography/__init__.py",
    "cryptography/hazmat/bindings/_rust.abi3.so",
    "_cffi_backend.*.so",
)
"""Files that every function needs, at least one from each part; a missing one reveals a missing part."""


class HandlerCodeError(RuntimeError):
    """A part of the function is not installed."""


def function_files(
    architecture: str, runtime: str, *, with_bytecode: bool = True
) -> dict[str, bytes]:
    """
    Read the files of the function, by their names in it.

    Compiled files next to our sources are left out, and so are the times and modes of files. Two
    checkouts, or a checkout and an installed package, give the same files.

    Args:
        architecture: ``x86_64`` or ``arm64``.
        runtime: The function's Python, such as ``python3.14``.
        with_bytecode: Whether to include the bytecode for that Python. Default: yes.

    Raises:
        HandlerCodeError: A part is not installed.
    """
    files = dict((*_sources(_checks_folder()), *_sources(_handler_folder())))
    for part in (architecture, f"{architecture}-{runtime}"):
        files.update(_unpacked(_PARTS / part))
    for landmark in _LANDMARKS:
        if not fnmatch.filter(files, landmark):
            raise _incomplete(f"'{landmark}' for {architecture} and {runtime}")
    if not with_bytecode:
        return files
    return files | dict(_bytecode(_PARTS / f"{runtime}.zip", files))


def _checks_folder() -> Path | None:
    """Return the folder of the checks, which are installed with this package."""
    spec = importlib.util.find_spec(_CHECKS)
    places = (spec and spec.submodule_search_locations) or ()
    return next(map(Path, places), None)


def _handler_folder() -> Path | None:
    """Return the folder of the handler. It is data here: nothing imports it."""
    folders = (folder / _HANDLER for folder in _HANDLER_FOLDERS)
    return next(filter(Path.is_dir, folders), None)


def _sources(package: Path | None) -> Iterator[tuple[str, bytes]]:
    if package is not None:
        for path in sorted(package.rglob("*.py")):
            yield path.relative_to(package.parent).as_posix(), path.read_bytes()


def _unpacked(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        # Installers compile modules for the Python that they run on.
        if path.is_file() and "__pycache__" not in name.parts:
            yield name.as_posix(), path.read_bytes()


def _bytecode(path: Path, files: Mapping[str, bytes]) -> Iterator[tuple[str, bytes]]:
    """
    Yield the bytecode of the files that haven't changed since they were compiled.

    Python runs it without comparing it with the source, so outdated bytecode would run outdated code.
    """
    if not zipfile.is_zipfile(path):
        raise _incomplete(f"'{path.name}' with the bytecode")
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            source = files.get(importlib.util.source_from_cache(member.filename))
            if source is not None and hashlib.sha256(source).hexdigest() == member.comment.decode():
                yield member.filename, archive.read(member)


def _incomplete(what: str) -> HandlerCodeError:
    return HandlerCodeError(
        f"a part of the Lambda function is missing: {what}. cdk-iam-server-certificate is installed"
        f" incompletely in '{_PARTS.parent}': install it again (pip install --force-reinstall"
        f" cdk-iam-server-certificate). If that is a checkout, remove its '{_PARTS.name}' and run"
        " 'make setup'."
    )
