"""Delete: by id, never by name alone, and only what is this resource's own."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from server_certificate.naming import MAX_NAME_PREFIX_LENGTH
from server_certificate.tags import REQUEST_ID_TAG
from server_certificate_handler.lifecycle import content_name_of, is_set_aside
from server_certificate_handler.stack_status import Occasion

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from server_certificate.tags import Owner
    from server_certificate_handler.iam_store import IamStore
    from server_certificate_handler.stored_certificate import StoredCertificate

log = logging.getLogger(__name__)

CERTIFICATE_ID_PREFIX = "ASCA"
"""How every ServerCertificateId begins (IAM user guide, IAM identifiers)."""

NOT_CREATED = "not-created-"
"""How the physical id begins with which a failed Create answers; its RequestId follows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Removal:
    """One Delete event on its way."""

    store: IamStore
    occasion: Callable[[], Occasion]
    """Tells why the Delete comes; asked only when that matters."""

    owner: Owner
    explicit_name: str | None
    """Name in the properties, None when it is generated."""

    name_prefix: str | None
    """Prefix of generated names in the properties."""

    def delete(self, physical_id: str) -> None:
        """
        Delete what a physical id stands for. Missing is success.

        An id that is no ServerCertificateId was answered by a failed Create, or invented by
        CloudFormation when it cancelled a Create: then only what that Create uploaded goes.

        Raises:
            CertificateInUseError: A consumer holds on to the certificate for too long.
            IamRefusedError: IAM refused a call.
        """
        if physical_id.startswith(CERTIFICATE_ID_PREFIX):
            names = self._names_of(physical_id)
        else:
            names = self._left_behind(physical_id)
        if not names:
            log.info({"decision": "nothing to delete", "physical_id": physical_id})
        for name in names:
            log.info({"decision": "delete", "name": name, "physical_id": physical_id})
            self.store.delete(name)

    def _names_of(self, certificate_id: str) -> list[str]:
        listed = self.store.names()
        name = next((name for name, listed_id in listed if listed_id == certificate_id), None)
        if name is None:
            return []
        others = [other for other, _ in listed if other != name]
        predecessors = self._predecessors(name, others)
        if not predecessors:
            return [name]
        if self.occasion() in {Occasion.DELETION, Occasion.CLEAN_UP}:
            # Left over from a clean-up that failed; nobody else will come for them any more.
            return [name, *(stored.name for stored in predecessors)]
        return [self._give_name_back(name, predecessors[-1])]

    def _predecessors(self, name: str, others: Iterable[str]) -> list[StoredCertificate]:
        """Return the certificates that were moved off a name to make room, latest last."""
        alike = [
            self.store.get(other)
            for other in others
            if other.startswith(f"{name[:MAX_NAME_PREFIX_LENGTH]}-")
        ]
        aside = [
            stored
            for stored in alike
            if stored is not None and is_set_aside(stored, name=name, owner=self.owner)
        ]
        return sorted(aside, key=lambda stored: str(stored.upload_date))

    def _give_name_back(self, name: str, predecessor: StoredCertificate) -> str:
        """
        Give the explicit name back to a predecessor: a rotation under one name is undone.

        CloudFormation may undo a replacement by deleting the new certificate alone. The name
        changes hands before the deletion: consumers refer to it, and would block that.

        Returns:
            The name that the certificate to delete has then.
        """
        stored = self.store.get(name)
        if stored is None or stored.public is None:
            return name
        aside = content_name_of(stored.public, base=name, owner=self.owner)
        log.info({"decision": "give name back", "name": name, "to": predecessor.certificate_id})
        self.store.move(name=name, new_name=aside)
        self.store.move(name=predecessor.name, new_name=name)
        return aside

    def _left_behind(self, physical_id: str) -> list[str]:
        base = self.explicit_name or self.name_prefix
        if not base:
            return []
        request_id = (
            physical_id.removeprefix(NOT_CREATED) if physical_id.startswith(NOT_CREATED) else None
        )
        left: list[str] = []
        for name, _ in self.store.names():
            if not name.startswith(base[:MAX_NAME_PREFIX_LENGTH]):
                continue
            stored = self.store.get(name)
            if stored is None or not self.owner.owns(stored.tags):
                continue
            if request_id is None or stored.tags.get(REQUEST_ID_TAG) == request_id:
                left.append(name)
        return left
