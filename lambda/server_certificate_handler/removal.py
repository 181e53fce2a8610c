"""Delete: by id, never by name alone, and only what is this resource's own."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from server_certificate.naming import MAX_NAME_PREFIX_LENGTH
from server_certificate.tags import REQUEST_ID_TAG
from server_certificate_handler.lifecycle import content_name_of, is_set_aside

if TYPE_CHECKING:
    from collections.abc import Iterator

    from server_certificate.tags import Owner
    from server_certificate_handler.deadline import Deadline
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
    owner: Owner
    deadline: Deadline
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
        found = False
        for name in names:
            found = True
            log.info({"decision": "delete", "name": name, "physical_id": physical_id})
            self.store.delete(name, deadline=self.deadline)
        if not found:
            log.info({"decision": "nothing to delete", "physical_id": physical_id})

    def _names_of(self, certificate_id: str) -> Iterator[str]:
        if self.explicit_name is not None:
            stored = self.store.get(self.explicit_name)
            if stored is not None and stored.certificate_id == certificate_id:
                yield self._give_name_back(stored)
                return
        for name, listed_id in self.store.names():
            if listed_id == certificate_id:
                yield name
                return

    def _give_name_back(self, stored: StoredCertificate) -> str:
        """
        Give the explicit name to a predecessor that was moved aside, if there is one.

        There is one when a rotation under the same name is rolled back and CloudFormation deletes
        the new certificate without asking for the old state first. The name changes hands before
        the deletion: consumers refer to it, and would block that.

        Returns:
            The name that the certificate to delete has then.
        """
        for name, _ in self.store.names():
            if not name.startswith(f"{stored.name[:MAX_NAME_PREFIX_LENGTH]}-"):
                continue
            predecessor = self.store.get(name)
            if predecessor is None or stored.public is None:
                continue
            if is_set_aside(predecessor, name=stored.name, owner=self.owner):
                aside = content_name_of(stored.public, base=stored.name, owner=self.owner)
                log.info({"decision": "give name back", "name": stored.name, "to": name})
                self.store.move(name=stored.name, new_name=aside)
                self.store.move(name=name, new_name=stored.name)
                return aside
        return stored.name

    def _left_behind(self, physical_id: str) -> Iterator[str]:
        base = self.explicit_name or self.name_prefix
        if not base:
            return
        request_id = (
            physical_id.removeprefix(NOT_CREATED) if physical_id.startswith(NOT_CREATED) else None
        )
        for name, _ in list(self.store.names()):
            if not name.startswith(base[:MAX_NAME_PREFIX_LENGTH]):
                continue
            stored = self.store.get(name)
            if stored is None or not self.owner.owns(stored.tags):
                continue
            if request_id is None or stored.tags.get(REQUEST_ID_TAG) == request_id:
                yield name
