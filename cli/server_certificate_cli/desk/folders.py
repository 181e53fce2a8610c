"""
Find the files of a certificate in a folder, by their names, and say what else lies there.

Files are only looked into where names do not decide: whether two certificates are the same, which key
belongs to the certificate, which of an authority's certificates it needs.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from server_certificate_cli.desk import layouts
from server_certificate_cli.desk.material import Parts
from server_certificate_cli.desk.peeking import Peek, peek
from server_certificate_cli.desk.reading_files import is_folder

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from server_certificate.certificates.certificate import Certificate
    from server_certificate_cli.desk.layouts import FileSet

MAX_FILES = 500
"""Files of a folder that are looked at; more are no folder of one certificate."""

_MOST_SETS = 8
_MOST_CANDIDATES = 12
"""Files that are looked into for one purpose."""


class FolderError(ValueError):
    """A folder can't be used; the message says why, without its name, and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What is used of a folder."""

    parts: Parts

    note: str = ""
    """What was decided where there was a choice, as a sentence; empty where there was none."""

    unused: tuple[str, ...] = ()
    """Paths of whatever else lies there: files in alphabetical order, then what is set apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Listing:
    """The files in a folder."""

    folder: str
    names: Mapping[str, str] = field(default_factory=dict)
    """Names of files as they are, by name in small letters."""

    apart: tuple[str, ...] = ()
    """Hidden files and folders, in which nothing is looked for."""

    def path(self, name: str) -> str:
        """Return the path of a file."""
        return str(Path(self.folder, self.names[name]))

    def without(self, used: Collection[str | None]) -> tuple[str, ...]:
        """Return the paths of everything that is not among the files that are used."""
        unused = [name for name in self.names if name not in used]
        apart = (str(Path(self.folder, name)) for name in self.apart)
        return (*map(self.path, unused), *apart)


def select(folder: str, *, by_name_only: bool = False) -> Selection | None:
    """
    Find the files of the certificate in a folder.

    Args:
        folder: Its path.
        by_name_only: Whether only layouts count whose names tell everything. Default: a certificate or
            bundle under any name counts as well, if there is one only.

    Returns:
        What is used; None if there is nothing under a known name.

    Raises:
        FolderError: There are the files of several certificates, or too many files.
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
    # Windows exports the certificate next to the bundle that holds its key, too.
    return _bundle(listing, (layouts.BUNDLES,)) or chosen or _bundle(listing, _WITHOUT_KEY)


def _list(folder: str) -> _Listing:
    names: dict[str, str] = {}
    apart: list[str] = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(".") or is_folder(entry.path):
                # Kubernetes' own links and folders begin with two.
                apart += [] if entry.name.startswith("..") else [entry.name]
                continue
            small = entry.name.lower()
            # Of two names that differ by case only, both are kept.
            names[entry.name if small in names else small] = entry.name
            if len(names) > MAX_FILES:
                raise FolderError(
                    f"it holds more than {MAX_FILES} files. Name those of one certificate with"
                    " --certificate, --private-key and --chain, or --bundle."
                )
    return _Listing(folder=folder, names=dict(sorted(names.items())), apart=tuple(sorted(apart)))


def _the_one(sets: list[FileSet], listing: _Listing) -> FileSet:
    """Return the only set, or the first if all hold the same certificate."""
    if len(sets) > 1:
        leaves = {
            found.certificates[0].der if (found := _peek(each, listing)).certificates else each
            for each in sets[:_MOST_SETS]
        }
        if len(leaves) > 1 or len(sets) > _MOST_SETS:
            named = ", ".join(f"'{listing.names[each.certificate]}'" for each in sets[:_MOST_SETS])
            more = f" and {len(sets) - _MOST_SETS:,} more" if len(sets) > _MOST_SETS else ""
            raise FolderError(
                f"it holds {len(sets):,} certificates: {named}{more}. Name the files of one of them"
                " with --certificate, --private-key and --chain."
            )
    return sets[0]


def _peek(one: FileSet, listing: _Listing) -> Peek:
    return peek(listing.path(one.certificate))


def _completed(one: FileSet, listing: _Listing) -> Selection:
    """Add what names alone do not tell: the key that belongs to it, the issuers it needs."""
    certificates = list(_peek(one, listing).certificates)
    leaf = certificates[0] if certificates else None
    chain = one.chain
    if chain and not Path(listing.path(chain)).is_symlink() and _is_empty(listing.path(chain)):
        chain = None
    if chain:
        certificates += peek(listing.path(chain)).certificates
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
        f"'{listing.names[one.certificate]}' is used, which has the highest number; there are"
        f" {older:,} with lower ones."
    )


def _keys(listing: _Listing, *, but: Collection[str]) -> list[str]:
    """Return files that are named like a private key, whatever certificate it belongs to."""
    found = [name for name in listing.names if layouts.is_key(name) and name not in but]
    return found[:_MOST_CANDIDATES]


def _key_for(leaf: Certificate | None, candidates: Iterable[str], listing: _Listing) -> str | None:
    """
    Return the key that belongs to a certificate.

    If none does, the first one is returned: that it belongs to another certificate is then reported.
    """
    names = list(candidates)
    holding = [name for name in names if len(names) == 1 or _may_hold_key(listing.path(name))]
    for name in holding:
        if leaf is not None and len(names) > 1 and peek(listing.path(name)).belongs_to(leaf):
            return name
    return holding[0] if holding else None


def _may_hold_key(path: str) -> bool:
    found = peek(path)
    return bool(found.private_keys) or found.is_encrypted


def _needed(
    certificates: list[Certificate], listing: _Listing, *, but: Collection[str | None]
) -> list[str]:
    """Return the files whose certificates lead further from the leaf, in the order of the chain."""
    held = {name: peek(listing.path(name)) for name in _public(listing, but=but)}
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
                    # A root is left out by most, unless it is the issuer itself.
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
    """Return files that may hold issuers, those first that are named so."""
    free = [
        name
        for name in listing.names
        if name not in but
        and not layouts.is_key(name)
        and not layouts.matching([name], layouts.BUNDLES)
    ]
    return sorted(free, key=lambda name: not layouts.is_issuer(name))[:_MOST_CANDIDATES]


_WITHOUT_KEY = (layouts.PKCS7, layouts.PEM)
"""Bundles next to which the key may lie."""


def _bundle(listing: _Listing, kinds: Iterable[Sequence[str]]) -> Selection | None:
    """Return the only bundle in a folder, with what it lacks."""
    for patterns in kinds:
        found = layouts.matching(listing.names, patterns)
        if len(found) > 1 and patterns is layouts.BUNDLES:
            named = ", ".join(f"'{listing.names[name]}'" for name in found[:_MOST_SETS])
            raise FolderError(f"it holds {len(found):,} bundles: {named}. Give the path of one.")
        if len(found) == 1:
            (name,) = found
            inside = peek(listing.path(name))
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
    # cert-manager mounts an empty ca.crt where an authority has none to give.
    try:
        return Path(path).stat().st_size == 0
    except OSError:
        return False
