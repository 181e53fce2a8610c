"""The tags by which a stack knows its own certificates, and what became of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

OWNERSHIP_PREFIX = "cdk-iam-server-certificate:"
"""Keys that begin with this are the construct's own."""

STACK_ID_TAG = OWNERSHIP_PREFIX + "stack-id"
LOGICAL_ID_TAG = OWNERSHIP_PREFIX + "logical-id"
REQUEST_ID_TAG = OWNERSHIP_PREFIX + "request-id"
SOURCE_TAG = OWNERSHIP_PREFIX + "source"
REPLACES_TAG = OWNERSHIP_PREFIX + "replaces"
RETAIN_TAG = OWNERSHIP_PREFIX + "retain"

ADOPTED_TAG = OWNERSHIP_PREFIX + "adopted"
"""On a certificate that was there before the stack; then it has no RETAIN_TAG."""

OWN_TAGS = (STACK_ID_TAG, LOGICAL_ID_TAG, REQUEST_ID_TAG, SOURCE_TAG, REPLACES_TAG, RETAIN_TAG)
"""The tags by which a stack knows its certificates, and what became of them."""


def is_own(key: str) -> bool:
    """Whether a tag is the construct's own, and none of a user. Keys are case-sensitive."""
    return key.startswith(OWNERSHIP_PREFIX)


@dataclass(frozen=True, slots=True)
class Owner:
    """The resource that a certificate belongs to."""

    stack_id: str
    """ARN of the stack."""

    logical_id: str
    """Logical id of the resource in it."""

    def owns(self, tags: Mapping[str, str]) -> bool:
        """Whether the tags of a certificate name this owner."""
        return (
            tags.get(STACK_ID_TAG) == self.stack_id and tags.get(LOGICAL_ID_TAG) == self.logical_id
        )

    def tags(self) -> dict[str, str]:
        """Return the tags of a certificate of this owner."""
        return {STACK_ID_TAG: self.stack_id, LOGICAL_ID_TAG: self.logical_id}


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """How a certificate came into being, as its tags tell."""

    request_id: str | None
    """RequestId of the CloudFormation event that uploaded it, or adopted it last."""

    source: str | None = None
    """Digest of the properties that its material came from; see ``source_digest``."""

    replaces: str | None = None
    """ServerCertificateId of the certificate that it was uploaded to replace; None after a Create."""

    takes_name: bool = False
    """Whether it took its explicit name over from the one that it replaces, which moved aside."""

    retain: bool = False
    """Whether CloudFormation is told to keep it: then nothing but its own Delete removes it."""

    discarded: bool = False
    """Whether the event that uploaded it is about to delete it: then nobody may adopt it."""

    @classmethod
    def of(cls, tags: Mapping[str, str]) -> Provenance:
        """Read the tags of a certificate; what is missing or damaged is unknown."""
        replaces, _, how = tags.get(REPLACES_TAG, "").partition(" ")
        request_id, _, fate = tags.get(REQUEST_ID_TAG, "").partition(" ")
        return cls(
            request_id=request_id or None,
            source=tags.get(SOURCE_TAG),
            replaces=replaces or None,
            takes_name=how == _TAKES_NAME,
            retain=tags.get(RETAIN_TAG) == _TRUE,
            discarded=fate == _DISCARDED,
        )

    def tags(self) -> dict[str, str]:
        """Write it as tags."""
        replaces = f"{self.replaces} {_TAKES_NAME}" if self.takes_name else self.replaces
        request_id = f"{self.request_id} {_DISCARDED}" if self.discarded else self.request_id
        written = {
            REQUEST_ID_TAG: request_id,
            SOURCE_TAG: self.source,
            REPLACES_TAG: replaces,
            RETAIN_TAG: _TRUE if self.retain else None,
        }
        return {key: value for key, value in written.items() if value is not None}


_TRUE = "true"
_TAKES_NAME = "takes-name"
_DISCARDED = "discarded"
