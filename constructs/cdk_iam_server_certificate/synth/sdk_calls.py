"""Read the calls to AWS that an ``AwsCustomResource`` makes, which the template contains as JSON."""

from __future__ import annotations

import json
from typing import Final

_CONTENT: Final = ("SecretString", "SecretBinary", "Value", "Body")
"""The parameters that contain a value: of secrets, of parameters of Systems Manager and of S3 objects."""

_NAMES: Final = ("Name", "SecretId", "Key")
"""The parameters that name what a call writes to."""


def writes_to(call: str, name: str) -> bool:
    """Return whether a call names a secret, a parameter or an object."""
    parameters = _parameters(call)
    return any(
        isinstance(given, str) and given.removeprefix("/") == name.removeprefix("/")
        for given in map(parameters.get, _NAMES)
    )


def content_of_call(call: str) -> str:
    """Return what a call writes."""
    parameters = _parameters(call)
    return "".join(str(parameters[name]) for name in _CONTENT if parameters.get(name))


def _parameters(call: str) -> dict[str, object]:
    try:
        parameters = json.loads(call, strict=False).get("parameters")
    except (ValueError, AttributeError, RecursionError):
        return {}
    return parameters if isinstance(parameters, dict) else {}
