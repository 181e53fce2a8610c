"""
What was there before: how a certificate that no stack owned is taken over, and given back.

IAM keeps no history, so the certificate itself carries along what it was, among its tags, from the
first call of the adoption on. With them it is given back by whoever comes after a failure: they are
taken off by the next update of the resource, when nothing can undo the adoption any more.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from server_certificate.contract.ownership import ADOPTED_TAG, FORMER_TAG, is_own
from server_certificate.fingerprint import sha256_fingerprint
from server_certificate.rules.tags import MAX_TAGS, MAX_VALUE_LENGTH
from server_certificate_handler.errors import AdoptionRefusedError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from server_certificate.material import PublicMaterial
    from server_certificate_handler.stored_certificate import StoredCertificate

_UNDONE = "undone"
_FINGERPRINT_DIGITS = len("AA:BB:CC:DD")
"""Enough for a person to tell the elements of two chains apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Adoption:
    """That a certificate was adopted, and what it was before, as its tags tell."""

    at: datetime | None
    """When; None where the tag was damaged."""

    path: str | None = None
    """The path that it had; None where that was damaged."""

    added: tuple[str, ...] = ()
    """Keys of the user's tags that it did not have."""

    replaced: Mapping[str, str] = field(default_factory=dict)
    """Its own tags that the user's have replaced, as they were spelled."""

    is_undone: bool = False
    """Whether an event has begun to give it back."""

    @classmethod
    def of(cls, tags: Mapping[str, str]) -> Adoption | None:
        """Read the tags of a certificate; None when it was not adopted, or is the stack's for good."""
        mark = tags.get(ADOPTED_TAG)
        if mark is None:
            return None
        at, _, fate = mark.partition(" ")
        former = _read(tags)
        path, added, replaced = (former.get(key) for key in ("path", "added", "replaced"))
        return cls(
            at=_instant(at),
            path=path if isinstance(path, str) else None,
            added=tuple(map(str, added)) if isinstance(added, list) else (),
            replaced={str(key): str(value) for key, value in replaced.items()}
            if isinstance(replaced, dict)
            else {},
            is_undone=fate == _UNDONE,
        )

    @property
    def mark(self) -> dict[str, str]:
        """The tag that says that it was adopted, and whether that is being undone."""
        at = self.at.isoformat() if self.at else "unknown"
        return {ADOPTED_TAG: f"{at} {_UNDONE}" if self.is_undone else at}

    def tags(self) -> dict[str, str]:
        """Write it as tags."""
        former = {"path": self.path, "added": self.added, "replaced": self.replaced}
        said = {key: value for key, value in former.items() if value}
        text = json.dumps(said, ensure_ascii=False, separators=(",", ":")) if said else ""
        # The characters of Base64 are all allowed in a tag's value, those of a path are not.
        encoded = base64.b64encode(text.encode()).decode()
        pieces = [
            encoded[begin : begin + MAX_VALUE_LENGTH]
            for begin in range(0, len(encoded), MAX_VALUE_LENGTH)
        ]
        return self.mark | {_former_key(number): piece for number, piece in enumerate(pieces)}


def taken_over(
    holder: StoredCertificate, *, wanted: Mapping[str, str], at: datetime
) -> dict[str, str]:
    """
    Return the tags that make a certificate the resource's own.

    Args:
        holder: A certificate that no stack owns.
        wanted: The tags that the resource's certificate is to have.
        at: The present instant.

    Raises:
        AdoptionRefusedError: There is no room for them.
    """
    held = {key.lower(): key for key in holder.tags}
    users = [key for key in wanted if not is_own(key)]
    adoption = Adoption(
        at=at,
        path=holder.path,
        added=tuple(key for key in users if key.lower() not in held),
        replaced={
            (own := held[key.lower()]): holder.tags[own]
            for key in users
            if key.lower() in held and holder.tags.get(key) != wanted[key]
        },
    )
    tags = {**wanted, **adoption.tags()}
    number = len({key.lower() for key in tags} | {key for key in held if not is_own(key)})
    if number > MAX_TAGS:
        raise AdoptionRefusedError(
            f"The certificate {holder.certificate_id} cannot be adopted: with its {len(held)} tags, the"
            f" {len(users)} that are declared and those that say whose it is and what it was before, it would have"
            f" {number}; IAM takes {MAX_TAGS}. Remove {number - MAX_TAGS} of its tags, or exclude it from some with"
            " Tags.of(…), and deploy again."
        )
    return tags


def leftover_keys(tags: Mapping[str, str], *, but: Iterable[str]) -> frozenset[str]:
    """Return the construct's own keys among tags, apart from those that are set anew."""
    kept = {key.lower() for key in but}
    return frozenset(key for key in tags if is_own(key) and key.lower() not in kept)


def differences(held: PublicMaterial | None, declared: PublicMaterial) -> str:
    """Say what the content of a certificate has that the declared one has not."""
    if held is None:
        return "IAM holds something there that is no X.509 certificate"
    if held.der[0] != declared.der[0]:
        return (
            f"its leaf has the SHA-256 fingerprint {sha256_fingerprint(held.certificate)},"
            f" the declared one {sha256_fingerprint(declared.certificate)}"
        )
    return (
        f"its leaf is the declared one, but its chain is {_chain(held)}, and the declared one"
        f" {_chain(declared)}"
    )


def _chain(material: PublicMaterial) -> str:
    if not material.chain:
        return "empty"
    return ", then ".join(
        f"'{element.subject.rfc4514_string()}' ({sha256_fingerprint(element)[:_FINGERPRINT_DIGITS]}…)"
        for element in material.chain
    )


def _former_key(number: int) -> str:
    return f"{FORMER_TAG}-{number + 1}" if number else FORMER_TAG


def _read(tags: Mapping[str, str]) -> Mapping[str, object]:
    """Read what is said of the time before; nothing where a part of it is gone or damaged."""
    pieces: list[str] = []
    while (piece := tags.get(_former_key(len(pieces)))) is not None:
        pieces.append(piece)
    try:
        former = json.loads(base64.b64decode("".join(pieces), validate=True)) if pieces else {}
    except ValueError:
        return {}
    return former if isinstance(former, Mapping) else {}


def _instant(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo else None
