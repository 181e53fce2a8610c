"""Tags of a server certificate: case-insensitive keys that keep their spelling."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from local_cloud.iam.errors import invalid_input, tag_limit_exceeded

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

MAXIMUM_TAGS = 50
_RESERVED_PREFIX = "aws:"


@dataclass(frozen=True, slots=True)
class Tag:
    """One tag; an empty value is a value."""

    key: str
    value: str


def merge(existing: Iterable[Tag], added: Collection[Tag]) -> tuple[Tag, ...]:
    """
    Return the tags after TagServerCertificate or a tagged upload, sorted by key.

    A key that differs in case only is the same key: its value is replaced and the new spelling
    stays (IAM User Guide, "Tags for AWS Identity and Access Management resources").

    Raises:
        IamError: InvalidInput for a repeated key or the reserved prefix ``aws:``, LimitExceeded
            when more than 50 tags would result.
    """
    _refuse_reserved(tag.key for tag in added)
    _refuse_repeated([tag.key for tag in added])
    by_key = {tag.key.lower(): tag for tag in (*existing, *added)}
    if len(by_key) > MAXIMUM_TAGS:
        raise tag_limit_exceeded()
    return tuple(sorted(by_key.values(), key=lambda tag: tag.key))


def remove(existing: Iterable[Tag], keys: Collection[str]) -> tuple[Tag, ...]:
    """
    Return the tags after UntagServerCertificate; an unknown key is no error.

    Raises:
        IamError: InvalidInput for the reserved prefix ``aws:``.
    """
    _refuse_reserved(keys)
    removed = {key.lower() for key in keys}
    return tuple(tag for tag in existing if tag.key.lower() not in removed)


def _refuse_reserved(keys: Iterable[str]) -> None:
    for key in keys:
        if key.lower().startswith(_RESERVED_PREFIX):
            raise invalid_input(
                f"Tag keys must not begin with the reserved prefix {_RESERVED_PREFIX}"
            )


def _refuse_repeated(keys: Collection[str]) -> None:
    if len({key.lower() for key in keys}) < len(keys):
        raise invalid_input(
            "Duplicate tag keys found. Please note that Tag keys are case insensitive."
        )
