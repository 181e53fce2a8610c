"""Attributes of what the CDK knows by an interface only, at half the price."""

from __future__ import annotations

from typing import Any

import jsii


def attribute(holder: object, name: str) -> Any:  # noqa: ANN401 (whatever the attribute is)
    """
    Return an attribute by one call to the CDK's process; a stack may have many certificates.

    In Python, jsii stands in for an interface by an object that takes two calls for an attribute:
    whether there is such a one, and what it is.

    Args:
        holder: An object of the CDK.
        name: The attribute's name in TypeScript.
    """
    return jsii.get(holder, name)
