"""Find the targets of a command: files from options, a bundle, or a folder."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from server_certificate_cli.local.material import Parts, as_argument
from server_certificate_cli.local.reading_files import STANDARD_INPUT, is_folder
from server_certificate_cli.usage import usage_error

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from server_certificate_cli.local.material import Material

_NAMED = 5
"""The maximum number of files to name in a message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The files of one certificate to check."""

    name: str
    """The name from the command line."""

    parts: Parts
    """The files; empty if there is a problem."""

    arguments: tuple[str, ...]
    """The command-line arguments that name the target."""

    problem: str | None = None
    """Why the target can't be read, as a sentence; None if no problem is known yet."""

    unused: tuple[str, ...] = ()
    """The unused files of a folder."""

    note: str = ""
    """Which of several files in a folder was selected, as a sentence; empty if there was only one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """The targets of a command."""

    targets: tuple[Target, ...]
    """The targets, in the order of the command line."""

    are_several: bool
    """Whether the command line can name several targets, even if only one was found."""

    skipped: tuple[str, ...]
    """Skipped entries next to folders that are used: files, and folders without known names."""


def find_targets(paths: tuple[str, ...], material: Material) -> Targets:
    """
    Return the targets from the paths or the options of a command line.

    Raises:
        click.UsageError: There are both paths and options, or neither; or standard input is used
            twice.
    """
    parts = material.parts
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
        return targets_of(paths)
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


def targets_of(paths: tuple[str, ...]) -> Targets:
    """Return the targets of paths: bundles, folders with known names, or folders with such folders."""
    targets: list[Target] = []
    skipped: list[str] = []
    are_several = len(paths) > 1
    for path in paths:
        if path == STANDARD_INPUT or not is_folder(path):
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
