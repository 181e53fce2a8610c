"""What to check: parts named by options, a bundle, or a folder whose files have known names."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from server_certificate_cli.desk.material import Parts
from server_certificate_cli.desk.reading_files import STANDARD_INPUT
from server_certificate_cli.usage import usage_error

if TYPE_CHECKING:
    from collections.abc import Iterator

    from server_certificate_cli.desk.material import Material


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Names by which the parts are known in a folder."""

    certificate: str
    chain: str | None
    private_key: str

    def parts(self, folder: str) -> Parts | None:
        """Return the parts in a folder; None when there is no certificate of that name."""
        certificate = _existing(folder, self.certificate)
        if certificate is None:
            return None
        return Parts(
            certificate=certificate,
            chain=self.chain and _existing(folder, self.chain),
            private_key=_existing(folder, self.private_key),
        )


OURS = Layout(
    certificate="certificate.pem", chain="certificate-chain.pem", private_key="private-key.pem"
)
"""The names that ``convert`` writes."""

_LAYOUTS = (
    OURS,
    Layout(certificate="cert.pem", chain="chain.pem", private_key="privkey.pem"),
    Layout(certificate="fullchain.pem", chain=None, private_key="privkey.pem"),
)
"""Ours, and those of certbot's ``live/NAME/``; the first that fits counts."""

_LOOKED_FOR = (
    "certificate.pem with certificate-chain.pem and private-key.pem, or certbot's cert.pem with"
    " chain.pem and privkey.pem, or fullchain.pem with privkey.pem"
)


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
    """Why it can't be read, in a sentence; None when it is still to be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What the paths of a command line stand for."""

    targets: tuple[Target, ...]
    """Each of them, in the order of the command line."""

    are_several: bool
    """Whether more than one can be meant, even if there is one only."""

    skipped: tuple[str, ...]
    """Folders beside others that hold nothing of a known name."""


def requested(paths: tuple[str, ...], material: Material) -> Found:
    """
    Return what a command line asks for, by paths or by options.

    Raises:
        click.UsageError: By both, by none, or standard input is wanted twice.
    """
    parts = material.parts
    if not paths and not parts.files:
        raise usage_error(
            "There is nothing to read. Give --certificate and --private-key, or --bundle, or the"
            " path of a bundle or of a folder."
        )
    if paths and parts.files:
        options = " and ".join(f"--{subject}" for subject in parts.files)
        raise usage_error(f"Give either {options} or the path '{paths[0]}', not both.")
    if paths.count(STANDARD_INPUT) + material.uses_standard_input > 1:
        raise usage_error("Standard input ('-') can be read once only.")
    if paths:
        return find(paths)
    name = parts.certificate or parts.bundle or ""
    target = Target(name=name, parts=parts, arguments=parts.arguments)
    return Found(targets=(target,), are_several=False, skipped=())


def find(paths: tuple[str, ...]) -> Found:
    """Find out what paths stand for: bundles, folders with a layout, or folders of such folders."""
    targets: list[Target] = []
    skipped: list[str] = []
    are_several = len(paths) > 1
    for path in paths:
        if path == STANDARD_INPUT or not Path(path).is_dir():
            arguments = ("--bundle", path)
            targets.append(Target(name=path, parts=Parts(bundle=path), arguments=arguments))
        elif single := _known(path):
            targets.append(single)
        else:
            folders = list(_folders(path))
            below = [target for folder in folders if (target := _known(folder))]
            targets.extend(below or [_unknown(path)])
            if below:
                are_several = True
                known = {target.name for target in below}
                skipped.extend(folder for folder in folders if folder not in known)
    return Found(targets=tuple(targets), are_several=are_several, skipped=tuple(skipped))


def _known(folder: str) -> Target | None:
    for layout in _LAYOUTS:
        if parts := layout.parts(folder):
            # A name that begins with a hyphen would be taken for an option.
            argument = f"./{folder}" if folder.startswith("-") else folder
            return Target(name=folder, parts=parts, arguments=(argument,))
    return None


def _unknown(folder: str) -> Target:
    try:
        list(Path(folder).iterdir())
    except OSError as err:
        problem = f"'{folder}': the folder can't be read: {err.strerror}. Check its permissions."
    else:
        problem = (
            f"'{folder}': the folder holds no certificate under a name that is known. Looked for"
            f" {_LOOKED_FOR}, there and in the folders right below. Name the files with"
            " --certificate, --private-key and --chain, or --bundle."
        )
    return Target(name=folder, parts=Parts(), arguments=(folder,), problem=problem)


def _folders(folder: str) -> Iterator[str]:
    """Return the folders in a folder, in the order of their names; none when it can't be read."""
    try:
        entries = sorted(Path(folder).iterdir())
    except OSError:
        return
    for entry in entries:
        if not entry.name.startswith(".") and entry.is_dir():
            yield str(entry)


def _existing(folder: str, name: str) -> str | None:
    path = Path(folder, name)
    # A link that leads nowhere is there, too: reading it says so.
    return str(path) if path.is_symlink() or path.exists() else None
