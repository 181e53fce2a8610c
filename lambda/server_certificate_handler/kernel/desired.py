"""The desired state of an event, and which certificates belong to its resource."""

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
from server_certificate.fingerprint import content_fingerprint, owner_fingerprint
from server_certificate.naming import (
    RESOURCE_DIGITS,
    content_name,
    is_content_name,
    may_be_content_name,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server_certificate.material import PublicMaterial
    from server_certificate_handler.kernel.stored import StoredCertificate


class Request(Enum):
    """The RequestType (CloudFormation user guide, custom resource request objects)."""

    CREATE = "Create"
    UPDATE = "Update"
    DELETE = "Delete"


@dataclass(frozen=True, slots=True, kw_only=True)
class Previous:
    """The declaration in the previous template."""

    name: str | None = None
    """The explicit name; None if it was generated."""

    tag_keys: frozenset[str] = frozenset()
    """The keys of its tags. Only these are removed, and tags from others are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desired:
    """The certificate that an event requires, or that a Delete removes."""

    request: Request
    request_id: str
    owner: Owner

    certificate_id: str | None = None
    """The ServerCertificateId that the resource has or that a Delete removes; None if there is none."""

    name: str | None
    """The explicit name; None to generate one."""

    name_prefix: str
    """The readable part of generated names."""

    path: str = DEFAULT_PATH
    tags: Mapping[str, str] = field(default_factory=dict)
    """The user's tags, without the ownership tags."""

    source: str = ""
    """The digest of the properties that specify the sources of the material."""

    retain: bool = False
    adopts: bool = False
    """Whether the template contains ``adopt_existing``."""

    keeps_hosts: bool = False
    """Whether a new certificate must cover the hosts of the one that it replaces."""

    previous: Previous = field(default_factory=Previous)

    def content_name(self, public: PublicMaterial) -> str:
        """
        Return the generated name of some content of this resource.

        It is the final name if none is declared, and otherwise a temporary one.
        """
        return content_name(self.name_prefix, self._fingerprint(public))

    def may_have_generated(self, name: str) -> bool:
        """
        Return whether a name can be generated for this resource, with any readable part.

        A failed update can have declared another prefix, which no later event has if CloudFormation
        doesn't roll it back.
        """
        return may_be_content_name(name, self._digits)

    def names_for(self, public: PublicMaterial) -> tuple[str, ...]:
        """Return the names that some content can have: the final one, then the temporary one."""
        generated = self.content_name(public)
        return (generated,) if self.name in {None, generated} else (str(self.name), generated)

    def is_tagged(self, stored: StoredCertificate) -> bool:
        """
        Return whether the tags of a certificate name this resource as the owner.

        A certificate without ownership tags counts if it has the generated name of its content:
        its upload was interrupted before it was tagged.
        """
        if STACK_ID_TAG in stored.tags:
            return self.owner.owns(stored.tags)
        return stored.public is not None and stored.name == self.content_name(stored.public)

    def is_own(self, stored: StoredCertificate) -> bool:
        """
        Return whether a certificate is this resource's own, by its tags and its name.

        Tags can be forged by anyone who is allowed to write them, but names can't: the name must be
        one that this resource declares, or the generated name of the certificate's own content.
        """
        return self.is_tagged(stored) and (
            stored.name in {self.name, self.previous.name} or self.has_content_name(stored)
        )

    def belongs_to_sibling(self, stored: StoredCertificate) -> bool:
        """Return whether a certificate belongs to another resource of the same stack."""
        return stored.tags.get(STACK_ID_TAG) == self.owner.stack_id and not self.owner.owns(
            stored.tags
        )

    @property
    def provenance(self) -> Provenance:
        """The origin of a certificate that this event uploads or adopts."""
        return Provenance(
            request_id=self.request_id,
            source=self.source,
            replaces=self.certificate_id,
            # A rollback doesn't restore a name that somebody gave the previous certificate
            # manually.
            takes_name=self.certificate_id is not None
            and self.name is not None
            and self.name == self.previous.name,
            retain=self.retain,
        )

    def all_tags(self, provenance: Provenance) -> dict[str, str]:
        """Return all tags of a certificate with the given origin."""
        return {**self.tags, **self.owner.tags(), **provenance.tags()}

    def displaced_name(self, stored: StoredCertificate, public: PublicMaterial) -> str:
        """
        Return the temporary name for another resource's certificate in a rollback.

        It differs from the generated name of the same content in this resource, which may also
        exist.
        """
        return content_name(self.name_prefix, self._displaced_fingerprint(stored, public))

    def has_content_name(self, stored: StoredCertificate) -> bool:
        """Return whether a certificate has a name that only this resource, or its stack, can give."""
        if stored.public is None:
            return False
        return is_content_name(stored.name, self._fingerprint(stored.public)) or is_content_name(
            stored.name, self._displaced_fingerprint(stored, stored.public)
        )

    def _fingerprint(self, public: PublicMaterial) -> str:
        return self._digits + content_fingerprint(public, owner=self.owner.stack_id)

    @property
    def _digits(self) -> str:
        """The digits that identify this resource in generated names."""
        return owner_fingerprint(_resource(self.owner.stack_id, self.owner.logical_id))[
            :RESOURCE_DIGITS
        ]

    def _displaced_fingerprint(self, stored: StoredCertificate, public: PublicMaterial) -> str:
        resource = _resource(self.owner.stack_id, stored.tags.get(LOGICAL_ID_TAG))
        return content_fingerprint(public, owner=resource)


def _resource(stack_id: str, logical_id: str | None) -> str:
    return f"{stack_id} {logical_id}"
