"""Delete: by id, never by name alone, and only what is this resource's own."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from server_certificate.naming import MAX_NAME_PREFIX_LENGTH
from server_certificate.tags import REQUEST_ID_TAG

if TYPE_CHECKING:
    from collections.abc import Iterator

    from server_certificate.tags import Owner
    from server_certificate_handler.deadline import Deadline
    from server_certificate_handler.iam_store import IamStore

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
                yield stored.name
                return
        for name, listed_id in self.store.names():
            if listed_id == certificate_id:
                yield name
                return

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
