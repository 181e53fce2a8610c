"""What was read from a source."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from server_certificate.contract.ownership import SecretVersion


@dataclass(frozen=True, slots=True)
class SourceContent:
    """The content of a source, which its representation doesn't show."""

    value: str | bytes = field(repr=False)
    """Text or bytes."""

    secret_version: SecretVersion | None = None
    """The version that was read; None if the source isn't a secret."""
