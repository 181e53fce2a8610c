"""What the function consists of: our packages, those that they need, and the bytecode of both."""

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

_PACKAGES: Final = ("server_certificate", "server_certificate_handler")
_PARTS: Final = Path(__file__).parent.parent / "_function"

_LANDMARKS: Final = (
    "server_certificate/__init__.py",
    "server_certificate_handler/entry.py",
    "crhelper/__init__.py",
    "cryptography/__init__.py",
    "cryptography/hazmat/bindings/_rust.abi3.so",
    "_cffi_backend.*.so",
)
"""Files that no function can do without: of each part one, at least."""


class HandlerCodeError(RuntimeError):
    """The installation lacks a part of the function."""


def function_files(architecture: str, runtime: str) -> dict[str, bytes]:
    """
    Read the files of the function, by their names in it.

    Neither compiled files that lie beside ours, nor times and modes of files have a part in it: two
    checkouts, or a checkout and an installed package, give the same.

    Args:
        architecture: ``x86_64`` or ``arm64``.
        runtime: Its Python, such as ``python3.14``.

    Raises:
        HandlerCodeError: A part is not installed.
    """
    files: dict[str, bytes] = {}
    for package in _PACKAGES:
        files.update(_package(package))
    for part in (architecture, f"{architecture}-{runtime}"):
        files.update(_unpacked(_PARTS / part))
    for landmark in _LANDMARKS:
        if not fnmatch.filter(files, landmark):
            raise _incomplete(f"'{landmark}' for {architecture} and {runtime}")
    return files | dict(_bytecode(_PARTS / f"{runtime}.zip", files))


def _package(name: str) -> Iterator[tuple[str, bytes]]:
    # Finding a package does not import it: the construct never runs the handler.
    spec = importlib.util.find_spec(name)
    for place in (spec and spec.submodule_search_locations) or ():
        folder = Path(place)
        for path in sorted(folder.rglob("*.py")):
            yield f"{name}/{path.relative_to(folder).as_posix()}", path.read_bytes()


def _unpacked(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        # Installers compile what they install, for the Python that they run on.
        if path.is_file() and "__pycache__" not in name.parts:
            yield name.as_posix(), path.read_bytes()


def _bytecode(path: Path, files: Mapping[str, bytes]) -> Iterator[tuple[str, bytes]]:
    """
    Yield the bytecode of the files that are still what it was compiled from.

    Python runs it unseen: that of a module changed since would be the code of yesterday.
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
