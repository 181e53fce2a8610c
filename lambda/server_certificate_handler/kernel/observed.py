"""
The known state of IAM and CloudFormation, as plain values.

Reading something that is not known yet raises ``UnknownError`` with the step that observes it. So
the rules can assume that everything is known, and only make the calls that they need.
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

    from server_certificate.contract.ownership import SecretVersion
    from server_certificate.material import PublicMaterial
    from server_certificate_handler.errors import HandlerError
    from server_certificate_handler.kernel.stack import Phase, Stack
    from server_certificate_handler.kernel.steps import Observation
    from server_certificate_handler.kernel.stored import StoredCertificate


class UnknownError(Exception):
    """Something is needed that has not been observed yet."""

    def __init__(self, step: Observation) -> None:
        self.step = step
        """The step that observes it."""
        super().__init__(repr(step))


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Represents content that could not be read."""

    error: HandlerError


@dataclass(frozen=True, slots=True)
class Observed:
    """The known state."""

    by_name: Mapping[str, StoredCertificate | None] = field(default_factory=dict)
    """Certificates by name; None for a free name."""

    names: Mapping[str, str] | None = None
    """The names of all certificates of the account by ID; None until they are listed."""

    known_stack: Stack | None = None
    """
    None until it is read, and after each action, because it shows whether CloudFormation still
    waits.
    """

    known_content: PublicMaterial | Unreadable | None = None
    """The content that the properties specify; None until it is read."""

    secret_version: SecretVersion | None = None
    """Where the leaf of the known content was read; None if it isn't from a secret."""

    skipped: frozenset[str] = frozenset()
    """The IDs of leftover certificates that can't be deleted now."""

    initial_phase: Phase | None = None
    """The phase of the stack when the event arrived; None until it is read."""

    uploaded: frozenset[str] = frozenset()
    """The IDs of the uploads of this invocation."""

    has_acted: bool = False
    """Whether this invocation has changed anything."""

    is_redoing: bool = False
    """Whether it is redoing changes that it undid before seeing that another delivery succeeded."""

    pauses: int = 0
    """The number of pauses so far."""

    tags_follow: bool = False
    """Whether IAM doesn't accept tags with an upload, so that they are added afterwards."""

    def at(self, name: str) -> StoredCertificate | None:
        """Return the certificate with a name; None if the name is free."""
        if name not in self.by_name:
            raise UnknownError(Look(name))
        return self.by_name[name]

    def with_id(
        self, certificate_id: str | None, *, likely: Iterable[str | None] = ()
    ) -> StoredCertificate | None:
        """
        Return the certificate with an ID, even if it was renamed; None if it is gone.

        Args:
            certificate_id: The ServerCertificateId. None returns None.
            likely: Names to try before listing all certificates of the account.
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
        # Another certificate has the name by now, because it has been moved since the list was
        # read.
        raise UnknownError(ListNames() if name in self.by_name else Look(name))

    def listed(self) -> Mapping[str, str]:
        """Return the names of all certificates of the account by ID."""
        if self.names is None:
            raise UnknownError(ListNames())
        return self.names

    def stack(self) -> Stack:
        """Return the state of the stack after the last action."""
        if self.known_stack is None:
            raise UnknownError(ReadStack())
        return self.known_stack

    def is_held(self, stored: StoredCertificate, *, but: str | None = None) -> bool:
        """
        Return whether a resource of the stack has a certificate.

        Args:
            stored: The certificate.
            but: The logical ID of a resource to ignore. Default: none.
        """
        return self.stack().holder(stored.certificate_id, but=but) is not None

    @property
    def is_content_known(self) -> bool:
        """Whether the content was read, and is usable."""
        return not isinstance(self.known_content, Unreadable | None)

    def content(self, *, with_key: bool = False) -> PublicMaterial | Unreadable:
        """Return the content that the properties specify; see ``ReadMaterial``."""
        if self.known_content is None:
            raise UnknownError(ReadMaterial(with_key))
        return self.known_content

    def having_content(
        self, content: PublicMaterial, secret_version: SecretVersion | None
    ) -> Observed:
        """Return the state after reading the content."""
        return replace(self, known_content=content, secret_version=secret_version)

    def having_looked(self, name: str, stored: StoredCertificate | None) -> Observed:
        """Return the state after a lookup. The certificate no longer has any other name."""
        by_name = {
            each: other
            for each, other in self.by_name.items()
            if stored is None or other is None or other.certificate_id != stored.certificate_id
        }
        return replace(self, by_name={**by_name, name: stored})

    def having_listed(self, names: Mapping[str, str]) -> Observed:
        """Return the state after listing all names, without what the list contradicts."""
        ids = {name: certificate_id for certificate_id, name in names.items()}
        by_name = {
            name: stored
            for name, stored in self.by_name.items()
            if ids.get(name) == (stored.certificate_id if stored is not None else None)
        }
        return replace(self, names=names, by_name=by_name)

    def having_read(self, stack: Stack) -> Observed:
        """Return the state after reading the stack."""
        return replace(self, known_stack=stack, initial_phase=self.initial_phase or stack.phase)

    def having_paused(self) -> Observed:
        """Return the state after a pause."""
        return replace(self, known_stack=None, pauses=self.pauses + 1)

    def having_uploaded(self, stored: StoredCertificate) -> Observed:
        """Return the state after an upload."""
        uploaded = self.uploaded | {stored.certificate_id}
        return replace(self._having_changed(None, stored), uploaded=uploaded)

    def having_moved(self, step: Move) -> Observed:
        """Return the state after a move."""
        return self._having_changed(step.stored, step.moved)

    def having_retagged(self, step: Retag) -> Observed:
        """Return the state after a change of tags."""
        return self._having_changed(step.stored, step.retagged)

    def having_deleted(self, stored: StoredCertificate) -> Observed:
        """Return the state after a deletion."""
        return self._having_changed(stored, None)

    def forgetting(self) -> Observed:
        """Return the state without everything that may be outdated."""
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
