"""What a run reads from AWS, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateFacts:
    """A certificate in IAM."""

    arn: str
    name: str

    expiration: datetime
    """The end of its validity period."""

    version_id: str | None
    """The version of the secret that its tag names; None if it has no such tag."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretFacts:
    """A secret, without its value."""

    arn: str

    current: str | None
    """The ID of the version with the label AWSCURRENT; None if the secret has no value."""

    created: datetime | None
    """When this version was created; None if that can't be read."""

    is_deleted: bool
    """Whether the secret is scheduled for deletion."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StackFacts:
    """The root stack."""

    stack_id: str
    status: str
    parameters: Mapping[str, str]
    capabilities: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StackEvent:
    """An event of the root stack (CloudFormation API reference, StackEvent)."""

    time: datetime

    request: str
    """The client request token of the operation, which all of its events have."""

    resource: str
    """The logical ID of the resource."""

    is_of_stack: bool
    """Whether the event is about the stack itself."""

    status: str
    reason: str
