"""Read the properties of the custom resource, in which every scalar is a string."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server_certificate.secrecy import MISPLACED, REMEDY, holds_material

if TYPE_CHECKING:
    from collections.abc import Mapping


class PropertyError(ValueError):
    """A property is missing or invalid. The message says which one, and how to fix it."""


def text(properties: Mapping[str, object], key: str, *, is_material: bool = False) -> str | None:
    """
    Return a property that is a string; None if it is missing.

    Args:
        properties: The properties.
        key: The key of the property.
        is_material: Whether it may contain a certificate. Default: False, for names.

    Raises:
        PropertyError: It is not a string, contains an unresolved dynamic reference, or contains key
            material where it isn't allowed, which the message doesn't quote.
    """
    value = properties.get(key)
    if value is None:
        return None
    if not isinstance(value, str):
        raise PropertyError(f"{key} must be a string, not {type(value).__name__}.")
    if "{{resolve:" in value:
        raise PropertyError(
            f"{key} contains an unresolved dynamic reference, because CloudFormation doesn't"
            " resolve secretsmanager and ssm-secure references in custom resources. Specify the"
            " secret itself, and the function reads it."
        )
    if not is_material and holds_material(value):
        raise PropertyError(f"{key}: {MISPLACED} {REMEDY}")
    return value
