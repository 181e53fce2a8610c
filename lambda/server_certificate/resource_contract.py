"""
The contract between construct and handler: the only spelling of property and attribute names.

Property names and the resource type are for ever: events in the old spelling keep arriving for
as long as a stack that was deployed with it exists.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

RESOURCE_TYPE = "Custom::IamServerCertificate"

DEFAULT_PATH = "/"
"""IAM's own default for Path."""

DEFAULT_NAME_PREFIX = "certificate"
"""Readable part of generated names where an event names none."""

DEFAULT_PROPAGATION_SECONDS = 30
"""How long the answer is held back after an upload or a rename. IAM is eventually consistent, and
load balancers have been seen to report a new certificate as missing for 10 to 30 seconds."""

MAX_PROPAGATION_SECONDS = 600
"""Longest wait: it must fit into the function's 15 minutes beside the work itself."""

_SECONDS = re.compile("[0-9]{1,4}")
_SOURCE_DIGEST_LENGTH = 32


class Property(StrEnum):
    """Properties of the custom resource."""

    SERVER_CERTIFICATE_NAME = "ServerCertificateName"
    NAME_PREFIX = "NamePrefix"
    PATH = "Path"
    CERTIFICATE = "Certificate"
    CERTIFICATE_CHAIN = "CertificateChain"
    PRIVATE_KEY = "PrivateKey"
    TAGS = "Tags"
    PROPAGATION_SECONDS = "PropagationSeconds"
    ACKNOWLEDGE = "Acknowledge"
    RETAIN = "Retain"


class Source(StrEnum):
    """Keys of a part's source: ``{"Text": …}`` or ``{"SecretArn": …, "JsonField": …, …}``."""

    TEXT = "Text"
    SECRET_ARN = "SecretArn"  # noqa: S105 (the name of a property)
    JSON_FIELD = "JsonField"
    VERSION_ID = "VersionId"
    VERSION_STAGE = "VersionStage"


class Attribute(StrEnum):
    """Attributes of the custom resource, for ``Fn::GetAtt``."""

    ARN = "Arn"
    SERVER_CERTIFICATE_ID = "ServerCertificateId"
    SERVER_CERTIFICATE_NAME = "ServerCertificateName"
    PATH = "Path"
    EXPIRATION = "Expiration"
    UPLOAD_DATE = "UploadDate"
    NOT_BEFORE = "NotBefore"
    FINGERPRINT = "Fingerprint"
    SUBJECT_ALTERNATIVE_NAMES = "SubjectAlternativeNames"


class PropertyError(ValueError):
    """A property is missing or cannot be used; the message says which, and what would do."""


@dataclass(frozen=True, slots=True)
class Text:
    """A part given as PEM text in the template."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """A part that lies in a Secrets Manager secret."""

    arn: str
    json_field: str | None = None
    version_id: str | None = None
    version_stage: str | None = None

    @property
    def description(self) -> str:
        """What to call it in a sentence."""
        field = f"field '{self.json_field}' of " if self.json_field else ""
        return f"{field}secret '{self.arn}'"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceProperties:
    """The properties of one event."""

    name: str | None
    """The explicit name; None to have one generated from ``name_prefix``."""

    name_prefix: str
    """Readable part of a generated name."""

    path: str
    certificate: Text | Secret
    chain: Text | Secret | None
    private_key: Secret
    tags: Mapping[str, str]
    propagation_seconds: int

    acknowledged: frozenset[str]
    """Codes of findings that the user knows of; unknown ones are no error, for rules may go."""

    retain: bool
    """Whether CloudFormation keeps certificates that are replaced or removed (DeletionPolicy,
    UpdateReplacePolicy); it does not tell the function, so the construct does."""

    source_digest: str
    """Digest of the properties that say where the material comes from."""


def parse_properties(properties: Mapping[str, object]) -> ResourceProperties:
    """
    Read the properties of an event, where every scalar is a string.

    Raises:
        PropertyError: One is missing, has the wrong type or holds an unresolved reference.
    """
    private_key = _source(properties, Property.PRIVATE_KEY)
    if private_key is None:
        raise PropertyError(f"{Property.PRIVATE_KEY} is missing.")
    if isinstance(private_key, Text):
        raise PropertyError(
            f"{Property.PRIVATE_KEY} must name a secret ({Source.SECRET_ARN});"
            " a private key does not belong in a template."
        )
    certificate = _source(properties, Property.CERTIFICATE)
    if certificate is None:
        raise PropertyError(f"{Property.CERTIFICATE} is missing.")
    return ResourceProperties(
        name=_text(properties, Property.SERVER_CERTIFICATE_NAME) or None,
        name_prefix=_text(properties, Property.NAME_PREFIX) or DEFAULT_NAME_PREFIX,
        path=_text(properties, Property.PATH) or DEFAULT_PATH,
        certificate=certificate,
        chain=_source(properties, Property.CERTIFICATE_CHAIN),
        private_key=private_key,
        tags=_tags(properties.get(Property.TAGS)),
        propagation_seconds=_seconds(properties),
        acknowledged=_codes(properties.get(Property.ACKNOWLEDGE)),
        retain=_flag(properties, Property.RETAIN),
        source_digest=source_digest(properties),
    )


def source_digest(properties: Mapping[str, object]) -> str:
    """
    Return the digest of the properties that say where the material comes from.

    By it a certificate is recognised as what these properties produced, without reading a source
    whose content or version may be gone. It is no digest of the material.
    """
    sources = {
        key.value: properties.get(key)
        for key in (Property.CERTIFICATE, Property.CERTIFICATE_CHAIN, Property.PRIVATE_KEY)
    }
    text = json.dumps(sources, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:_SOURCE_DIGEST_LENGTH]


def _text(properties: Mapping[str, object], key: str) -> str | None:
    value = properties.get(key)
    if value is None:
        return None
    if not isinstance(value, str):
        raise PropertyError(f"{key} must be a string, not {type(value).__name__}.")
    if "{{resolve:" in value:
        raise PropertyError(
            f"{key} holds an unresolved dynamic reference: CloudFormation does not resolve"
            " secretsmanager and ssm-secure references in custom resources. Name the secret itself,"
            " and the function reads it."
        )
    return value


def _source(properties: Mapping[str, object], key: str) -> Text | Secret | None:
    value = properties.get(key)
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise PropertyError(
            f'{key} must be an object such as {{"{Source.TEXT}": …}} or {{"{Source.SECRET_ARN}": …}},'
            f" not {type(value).__name__}."
        )
    text = _text(value, Source.TEXT)
    arn = _text(value, Source.SECRET_ARN)
    if text is not None:
        if arn:
            raise PropertyError(
                f"{key} names two sources: give either {Source.TEXT} or {Source.SECRET_ARN}."
            )
        return Text(text)
    if not arn:
        raise PropertyError(f"{key} names no source: give {Source.TEXT} or {Source.SECRET_ARN}.")
    return Secret(
        arn=arn,
        json_field=_text(value, Source.JSON_FIELD),
        version_id=_text(value, Source.VERSION_ID),
        version_stage=_text(value, Source.VERSION_STAGE),
    )


def _tags(value: object) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise PropertyError(f"{Property.TAGS} must be a list, not {type(value).__name__}.")
    tags: dict[str, str] = {}
    for index, tag in enumerate(value):
        key, content = _tag(tag, where=f"{Property.TAGS}[{index}]")
        if key in tags:
            raise PropertyError(f"{Property.TAGS} has the key {key!r} twice.")
        tags[key] = content
    return tags


def _tag(tag: object, *, where: str) -> tuple[str, str]:
    if not isinstance(tag, Mapping):
        raise PropertyError(f"{where} must be an object of Key and Value.")
    key, value = tag.get("Key"), tag.get("Value", "")
    if not isinstance(key, str) or not isinstance(value, str):
        raise PropertyError(f"{where} must have strings as Key and Value.")
    return key, value


def _codes(value: object) -> frozenset[str]:
    if value is None:
        return frozenset()
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise PropertyError(f"{Property.ACKNOWLEDGE} must be a list, not {type(value).__name__}.")
    if not all(isinstance(code, str) for code in value):
        raise PropertyError(f"{Property.ACKNOWLEDGE} must be a list of the codes of findings.")
    return frozenset(value)


def _seconds(properties: Mapping[str, object]) -> int:
    value = properties.get(Property.PROPAGATION_SECONDS)
    if value is None:
        return DEFAULT_PROPAGATION_SECONDS
    digits = str(value)
    if not _SECONDS.fullmatch(digits) or int(digits) > MAX_PROPAGATION_SECONDS:
        raise PropertyError(
            f"{Property.PROPAGATION_SECONDS} is {value!r}; whole seconds from 0 to"
            f" {MAX_PROPAGATION_SECONDS} are allowed."
        )
    return int(digits)


def _flag(properties: Mapping[str, object], key: str) -> bool:
    value = str(properties.get(key, "false")).lower()
    if value not in {"true", "false"}:
        raise PropertyError(f"{key} is {value!r}; 'true' and 'false' are allowed.")
    return value == "true"
