"""Where a part of the material lies: the spelling of it in the custom resource's properties."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from server_certificate.contract.values import PropertyError, text


class Source(StrEnum):
    """Keys of a part's source; each kind has one that names it, and others that go with it."""

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
"""Keys of which a source has exactly one."""


@dataclass(frozen=True, slots=True)
class Text:
    """A part given as PEM text in the template."""

    text: str = field(repr=False)


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
        return f"{_field_of(self.json_field)}secret '{self.arn}'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A part that lies in a parameter of Systems Manager, a SecureString too."""

    name: str
    """Its name, or its ARN."""

    json_field: str | None = None

    version: str | None = None
    """Its version, a number; None for the latest."""

    @property
    def description(self) -> str:
        """What to call it in a sentence."""
        return f"{_field_of(self.json_field)}parameter '{self.name}'"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredObject:
    """A part that lies in an object of S3."""

    bucket: str
    key: str

    version: str | None = None
    """Its version id; None for the latest."""

    @property
    def description(self) -> str:
        """What to call it in a sentence."""
        return f"object 's3://{self.bucket}/{self.key}'"


Stored = Secret | Parameter | StoredObject
"""A part that only the function reads."""

Part = Text | Stored


def part(properties: Mapping[str, object], key: str) -> Part | None:
    """
    Return where a part lies; None when the properties do not name it.

    Raises:
        PropertyError: It names no source, several, or one that lacks something.
    """
    value = properties.get(key)
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise PropertyError(
            f'{key} must be an object such as {{"{Source.TEXT}": …}} or {{"{Source.SECRET_ARN}": …}},'
            f" not {type(value).__name__}."
        )
    # An empty text is a source: it says that the text is empty. Empty names are none.
    kinds = [
        kind
        for kind in _KINDS
        if text(value, kind, is_material=kind is Source.TEXT)
        or (kind is Source.TEXT and kind in value)
    ]
    if len(kinds) != 1:
        names = ", ".join(kinds or _KINDS)
        fault = "names several sources: give one" if kinds else "names no source: give one"
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
            )
        case _:
            object_key = text(value, Source.OBJECT_KEY)
            if not object_key:
                raise PropertyError(
                    f"{key} names the bucket '{name}' and no object: give {Source.OBJECT_KEY}."
                )
            return StoredObject(
                bucket=name, key=object_key, version=text(value, Source.OBJECT_VERSION)
            )


def _field_of(json_field: str | None) -> str:
    return f"field '{json_field}' of " if json_field else ""
