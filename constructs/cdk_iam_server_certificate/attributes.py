"""Fast access to the attributes of CDK objects that Python knows only as an interface."""

from __future__ import annotations

from typing import Any

import jsii


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
