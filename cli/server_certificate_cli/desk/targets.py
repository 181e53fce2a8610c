"""What to check: parts named by options, a bundle, or a folder whose files have known names."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from server_certificate_cli.desk.material import Parts
from server_certificate_cli.desk.reading_files import STANDARD_INPUT, is_folder
from server_certificate_cli.usage import usage_error

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from server_certificate_cli.desk.material import Material

_NAMED = 5
"""So many files are named in one sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Something to check."""

    name: str
    """What the user calls it."""

    parts: Parts
    """The files; none when there is a problem."""

    arguments: tuple[str, ...]
    """What names it on a command line, for a command to copy."""

    problem: str | None = None
    """Why it can't be read, in a sentence; None if it is still to be read."""

    unused: tuple[str, ...] = ()
    """Files that lie next to those that are used, in a folder."""

    note: str = ""
    """What was decided where a folder left a choice, as a sentence; empty where it left none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What the paths of a command line stand for."""

    targets: tuple[Target, ...]
    """Each of them, in the order of the command line."""

    are_several: bool
    """Whether more than one can be meant, even if there is one only."""

    skipped: tuple[str, ...]
    """What lies beside folders that are used: files, and folders without anything of a known name."""


def requested(paths: tuple[str, ...], material: Material) -> Found:
    """
    Return what a command line asks for, by paths or by options.

    Raises:
        click.UsageError: By both, by none, or standard input is wanted twice.
    """
    parts = material.parts
    if len(paths) == 1 and parts.files and _may_be_bundle(paths[0], parts):
        parts, paths = replace(parts, bundle=paths[0]), ()
    if not paths and not parts.files:
        raise usage_error(
            "There is nothing to read. Give --certificate and --private-key, or --bundle, or the"
            " path of a bundle or of a folder."
        )
    if paths and parts.files:
        options = " and ".join(f"--{subject}" for subject in parts.files)
        raise usage_error(
            f"Give either {options} or the path '{paths[0]}', not both. Only the path of a bundle"
            " goes with --chain and --private-key."
        )
    named = [path for _, path in parts.named]
    if [*paths, *named, material.passphrase.file].count(STANDARD_INPUT) > 1:
        raise usage_error("Standard input ('-') can be read once only.")
    if paths:
        return find(paths)
    parts.demand()
    name = parts.certificate or parts.bundle or ""
    target = Target(name=name, parts=parts, arguments=parts.arguments)
    return Found(targets=(target,), are_several=False, skipped=())


def _may_be_bundle(path: str, parts: Parts) -> bool:
    """Return whether a path is the bundle that other options add to."""
    return parts.bundle is None and parts.certificate is None and not is_folder(path)


def find(paths: tuple[str, ...]) -> Found:
    """Find out what paths stand for: bundles, folders with a layout, or folders of such folders."""
    targets: list[Target] = []
    skipped: list[str] = []
    are_several = len(paths) > 1
    for path in paths:
        if path == STANDARD_INPUT or not is_folder(path):
            arguments = ("--bundle", path)
            targets.append(Target(name=path, parts=Parts(bundle=path), arguments=arguments))
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
    return Found(targets=tuple(targets), are_several=are_several, skipped=tuple(skipped))


def _known(folder: str, *, by_name_only: bool = False) -> Target | None:
    """Return what is used of a folder, or why it can't be; None if no name there is known."""
    # Imported lazily: files that are named are looked for in no folder.
    from server_certificate_cli.desk.folders import FolderError, select  # noqa: PLC0415

    # A name that begins with a hyphen would be taken for an option.
    arguments = (f"./{folder}" if folder.startswith("-") else folder,)
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
    from server_certificate_cli.desk.layouts import LOOKED_FOR  # noqa: PLC0415

    try:
        list(Path(folder).iterdir())
    except OSError as err:
        problem = f"'{folder}': the folder can't be read: {err.strerror}. Check its permissions."
    else:
        problem = (
            f"'{folder}': the folder holds no certificate under a name that is known.{_there(folder)}"
            f" Looked for {LOOKED_FOR}, there and in the folders right below. Name the files with"
            " --certificate, --private-key and --chain, or --bundle."
        )
    return Target(name=folder, parts=Parts(), arguments=(folder,), problem=problem)


def _there(folder: str) -> str:
    """Say what a folder holds, as a sentence with a blank before it."""
    names = [f"'{Path(entry).name}'" for entry in _entries(folder)]
    if not names:
        return " It is empty."
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return f" It holds {', '.join(names[:_NAMED])}{more}."


def _folders(folder: str) -> Iterator[str]:
    """Return the folders in a folder, in the order of their names; none when it can't be read."""
    return (entry for entry in _entries(folder) if is_folder(entry))


def _entries(folder: str) -> Sequence[str]:
    """Return the paths of what lies in a folder, and is not hidden, in the order of the names."""
    try:
        entries = sorted(Path(folder).iterdir())
    except OSError:
        return ()
    return [str(entry) for entry in entries if not entry.name.startswith(".")]
