"""
What IAM and CloudFormation hold, as far as it is known: plain values.

Whoever asks for something that is not known yet gets ``UnknownError``, which names the step that
finds it out. So the rules read as if everything were known, and cost no call that no rule needs.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from server_certificate_handler.kernel.steps import (
    ListNames,
    Look,
    Move,
    ReadMaterial,
    ReadStack,
    Retag,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from server_certificate.material import PublicMaterial
    from server_certificate_handler.errors import HandlerError
    from server_certificate_handler.kernel.books import Phase, Stack
    from server_certificate_handler.kernel.steps import Observation
    from server_certificate_handler.kernel.stored import StoredCertificate


class UnknownError(Exception):
    """Something is asked for that nobody has looked at yet."""

    def __init__(self, step: Observation) -> None:
        self.step = step
        """Finds it out."""
        super().__init__(repr(step))


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Stands for a content that could not be read."""

    error: HandlerError


@dataclass(frozen=True, slots=True)
class Observed:
    """What is known."""

    by_name: Mapping[str, StoredCertificate | None] = field(default_factory=dict)
    """Certificates by name; None: the name is free."""

    names: Mapping[str, str] | None = None
    """Names of all certificates of the account by id; None before they are listed."""

    known_stack: Stack | None = None
    """None before it is read, and again after each act: it says whether the event is still waited for."""

    known_content: PublicMaterial | Unreadable | None = None
    """The content that the properties name; None before it is read."""

    spared: frozenset[str] = frozenset()
    """Ids of what is left over and could not be deleted now."""

    began: Phase | None = None
    """What CloudFormation was doing when the event came; None before it is read."""

    uploaded: frozenset[str] = frozenset()
    """Ids of what this invocation has uploaded."""

    has_acted: bool = False
    """Whether this invocation has changed anything."""

    is_redoing: bool = False
    """Whether it does again what it has undone while another delivery of the event was answered."""

    pauses: int = 0
    """How often it was waited for books that say that nobody waits."""

    tags_follow: bool = False
    """Whether IAM was found to take no tags with an upload, in a partition other than the standard one."""

    def at(self, name: str) -> StoredCertificate | None:
        """Return who has a name; None when it is free."""
        if name not in self.by_name:
            raise UnknownError(Look(name))
        return self.by_name[name]

    def with_id(
        self, certificate_id: str | None, *, likely: Iterable[str | None] = ()
    ) -> StoredCertificate | None:
        """
        Return the certificate with an id, whatever its name has become; None when it is gone.

        Args:
            certificate_id: ServerCertificateId; None is never there.
            likely: Names to try before all certificates of the account are listed.
        """
        if certificate_id is None:
            return None
        for stored in self.by_name.values():
            if stored is not None and stored.certificate_id == certificate_id:
                return stored
        for name in likely:
            if name is not None and name not in self.by_name and self.names is None:
                raise UnknownError(Look(name))
        name = self.listed().get(certificate_id)
        if name is None:
            return None
        # What is known there by now is another: it has moved since the list was read.
        raise UnknownError(ListNames() if name in self.by_name else Look(name))

    def listed(self) -> Mapping[str, str]:
        """Return the names of all certificates of the account by id."""
        if self.names is None:
            raise UnknownError(ListNames())
        return self.names

    def stack(self) -> Stack:
        """Return the stack as it is after the last act."""
        if self.known_stack is None:
            raise UnknownError(ReadStack())
        return self.known_stack

    def is_held(self, stored: StoredCertificate, *, but: str | None = None) -> bool:
        """Tell whether a resource of the stack holds a certificate, apart from one by its logical id."""
        return self.stack().holder(stored.certificate_id, but=but) is not None

    def content(self, *, with_key: bool = False) -> PublicMaterial | Unreadable:
        """Return the content that the properties name; see ``ReadMaterial``."""
        if self.known_content is None:
            raise UnknownError(ReadMaterial(with_key))
        return self.known_content

    def having_looked(self, name: str, stored: StoredCertificate | None) -> Observed:
        """Return what is known after a look: a certificate that is here now is nowhere else."""
        by_name = {
            each: other
            for each, other in self.by_name.items()
            if stored is None or other is None or other.certificate_id != stored.certificate_id
        }
        return replace(self, by_name={**by_name, name: stored})

    def having_listed(self, names: Mapping[str, str]) -> Observed:
        """Return what is known after all names were listed, without what the list contradicts."""
        ids = {name: certificate_id for certificate_id, name in names.items()}
        by_name = {
            name: stored
            for name, stored in self.by_name.items()
            if ids.get(name) == (stored.certificate_id if stored is not None else None)
        }
        return replace(self, names=names, by_name=by_name)

    def having_read(self, stack: Stack) -> Observed:
        """Return what is known after the stack was read."""
        return replace(self, known_stack=stack, began=self.began or stack.phase)

    def having_paused(self) -> Observed:
        """Return what is known after a pause."""
        return replace(self, known_stack=None, pauses=self.pauses + 1)

    def having_uploaded(self, stored: StoredCertificate) -> Observed:
        """Return what is known after an upload."""
        uploaded = self.uploaded | {stored.certificate_id}
        return replace(self._having_changed(None, stored), uploaded=uploaded)

    def having_moved(self, step: Move) -> Observed:
        """Return what is known after a move."""
        return self._having_changed(step.stored, step.moved)

    def having_retagged(self, step: Retag) -> Observed:
        """Return what is known after tags have changed."""
        return self._having_changed(step.stored, step.retagged)

    def having_deleted(self, stored: StoredCertificate) -> Observed:
        """Return what is known after a deletion."""
        return self._having_changed(stored, None)

    def forgetting(self) -> Observed:
        """Return what is known when IAM has shown that something of it is not so any more."""
        return replace(self, by_name={}, names=None, known_stack=None)

    def _having_changed(
        self, before: StoredCertificate | None, now: StoredCertificate | None
    ) -> Observed:
        by_name = {**self.by_name}
        names = None if self.names is None else {**self.names}
        if before is not None:
            by_name[before.name] = None
            if names is not None:
                names.pop(before.certificate_id, None)
        if now is not None:
            by_name[now.name] = now
            if names is not None:
                names[now.certificate_id] = now.name
        return replace(self, by_name=by_name, names=names, known_stack=None, has_acted=True)
