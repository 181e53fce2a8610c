"""The tags that record which stack owns a certificate, and its history."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

OWNERSHIP_PREFIX = "cdk-iam-server-certificate:"
"""The prefix of the construct's own tags."""

STACK_ID_TAG = OWNERSHIP_PREFIX + "stack-id"
LOGICAL_ID_TAG = OWNERSHIP_PREFIX + "logical-id"
REQUEST_ID_TAG = OWNERSHIP_PREFIX + "request-id"
SOURCE_TAG = OWNERSHIP_PREFIX + "source"
REPLACES_TAG = OWNERSHIP_PREFIX + "replaces"
RETAIN_TAG = OWNERSHIP_PREFIX + "retain"
SECRET_VERSION_TAG = OWNERSHIP_PREFIX + "secret-version"

ADOPTED_TAG = OWNERSHIP_PREFIX + "adopted"
"""Marks a certificate that existed before the stack. It has no RETAIN_TAG."""

OWN_TAGS = (
    STACK_ID_TAG,
    LOGICAL_ID_TAG,
    REQUEST_ID_TAG,
    SOURCE_TAG,
    REPLACES_TAG,
    RETAIN_TAG,
    SECRET_VERSION_TAG,
)
"""The tags that record which stack owns a certificate, and its history."""


def is_own(key: str) -> bool:
    """Return whether a tag is the construct's own. Keys are case-sensitive."""
    return key.startswith(OWNERSHIP_PREFIX)


@dataclass(frozen=True, slots=True)
class SecretVersion:
    """The version of a secret from which a leaf certificate was read."""

    arn: str
    """The complete ARN of the secret."""

    version_id: str

    @classmethod
    def of(cls, tag: str) -> SecretVersion | None:
        """Read the value of a tag; None if it is missing or damaged."""
        found = _SECRET_VERSION.fullmatch(tag)
        return found and cls(found["arn"], found["version_id"])

    @property
    def region(self) -> str:
        """The Region of the secret."""
        return self.arn.split(":")[_REGION]

    def tag(self) -> str | None:
        """Return the value of a tag; None if it can't be one, because the secret's name is too long."""
        value = f"{self.arn} {self.version_id}"
        return value if _TAG_VALUE.fullmatch(value) else None


@dataclass(frozen=True, slots=True)
class Owner:
    """The resource that owns a certificate."""

    stack_id: str
    """The ARN of the stack."""

    logical_id: str
    """The logical ID of the resource."""

    def owns(self, tags: Mapping[str, str]) -> bool:
        """Return whether the tags of a certificate name this owner."""
        return (
            tags.get(STACK_ID_TAG) == self.stack_id and tags.get(LOGICAL_ID_TAG) == self.logical_id
        )

    def tags(self) -> dict[str, str]:
        """Return the tags that name this owner."""
        return {STACK_ID_TAG: self.stack_id, LOGICAL_ID_TAG: self.logical_id}


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """The origin of a certificate, as recorded in its tags."""

    request_id: str | None
    """The RequestId of the CloudFormation event that uploaded it, or last adopted it."""

    source: str | None = None
    """The digest of the properties that specify its material; see ``source_digest``."""

    replaces: str | None = None
    """The ServerCertificateId of the certificate that it replaces; None after a Create."""

    takes_name: bool = False
    """Whether it took over its explicit name from the certificate that it replaces, which was renamed."""

    retain: bool = False
    """Whether CloudFormation retains it, so that only its own Delete removes it."""

    discarded: bool = False
    """Whether the event that uploaded it is about to delete it, so that it must not be adopted."""

    secret_version: SecretVersion | None = None
    """Where the leaf was read, so that a newer version is noticed; None if it isn't from a secret."""

    @classmethod
    def of(cls, tags: Mapping[str, str]) -> Provenance:
        """Read the tags of a certificate. Missing or damaged values are unknown."""
        replaces, _, how = tags.get(REPLACES_TAG, "").partition(" ")
        request_id, _, fate = tags.get(REQUEST_ID_TAG, "").partition(" ")
        return cls(
            request_id=request_id or None,
            source=tags.get(SOURCE_TAG),
            replaces=replaces or None,
            takes_name=how == _TAKES_NAME,
            retain=tags.get(RETAIN_TAG) == _TRUE,
            discarded=fate == _DISCARDED,
            secret_version=SecretVersion.of(tags.get(SECRET_VERSION_TAG, "")),
        )

    def tags(self) -> dict[str, str]:
        """Return the tags."""
        replaces = f"{self.replaces} {_TAKES_NAME}" if self.takes_name else self.replaces
        request_id = f"{self.request_id} {_DISCARDED}" if self.discarded else self.request_id
        written = {
            REQUEST_ID_TAG: request_id,
            SOURCE_TAG: self.source,
            REPLACES_TAG: replaces,
            RETAIN_TAG: _TRUE if self.retain else None,
            SECRET_VERSION_TAG: None if self.secret_version is None else self.secret_version.tag(),
        }
        return {key: value for key, value in written.items() if value is not None}


_SECRET_VERSION = re.compile(
    r"(?P<arn>arn:[a-z0-9-]+:secretsmanager:[a-z0-9-]+:\d{12}:secret:[A-Za-z0-9/_+=.@-]+)"
    r" (?P<version_id>[^ ]+)",
    flags=re.ASCII,
)
"""The characters of a secret's name: Secrets Manager API reference, CreateSecret."""

_REGION = 3
"""The position of the Region in an ARN."""

_TAG_VALUE = re.compile(r"[A-Za-z0-9 .:/=+\-@_]{1,256}")
"""ASCII values that IAM accepts (API reference, Tag)."""

_TRUE = "true"
_TAKES_NAME = "takes-name"
_DISCARDED = "discarded"
