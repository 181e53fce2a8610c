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

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from server_certificate.certificate import Certificate
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
    """Paths of the other files, in alphabetical order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Listing:
    """The files in a folder."""

    folder: str
    names: Mapping[str, str] = field(default_factory=dict)
    """Names as they are, by name in small letters."""

    def path(self, name: str) -> str:
        """Return the path of a file."""
        return str(Path(self.folder, self.names[name]))


def select(folder: str, *, by_name_only: bool = False) -> Selection | None:
    """
    Find the files of the certificate in a folder.

    Args:
        folder: Its path.
        by_name_only: Whether only layouts count whose names tell everything. Default: a certificate or
            bundle under any name counts as well, if there is one only.

    Returns:
        What is used; None when there is nothing under a known name.

    Raises:
        FolderError: There are the files of several certificates, or too many files.
        OSError: The folder can't be read.
    """
    listing = _list(folder)
    sets = layouts.named_sets(listing.names)
    if not sets and not by_name_only:
        sets = layouts.archived_sets(listing.names)
    if sets:
        return _completed(_the_one(sets, listing), listing)
    return None if by_name_only else _bundle(listing)


def _list(folder: str) -> _Listing:
    names: dict[str, str] = {}
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(".") or entry.is_dir():
                continue
            small = entry.name.lower()
            # Of two names that differ by case only, both are kept.
            names[entry.name if small in names else small] = entry.name
            if len(names) > MAX_FILES:
                raise FolderError(
                    f"it holds more than {MAX_FILES} files. Name those of one certificate with"
                    " --certificate, --private-key and --chain, or --bundle."
                )
    return _Listing(folder=folder, names=dict(sorted(names.items())))


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
    free = [name for name in listing.names if name not in one.files and layouts.is_issuer(name)]
    issuers = _needed(certificates, free, listing)
    used = {one.certificate, *filter(None, (chain, key)), *issuers}
    chains = [listing.path(name) for name in (chain, *issuers) if name]
    return Selection(
        parts=Parts(
            certificate=listing.path(one.certificate),
            chain=tuple(chains),
            private_key=listing.path(key) if key else None,
        ),
        note=_note(one, listing),
        unused=tuple(listing.path(name) for name in listing.names if name not in used),
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


def _needed(certificates: list[Certificate], free: list[str], listing: _Listing) -> list[str]:
    """Return the files whose certificates lead further from the leaf, in the order of the chain."""
    held = {name: peek(listing.path(name)).certificates for name in free[:_MOST_CANDIDATES]}
    needed: list[str] = []
    while True:
        subjects = {each.subject for each in certificates}
        wanted = {each.issuer for each in certificates} - subjects
        following = next(
            (
                name
                for name, inside in held.items()
                if name not in needed
                and any(
                    each.subject in wanted
                    # A root is left out by most, unless it is the issuer itself.
                    and (len(certificates) == 1 or each.issuer != each.subject)
                    for each in inside
                )
            ),
            None,
        )
        if following is None:
            return needed
        needed.append(following)
        certificates = [*certificates, *held[following]]


def _bundle(listing: _Listing) -> Selection | None:
    """Return the only bundle in a folder, with a key next to one that can't hold it."""
    for patterns in (layouts.BUNDLES, layouts.PKCS7, ("*.pem",)):
        found = layouts.matching(listing.names, patterns)
        if len(found) > 1 and patterns is layouts.BUNDLES:
            named = ", ".join(f"'{listing.names[name]}'" for name in found[:_MOST_SETS])
            raise FolderError(f"it holds {len(found):,} bundles: {named}. Give the path of one.")
        if len(found) == 1:
            (name,) = found
            key = None
            if patterns is layouts.PKCS7:
                inside = peek(listing.path(name)).certificates
                key = _key_for(inside[0] if inside else None, _keys(listing, but={name}), listing)
            return Selection(
                parts=Parts(
                    bundle=listing.path(name), private_key=listing.path(key) if key else None
                ),
                unused=tuple(
                    listing.path(other) for other in listing.names if other not in {name, key}
                ),
            )
    return None


def _is_empty(path: str) -> bool:
    # cert-manager mounts an empty ca.crt where an authority has none to give.
    try:
        return Path(path).stat().st_size == 0
    except OSError:
        return False
