"""A certificate as IAM has it: a plain value, for the decisions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
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
