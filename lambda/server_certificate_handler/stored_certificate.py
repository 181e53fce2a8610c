"""A certificate as IAM has it: a plain value, for the decisions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from server_certificate.contract.ownership import Provenance
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

    def moved(self, *, name: str, path: str) -> StoredCertificate:
        """Return it as it is after a move: the ARN follows, the id stays."""
        account, _, _ = self.arn.partition(":server-certificate/")
        return replace(self, name=name, path=path, arn=f"{account}:{arn_resource(path, name)}")

    def retagged(self, *, put: Mapping[str, str], remove: Collection[str]) -> StoredCertificate:
        """Return it as it is after its tags changed; IAM tells keys apart without regard to case."""
        gone = {key.lower() for key in (*put, *remove)}
        kept = {key: value for key, value in self.tags.items() if key.lower() not in gone}
        return replace(self, tags={**kept, **put})
