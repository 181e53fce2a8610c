"""What an event of CloudFormation asks for, and which certificates are its resource's own."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from server_certificate.contract.ownership import (
    LOGICAL_ID_TAG,
    STACK_ID_TAG,
    Owner,
    Provenance,
)
from server_certificate.contract.properties import DEFAULT_PATH
from server_certificate.fingerprint import content_fingerprint
from server_certificate.naming import content_name, is_content_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server_certificate.material import PublicMaterial
    from server_certificate_handler.kernel.stored import StoredCertificate


class Request(Enum):
    """RequestType (CloudFormation user guide, custom resource request objects)."""

    CREATE = "Create"
    UPDATE = "Update"
    DELETE = "Delete"


@dataclass(frozen=True, slots=True, kw_only=True)
class Former:
    """What the template before declared."""

    name: str | None = None
    """The explicit name; None when it was generated."""

    tag_keys: frozenset[str] = frozenset()
    """Keys of its tags. Only these are removed: tags that somebody else has set stay."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desired:
    """The certificate that an event asks for; in a Delete, the one that is to go."""

    request: Request
    request_id: str
    owner: Owner

    certificate_id: str | None = None
    """ServerCertificateId of what the resource holds, or is to delete; None when it holds none."""

    name: str | None
    """The explicit name; None to have one generated."""

    name_prefix: str
    """Readable part of the names that belong to contents."""

    path: str = DEFAULT_PATH
    tags: Mapping[str, str] = field(default_factory=dict)
    """The user's tags, without those that say whose the certificate is."""

    source: str = ""
    """Digest of the properties that say where the material comes from."""

    retain: bool = False
    adopts: bool = False
    """Whether ``adopt_existing`` stands in the template."""

    former: Former = field(default_factory=Former)

    def content_name(self, public: PublicMaterial) -> str:
        """
        Return the name that belongs to a content in this stack.

        It is the name where none is declared, and the place next to a declared one.
        """
        return content_name(self.name_prefix, self._fingerprint(public))

    def names_for(self, public: PublicMaterial) -> tuple[str, ...]:
        """Return the names under which a content can be: the final one, then the one next to it."""
        generated = self.content_name(public)
        return (generated,) if self.name in {None, generated} else (str(self.name), generated)

    def is_tagged(self, stored: StoredCertificate) -> bool:
        """
        Tell whether a certificate's tags name this resource.

        One without any tag of the construct, under the name of its content in this stack, counts:
        its upload was interrupted before the tags followed.
        """
        if STACK_ID_TAG in stored.tags:
            return self.owner.owns(stored.tags)
        return stored.public is not None and stored.name == self.content_name(stored.public)

    def is_own(self, stored: StoredCertificate) -> bool:
        """
        Tell whether a certificate is this resource's, and it could have given it its name.

        Whoever may write tags can put any tag on any certificate. The name can't be forged so: it is
        one that this resource declares, or it names the certificate's own content in this stack.
        """
        return self.is_tagged(stored) and (
            stored.name in {self.name, self.former.name} or self.has_content_name(stored)
        )

    def is_neighbour(self, stored: StoredCertificate) -> bool:
        """Tell whether another resource of the same stack has put it where it is."""
        return stored.tags.get(STACK_ID_TAG) == self.owner.stack_id and not self.owner.owns(
            stored.tags
        )

    @property
    def provenance(self) -> Provenance:
        """How a certificate that this event brings in came into being."""
        return Provenance(
            request_id=self.request_id,
            source=self.source,
            replaces=self.certificate_id,
            # Where somebody has given the one before the name by hand, no rollback does.
            takes_name=self.certificate_id is not None
            and self.name is not None
            and self.name == self.former.name,
            retain=self.retain,
        )

    def all_tags(self, provenance: Provenance) -> dict[str, str]:
        """Return all tags that a certificate of such a provenance has."""
        return {**self.tags, **self.owner.tags(), **provenance.tags()}

    def guest_name(self, stored: StoredCertificate, public: PublicMaterial) -> str:
        """
        Return the name to which another resource's certificate makes way in a rollback.

        It is not the name of the same content of this resource, which may be there as well.
        """
        return content_name(self.name_prefix, self._guest_fingerprint(stored, public))

    def has_content_name(self, stored: StoredCertificate) -> bool:
        """Tell whether a certificate has a name that only its stack can have given it."""
        if stored.public is None:
            return False
        return is_content_name(stored.name, self._fingerprint(stored.public)) or is_content_name(
            stored.name, self._guest_fingerprint(stored, stored.public)
        )

    def _fingerprint(self, public: PublicMaterial) -> str:
        return content_fingerprint(public, owner=self.owner.stack_id)

    def _guest_fingerprint(self, stored: StoredCertificate, public: PublicMaterial) -> str:
        resource = f"{self.owner.stack_id} {stored.tags.get(LOGICAL_ID_TAG)}"
        return content_fingerprint(public, owner=resource)
