"""A server certificate as IAM has it: a plain value."""

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
    """A certificate as IAM has it."""

    certificate_id: str
    """ServerCertificateId: survives every rename."""

    name: str
    path: str
    arn: str
    public: PublicMaterial | None
    """Leaf and chain; None when somebody stored what cannot be parsed."""

    tags: Mapping[str, str]
    upload_date: datetime | None

    @property
    def provenance(self) -> Provenance:
        """What its tags tell of its upload."""
        return Provenance.of(self.tags)

    @property
    def is_adopted(self) -> bool:
        """Whether it was there before the stack, and a resource of the stack has adopted it."""
        return ADOPTED_TAG in self.tags

    def has_content(self, public: PublicMaterial) -> bool:
        """Compare by DER: IAM changes line ends, and the encoding that a user chose is no content."""
        return self.public is not None and self.public.der == public.der

    def moved(self, name: str, path: str) -> StoredCertificate:
        """Return it as it is after a move: the ARN follows, the id stays."""
        account, _, _ = self.arn.partition(":server-certificate/")
        return replace(self, name=name, path=path, arn=f"{account}:{arn_resource(path, name)}")

    def retagged(self, put: Mapping[str, str], remove: Collection[str]) -> StoredCertificate:
        """Return it as it is after its tags have changed."""
        kept = {key: value for key, value in self.tags.items() if key not in remove}
        return replace(self, tags={**kept, **put})
