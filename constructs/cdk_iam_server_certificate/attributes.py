"""Fast access to the attributes of CDK objects that Python knows only as an interface."""

from __future__ import annotations

from typing import Any

import jsii
from jsii.errors import JSIIError


def attribute(holder: object, name: str) -> Any:  # noqa: ANN401 (attributes have any type)
    """
    Return an attribute with one call to the CDK's Node.js process.

    When jsii returns an interface, Python gets a proxy that makes two calls for each attribute: one
    to find out whether the attribute exists, one to read it. In a stack with many certificates, the
    second call adds up.

    Args:
        holder: A CDK object.
        name: The attribute's name in TypeScript.
    """
    return jsii.get(holder, name)


def attribute_or_none(value: object, name: str) -> Any:  # noqa: ANN401 (as above)
    """
    Return an attribute of a value that can be anything, with one call; None if it doesn't have it.

    Args:
        value: A value from the user.
        name: The attribute's name in TypeScript.
    """
    try:
        return attribute(value, name)
    # It isn't a CDK object, or one of another class.
    except (AttributeError, JSIIError):
        return None
