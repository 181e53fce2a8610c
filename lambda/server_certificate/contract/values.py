"""Values of properties of the custom resource, where every scalar is a string."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server_certificate.secrecy import MISPLACED, REMEDY, holds_material

if TYPE_CHECKING:
    from collections.abc import Mapping


class PropertyError(ValueError):
    """A property is missing or cannot be used; the message says which, and what would do."""


def text(properties: Mapping[str, object], key: str, *, is_material: bool = False) -> str | None:
    """
    Return a property that is a text; None when it is not there.

    Args:
        properties: Any properties.
        key: Which of them.
        is_material: Whether it may hold a certificate. Default: it is a name of some kind.

    Raises:
        PropertyError: It is something else, holds a reference that CloudFormation leaves to others,
            or holds key material that does not belong there, which is not quoted.
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
    if not is_material and holds_material(value):
        raise PropertyError(f"{key}: {MISPLACED} {REMEDY}")
    return value
