"""
Find the files of a certificate in a folder by their names, and report the other files.

The content of files is only used if the names are not enough: to find out whether two certificates are
the same, which private key belongs to the certificate, and which issuers it needs.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from server_certificate_cli.local import layouts
from server_certificate_cli.local.material import Parts
from server_certificate_cli.local.probe import Probe, probe
from server_certificate_cli.local.reading_files import is_folder

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from server_certificate.certificates.certificate import Certificate
    from server_certificate_cli.local.layouts import FileSet

MAX_FILES = 500
"""The maximum number of files in a folder. A folder with more isn't the folder of a certificate."""

_MOST_SETS = 8
_MOST_CANDIDATES = 12
"""The maximum number of files to read for each purpose."""


class FolderError(ValueError):
    """A folder can't be used. The message says why and how to fix it, without the folder's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The files of a folder that are used."""

    parts: Parts

    note: str = ""
    """Which of several files was selected, as a sentence; empty if there was only one."""

    unused: tuple[str, ...] = ()
    """The paths of all other entries: files in alphabetical order, then folders and hidden files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Listing:
    """The files in a folder."""

    folder: str
    names: Mapping[str, str] = field(default_factory=dict)
    """The names of the files, by their lowercase names."""

    ignored: tuple[str, ...] = ()
    """Hidden files and folders, which are not searched."""

    def path(self, name: str) -> str:
        """Return the path of a file."""
        return str(Path(self.folder, self.names[name]))

    def without(self, used: Collection[str | None]) -> tuple[str, ...]:
        """Return the paths of everything except the used files."""
        unused = [name for name in self.names if name not in used]
        ignored = (str(Path(self.folder, name)) for name in self.ignored)
        return (*map(self.path, unused), *ignored)


def select(folder: str, *, by_name_only: bool = False) -> Selection | None:
    """
    Find the files of the certificate in a folder.

    Args:
        folder: The path of the folder.
        by_name_only: Whether to accept only layouts with complete names. Default: also accept a
            certificate or bundle with any name, if it is the only one.

    Returns:
        The files to use; None if no file has a known name.

    Raises:
        FolderError: The folder contains the files of several certificates, or too many files.
        OSError: The folder can't be read.
    """
    listing = _list(folder)
    sets = layouts.named_sets(listing.names)
    if sets:
        return _completed(_the_one(sets, listing), listing)
    if by_name_only:
        return None
    archived = layouts.archived_sets(listing.names)
    chosen = _completed(_the_one(archived, listing), listing) if archived else None
    if chosen is not None and chosen.parts.private_key:
        return chosen
    # Windows also exports the certificate next to the bundle that contains its private key.
    return _bundle(listing, (layouts.BUNDLES,)) or chosen or _bundle(listing, _WITHOUT_KEY)


def _list(folder: str) -> _Listing:
    names: dict[str, str] = {}
    ignored: list[str] = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(".") or is_folder(entry.path):
                # Kubernetes' internal links and folders begin with two dots.
                ignored += [] if entry.name.startswith("..") else [entry.name]
                continue
            small = entry.name.lower()
            # Keep both names if they differ only in case.
            names[entry.name if small in names else small] = entry.name
            if len(names) > MAX_FILES:
                raise FolderError(
                    f"it contains more than {MAX_FILES} files. Name the files of one certificate with"
                    " --certificate, --private-key and --chain, or --bundle."
                )
    return _Listing(
        folder=folder, names=dict(sorted(names.items())), ignored=tuple(sorted(ignored))
    )


def _the_one(sets: list[FileSet], listing: _Listing) -> FileSet:
    """Return the only set, or the first if all contain the same certificate."""
    if len(sets) > 1:
        leaves = {
            found.certificates[0].der if (found := _probe(each, listing)).certificates else each
            for each in sets[:_MOST_SETS]
        }
        if len(leaves) > 1 or len(sets) > _MOST_SETS:
            named = ", ".join(f"'{listing.names[each.certificate]}'" for each in sets[:_MOST_SETS])
            more = f" and {len(sets) - _MOST_SETS:,} more" if len(sets) > _MOST_SETS else ""
            raise FolderError(
                f"it contains {len(sets):,} certificates: {named}{more}. Name the files of one of them"
                " with --certificate, --private-key and --chain."
            )
    return sets[0]


def _probe(one: FileSet, listing: _Listing) -> Probe:
    return probe(listing.path(one.certificate))


def _completed(one: FileSet, listing: _Listing) -> Selection:
    """Add the private key and the issuers, which can't be found by name alone."""
    certificates = list(_probe(one, listing).certificates)
    leaf = certificates[0] if certificates else None
    chain = one.chain
    if chain and not Path(listing.path(chain)).is_symlink() and _is_empty(listing.path(chain)):
        chain = None
    if chain:
        certificates += probe(listing.path(chain)).certificates
    candidates = one.private_keys or _keys(listing, but=one.files)
    key = _key_for(leaf, candidates, listing)
    issuers = _needed(certificates, listing, but={one.certificate, chain})
    used = {one.certificate, *filter(None, (chain, key)), *issuers}
    chains = [listing.path(name) for name in (chain, *issuers) if name]
    return Selection(
        parts=Parts(
            certificate=listing.path(one.certificate),
            chain=tuple(chains),
            private_key=listing.path(key) if key else None,
        ),
        note=_note(one, listing),
        unused=listing.without(used),
    )


def _note(one: FileSet, listing: _Listing) -> str:
    older = len(list(one.layout.sets(listing.names))) - 1 if one.layout.is_numbered else 0
    if not older:
        return ""
    return (
        f"'{listing.names[one.certificate]}' is used, because it has the highest number. There are"
        f" {older:,} with lower numbers."
    )


def _keys(listing: _Listing, *, but: Collection[str]) -> list[str]:
    """Return the files that are named like a private key of any certificate."""
    found = [name for name in listing.names if layouts.is_key(name) and name not in but]
    return found[:_MOST_CANDIDATES]


def _key_for(leaf: Certificate | None, candidates: Iterable[str], listing: _Listing) -> str | None:
    """
    Return the private key of a certificate.

    If no key matches, return the first one, so that the mismatch is reported.
    """
    names = list(candidates)
    holding = [name for name in names if len(names) == 1 or _may_hold_key(listing.path(name))]
    for name in holding:
        if leaf is not None and len(names) > 1 and probe(listing.path(name)).belongs_to(leaf):
            return name
    return holding[0] if holding else None


def _may_hold_key(path: str) -> bool:
    found = probe(path)
    return bool(found.private_keys) or found.is_encrypted


def _needed(
    certificates: list[Certificate], listing: _Listing, *, but: Collection[str | None]
) -> list[str]:
    """Return the files with the missing issuers, in the order of the chain."""
    held = {name: probe(listing.path(name)) for name in _public(listing, but=but)}
    needed: list[str] = []
    while True:
        subjects = {each.subject for each in certificates}
        wanted = {each.issuer for each in certificates} - subjects
        following = next(
            (
                name
                for name, inside in held.items()
                if name not in needed
                and inside.is_public
                and any(
                    each.subject in wanted
                    # Don't add the root, unless it issued the leaf.
                    and (len(certificates) == 1 or each.issuer != each.subject)
                    for each in inside.certificates
                )
            ),
            None,
        )
        if following is None:
            return needed
        needed.append(following)
        certificates = [*certificates, *held[following].certificates]


def _public(listing: _Listing, *, but: Collection[str | None]) -> list[str]:
    """Return the files that could contain issuers. Files that are named like an issuer come first."""
    free = [
        name
        for name in listing.names
        if name not in but
        and not layouts.is_key(name)
        and not layouts.matching([name], layouts.BUNDLES)
    ]
    return sorted(free, key=lambda name: not layouts.is_issuer(name))[:_MOST_CANDIDATES]


_WITHOUT_KEY = (layouts.PKCS7, layouts.PEM)
"""The bundles whose private key can be in a separate file."""


def _bundle(listing: _Listing, kinds: Iterable[Sequence[str]]) -> Selection | None:
    """Return the only bundle in a folder, with the files that it lacks."""
    for patterns in kinds:
        found = layouts.matching(listing.names, patterns)
        if len(found) > 1 and patterns is layouts.BUNDLES:
            named = ", ".join(f"'{listing.names[name]}'" for name in found[:_MOST_SETS])
            raise FolderError(f"it contains {len(found):,} bundles: {named}. Name one of them.")
        if len(found) == 1:
            (name,) = found
            inside = probe(listing.path(name))
            key = None
            if not inside.private_keys and not inside.is_encrypted:
                leaf = inside.certificates[0] if inside.certificates else None
                key = _key_for(leaf, _keys(listing, but={name}), listing)
            issuers = _needed(list(inside.certificates), listing, but={name})
            return Selection(
                parts=Parts(
                    bundle=listing.path(name),
                    chain=tuple(map(listing.path, issuers)),
                    private_key=listing.path(key) if key else None,
                ),
                unused=listing.without({name, key, *issuers}),
            )
    return None


def _is_empty(path: str) -> bool:
    # cert-manager mounts an empty ca.crt if the issuer doesn't provide one.
    try:
        return Path(path).stat().st_size == 0
    except OSError:
        return False
