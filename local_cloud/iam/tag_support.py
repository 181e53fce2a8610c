"""Tagging actions that some partitions of AWS lack."""

from __future__ import annotations

from typing import TYPE_CHECKING

from local_cloud.iam.errors import tag_on_create_unsupported, tagging_unsupported

if TYPE_CHECKING:
    from collections.abc import Mapping

_TAG_ACTIONS = frozenset(
    {"TagServerCertificate", "UntagServerCertificate", "ListServerCertificateTags"}
)


def check_tag_support(
    action: str, query: Mapping[str, str], *, tagging: bool, tag_on_create: bool
) -> None:
    """
    Check that a call uses only what is supported.

    Args:
        action: The call's action.
        query: The call's fields.
        tagging: Whether tags are supported.
        tag_on_create: Whether an upload can have tags.

    Raises:
        IamError: InvalidAction for the three actions about tags, UnsupportedOperation for an
            upload with tags.
    """
    if action in _TAG_ACTIONS and not tagging:
        raise tagging_unsupported(action)
    if (
        action == "UploadServerCertificate"
        and not (tagging and tag_on_create)
        and any(field.startswith("Tags.member.") for field in query)
    ):
        raise tag_on_create_unsupported()
