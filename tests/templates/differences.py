"""What differs between two JSON objects, by JSON Pointer (RFC 6901)."""

from __future__ import annotations

import copy
import json
from typing import Any


def differences(value: Any, base: Any, at: str = "") -> dict[str, Any]:  # noqa: ANN401 - any JSON
    """Return what `base` lacks or has otherwise, by its place; null for what it has in excess."""
    match value, base:
        case list(), list() if len(value) == len(base):
            return differences(dict(enumerate(value)), dict(enumerate(base)), at)
        case dict(), dict():
            found: dict[str, Any] = {}
            for key in {**base, **value}:
                pointer = f"{at}/{_escaped(str(key))}"
                if key in base and key in value:
                    found |= differences(value[key], base[key], pointer)
                else:
                    found[pointer] = value.get(key)
            return found
        case _:
            # Python holds 1, 1.0 and true to be equal; JSON does not.
            return {} if json.dumps(value) == json.dumps(base) else {at: value}


def applied(found: dict[str, Any], base: dict[str, Any]) -> dict[str, Any]:
    """Return the object that has these differences from `base`."""
    result = copy.deepcopy(base)
    for pointer, value in found.items():
        place: Any = result
        *parents, last = map(_unescaped, pointer.split("/")[1:])
        for key in parents:
            place = place[_key(place, key)]
        if value is None:
            del place[last]
        else:
            place[_key(place, last)] = value
    return result


def _key(place: object, key: str) -> str | int:
    return int(key) if isinstance(place, list) else key


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def _unescaped(key: str) -> str:
    return key.replace("~1", "/").replace("~0", "~")
