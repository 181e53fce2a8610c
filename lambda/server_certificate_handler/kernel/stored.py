"""A server certificate in IAM, as a plain value."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from server_certificate.contract.ownership import ADOPTED_TAG, Provenance
from server_certificate.naming import arn_resource

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime

    from server_certificate.material import PublicMaterial


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCertificate:
    """A server certificate in IAM."""

    certificate_id: str
    """The ServerCertificateId, which never changes."""

    name: str
    path: str
    arn: str
    public: PublicMaterial | None
    """Leaf and chain; None if they can't be parsed."""

    tags: Mapping[str, str]
    upload_date: datetime | None

    @property
    def provenance(self) -> Provenance:
        """Its origin, as recorded in its tags."""
        return Provenance.of(self.tags)

    @property
    def is_adopted(self) -> bool:
        """Whether it existed before the stack, and a resource of the stack has adopted it."""
        return ADOPTED_TAG in self.tags

    def has_content(self, public: PublicMaterial) -> bool:
        """Compare the content in DER, because IAM changes line endings."""
        return self.public is not None and self.public.der == public.der

    def moved(self, name: str, path: str) -> StoredCertificate:
        """Return the certificate after a move, which changes its ARN, but not its ID."""
        account, _, _ = self.arn.partition(":server-certificate/")
        return replace(self, name=name, path=path, arn=f"{account}:{arn_resource(path, name)}")

    def retagged(self, put: Mapping[str, str], remove: Collection[str]) -> StoredCertificate:
        """Return the certificate after a change of tags."""
        kept = {key: value for key, value in self.tags.items() if key not in remove}
        return replace(self, tags={**kept, **put})
