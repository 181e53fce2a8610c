"""The sources of the parts, as specified in the custom resource's properties."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from server_certificate.contract.values import PropertyError, text


class Source(StrEnum):
    """Keys of a source. Each type of source has one key that identifies it, and optional ones."""

    TEXT = "Text"
    SECRET_ARN = "SecretArn"  # noqa: S105 (the name of a property)
    JSON_FIELD = "JsonField"
    VERSION_ID = "VersionId"
    VERSION_STAGE = "VersionStage"
    PARAMETER_NAME = "ParameterName"
    PARAMETER_VERSION = "ParameterVersion"
    BUCKET_NAME = "BucketName"
    OBJECT_KEY = "ObjectKey"
    OBJECT_VERSION = "ObjectVersion"


_KINDS = (Source.TEXT, Source.SECRET_ARN, Source.PARAMETER_NAME, Source.BUCKET_NAME)
"""The keys that identify the type. A source has exactly one of them."""

_CONFIDENTIAL = {"PrivateKey", "Bundle", "Passphrase"}
"""The properties of parts that are not public; see ``contract.properties.Property``."""


@dataclass(frozen=True, slots=True)
class Text:
    """A part as PEM text in the template."""

    text: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """A part in a Secrets Manager secret."""

    arn: str
    json_field: str | None = None
    version_id: str | None = None
    version_stage: str | None = None

    @property
    def description(self) -> str:
        """A noun phrase for it, for messages."""
        return f"{_field_of(self.json_field)}secret '{self.arn}'"

    @property
    def region(self) -> str | None:
        """The Region in its ARN; None if it is identified by a name."""
        parts = self.arn.split(":")
        return parts[3] or None if parts[0] == "arn" and len(parts) > len("arn") else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A part in a Systems Manager parameter, which can be a SecureString."""

    name: str
    """Its name or ARN."""

    json_field: str | None = None

    version: str | None = None
    """Its version number; None for the latest."""

    is_confidential: bool = False
    """Whether it contains a private key, a bundle or a passphrase, and so must be a SecureString."""

    @property
    def description(self) -> str:
        """A noun phrase for it, for messages."""
        return f"{_field_of(self.json_field)}parameter '{self.name}'"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredObject:
    """A part in an S3 object."""

    bucket: str
    key: str

    version: str | None = None
    """Its version ID; None for the latest."""

    @property
    def description(self) -> str:
        """A noun phrase for it, for messages."""
        return f"object 's3://{self.bucket}/{self.key}'"


Stored = Secret | Parameter | StoredObject
"""A part that only the function reads."""

Part = Text | Stored


def part(properties: Mapping[str, object], key: str) -> Part | None:
    """
    Return the source of a part; None if the properties don't specify it.

    Raises:
        PropertyError: The source is missing, ambiguous or incomplete.
    """
    value = properties.get(key)
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise PropertyError(
            f'{key} must be an object such as {{"{Source.TEXT}": …}} or {{"{Source.SECRET_ARN}": …}},'
            f" not {type(value).__name__}."
        )
    # An empty text is a source that is empty. An empty name is not a source.
    kinds = [
        kind
        for kind in _KINDS
        if text(value, kind, is_material=kind is Source.TEXT)
        or (kind is Source.TEXT and kind in value)
    ]
    if len(kinds) != 1:
        names = ", ".join(kinds or _KINDS)
        fault = (
            "specifies several sources. Provide exactly one"
            if kinds
            else "specifies no source. Provide exactly one"
        )
        raise PropertyError(f"{key} {fault} of {names}.")
    return _of_kind(kinds[0], value, key=key)


def _of_kind(kind: Source, value: Mapping[str, object], *, key: str) -> Part:
    name = text(value, kind, is_material=kind is Source.TEXT) or ""
    match kind:
        case Source.TEXT:
            return Text(name)
        case Source.SECRET_ARN:
            return Secret(
                arn=name,
                json_field=text(value, Source.JSON_FIELD),
                version_id=text(value, Source.VERSION_ID),
                version_stage=text(value, Source.VERSION_STAGE),
            )
        case Source.PARAMETER_NAME:
            return Parameter(
                name=name,
                json_field=text(value, Source.JSON_FIELD),
                version=text(value, Source.PARAMETER_VERSION),
                is_confidential=key in _CONFIDENTIAL,
            )
        case _:
            object_key = text(value, Source.OBJECT_KEY)
            if not object_key:
                raise PropertyError(
                    f"{key} specifies the bucket '{name}', but no object. Provide"
                    f" {Source.OBJECT_KEY}."
                )
            return StoredObject(
                bucket=name, key=object_key, version=text(value, Source.OBJECT_VERSION)
            )


def _field_of(json_field: str | None) -> str:
    return f"field '{json_field}' of " if json_field else ""
