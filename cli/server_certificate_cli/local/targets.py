"""Find the targets of a command: files from options, a bundle, or a folder."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from server_certificate_cli.local.material import Parts, as_argument
from server_certificate_cli.local.reading_files import STANDARD_INPUT, is_folder
from server_certificate_cli.usage import usage_error

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from server_certificate_cli.local.material import Material
    from server_certificate_cli.local.server_names import Server

_NAMED = 5
"""The maximum number of files to name in a message."""


class ServerError(Exception):
    """A server didn't send certificates. The message is a sentence that says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The files of one certificate to check, or the server that sends it."""

    name: str
    """The name from the command line."""

    parts: Parts
    """The files; empty if there is a problem."""

    arguments: tuple[str, ...]
    """The command-line arguments that name the target."""

    server: Server | None = None
    """The server that sends the certificate; None for files."""

    connect_to: Server | None = None
    """The address to connect to instead of the server's."""

    problem: str | None = None
    """Why the target can't be read, as a sentence; None if no problem is known yet."""

    unused: tuple[str, ...] = ()
    """The unused files of a folder."""

    note: str = ""
    """Which of several files in a folder was selected, as a sentence; empty if there was only one."""

    @property
    def files(self) -> Mapping[str, str]:
        """The files, or the server, by their subject in findings."""
        if self.server is None:
            return self.parts.files
        return {**dict.fromkeys(("certificate", "chain"), self.name), **self.parts.files}


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """The targets of a command."""

    targets: tuple[Target, ...]
    """The targets, in the order of the command line."""

    are_several: bool
    """Whether the command line can name several targets, even if only one was found."""

    skipped: tuple[str, ...]
    """Skipped entries next to folders that are used: files, and folders without known names."""


def find_targets(
    paths: tuple[str, ...],
    material: Material,
    *,
    takes_servers: bool = False,
    connect: str | None = None,
) -> Targets:
    """
    Return the targets from the paths or the options of a command line.

    Args:
        paths: The targets on the command line.
        material: The options for files.
        takes_servers: Whether a target can be a server.
        connect: The address to connect to instead of the only server's.

    Raises:
        click.UsageError: There are both paths and options, or neither; or standard input is used
            twice; or an option doesn't fit the targets.
    """
    parts = material.parts
    if takes_servers and (server := _only_server(paths, parts)):
        return Targets(
            targets=(replace(server, connect_to=_connect_to(connect, server)),),
            are_several=False,
            skipped=(),
        )
    if connect is not None:
        raise usage_error(
            "--connect requires exactly one target that is a server, such as www.example.com:443."
        )
    if len(paths) == 1 and parts.files and _may_be_bundle(paths[0], parts):
        parts, paths = replace(parts, either=paths[0]), ()
    if not paths and not parts.files:
        raise usage_error(
            "There is nothing to read. Provide a certificate, a bundle or a folder, or use"
            " --certificate or --bundle."
        )
    if paths and parts.files:
        options = " and ".join(f"--{subject}" for subject in parts.files)
        raise usage_error(
            f"{options} can't be combined with {_targets(paths)}. Omit one of them. --chain and"
            " --private-key complete a single certificate or bundle."
        )
    named = [path for _, path in parts.named]
    if [*paths, *named, material.passphrase.file].count(STANDARD_INPUT) > 1:
        raise usage_error("Standard input ('-') can only be used once.")
    if paths:
        return targets_of(paths, takes_servers=takes_servers)
    parts.check()
    name = parts.certificate or parts.bundle or parts.either or ""
    target = Target(name=name, parts=parts, arguments=parts.arguments)
    return Targets(targets=(target,), are_several=False, skipped=())


def _may_be_bundle(path: str, parts: Parts) -> bool:
    """Return whether a path can be a certificate or a bundle that the options complete."""
    return parts.bundle is None and parts.certificate is None and not is_folder(path)


def _targets(paths: Sequence[str]) -> str:
    """Name the targets of a command line."""
    return f"the target '{paths[0]}'" if len(paths) == 1 else f"{len(paths):,} targets"


def _only_server(paths: Sequence[str], parts: Parts) -> Target | None:
    """Return the server that is the only target; None if it is something else."""
    target = _server(paths[0]) if len(paths) == 1 else None
    unfit = [f"--{subject}" for subject in parts.files if subject != "private-key"]
    if target is None or not parts.files:
        return target
    if unfit:
        raise usage_error(
            f"{' and '.join(unfit)} can't be combined with the server {target.name}, which sends the"
            " certificate and its chain. Only --private-key can."
        )
    return replace(target, parts=parts)


def _server(path: str) -> Target | None:
    """Return the server that a target names; None if it is a path."""
    if path == STANDARD_INPUT or os.path.lexists(path):
        return None
    # Imported lazily: most targets are files.
    from server_certificate_cli.local.server_names import server_of  # noqa: PLC0415

    server = server_of(path)
    if server is None:
        return None
    return Target(name=str(server), parts=Parts(), arguments=(), server=server)


def _connect_to(connect: str | None, target: Target) -> Server | None:
    if connect is None or target.server is None:
        return None
    # As in _server.
    from server_certificate_cli.local.server_names import Server, address_of  # noqa: PLC0415

    try:
        host, port = address_of(connect)
    except ValueError as err:
        raise usage_error(f"--connect: {err}") from None
    return Server(host, port or target.server.port)


def targets_of(paths: tuple[str, ...], *, takes_servers: bool = False) -> Targets:
    """
    Return the targets of paths: bundles, folders with known names, or folders with such folders.

    Args:
        paths: The paths.
        takes_servers: Whether a target can be a server.
    """
    targets: list[Target] = []
    skipped: list[str] = []
    are_several = len(paths) > 1
    for path in paths:
        if takes_servers and (server := _server(path)):
            targets.append(server)
        elif path == STANDARD_INPUT or not is_folder(path):
            parts = Parts(either=path)
            targets.append(Target(name=path, parts=parts, arguments=parts.arguments))
        elif single := _known(path, by_name_only=True):
            targets.append(single)
        else:
            folders = list(_folders(path))
            below = [target for folder in folders if (target := _known(folder))]
            targets.extend(below or [_known(path) or _unknown(path)])
            if below:
                are_several = True
                known = {target.name for target in below}
                skipped.extend(entry for entry in _entries(path) if entry not in known)
    return Targets(targets=tuple(targets), are_several=are_several, skipped=tuple(skipped))


def _known(folder: str, *, by_name_only: bool = False) -> Target | None:
    """Return the target of a folder, or why it can't be used; None if no file has a known name."""
    # Imported lazily: only needed for folders.
    from server_certificate_cli.local.folders import FolderError, select  # noqa: PLC0415

    arguments = (as_argument(folder),)
    try:
        selection = select(folder, by_name_only=by_name_only)
    except FolderError as err:
        return Target(name=folder, parts=Parts(), arguments=arguments, problem=f"'{folder}': {err}")
    except OSError:
        return None
    if selection is None:
        return None
    return Target(
        name=folder,
        parts=selection.parts,
        arguments=arguments,
        unused=selection.unused,
        note=selection.note,
    )


def _unknown(folder: str) -> Target:
    # As in _known.
    from server_certificate_cli.local.layouts import EXPECTED_NAMES  # noqa: PLC0415

    try:
        list(Path(folder).iterdir())
    except OSError as err:
        problem = f"The folder '{folder}' can't be read: {err.strerror}. Check its permissions."
    else:
        problem = (
            f"The folder '{folder}' does not contain a certificate with a known name."
            f"{_described_entries(folder)} Known names, in the folder itself and in its direct"
            f" subfolders, include {EXPECTED_NAMES}. If the files have other names, use --certificate,"
            " --private-key and --chain, or --bundle."
        )
    return Target(name=folder, parts=Parts(), arguments=(folder,), problem=problem)


def _described_entries(folder: str) -> str:
    """Describe the entries of a folder in a sentence that begins with a space."""
    names = [f"'{Path(entry).name}'" for entry in _entries(folder)]
    if not names:
        return " It is empty."
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return f" It contains {', '.join(names[:_NAMED])}{more}."


def _folders(folder: str) -> Iterator[str]:
    """Return the folders in a folder, sorted by name; none if it can't be read."""
    return (entry for entry in _entries(folder) if is_folder(entry))


def _entries(folder: str) -> Sequence[str]:
    """Return the paths of the entries of a folder that are not hidden, sorted by name."""
    try:
        entries = sorted(Path(folder).iterdir())
    except OSError:
        return ()
    return [str(entry) for entry in entries if not entry.name.startswith(".")]
