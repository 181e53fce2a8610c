"""Values of properties of the custom resource, where every scalar is a string."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class PropertyError(ValueError):
    """A property is missing or cannot be used; the message says which, and what would do."""


def text(properties: Mapping[str, object], key: str) -> str | None:
    """
    Return a property that is a text; None when it is not there.

    Raises:
        PropertyError: It is something else, or holds a reference that CloudFormation leaves to
            others.
    """
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
