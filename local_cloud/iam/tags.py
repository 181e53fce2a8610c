"""Tags of a server certificate, whose keys are case-sensitive."""

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
    """One tag; its value can be empty."""

    key: str
    value: str


def merge(existing: Iterable[Tag], added: Collection[Tag]) -> tuple[Tag, ...]:
    """
    Return the tags after TagServerCertificate or a tagged upload.

    IAM doesn't sort them: new ones follow the existing ones, in the order of the call. A key that
    gets another value keeps its place. Keys that differ in case are different keys, unlike those of users and roles (IAM User Guide,
    "Tags for AWS Identity and Access Management resources").

    Raises:
        IamError: InvalidInput for a repeated key or the reserved prefix ``aws:``, LimitExceeded
            when more than 50 tags would result.
    """
    _refuse_reserved(tag.key for tag in added)
    _refuse_repeated([tag.key for tag in added])
    by_key = {tag.key: tag for tag in (*existing, *added)}
    if len(by_key) > MAXIMUM_TAGS:
        raise tag_limit_exceeded()
    return tuple(by_key.values())


def remove(existing: Iterable[Tag], keys: Collection[str]) -> tuple[Tag, ...]:
    """
    Return the tags after UntagServerCertificate; unknown keys are ignored.

    Raises:
        IamError: InvalidInput for the reserved prefix ``aws:``.
    """
    _refuse_reserved(keys)
    return tuple(tag for tag in existing if tag.key not in keys)


def _refuse_reserved(keys: Iterable[str]) -> None:
    for key in keys:
        if key.lower().startswith(_RESERVED_PREFIX):
            raise invalid_input(
                f"Tag keys must not begin with the reserved prefix {_RESERVED_PREFIX}"
            )


def _refuse_repeated(keys: Collection[str]) -> None:
    if len(set(keys)) < len(keys):
        raise invalid_input("Duplicate tag keys found.")
