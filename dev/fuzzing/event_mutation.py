"""Events that CloudFormation never sends: real ones with changes."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import random

_CHANGES = 4
"""The maximum number of changes to one event."""

_DEEP = 200

_STRANGE: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    10**300,
    1e308,
    float("nan"),
    "",
    " ",
    "\n",
    "\x00",
    "%",
    "%s",
    "%(secret)s",
    "100%",
    "{}",
    "\ud800",
    "\ud83d\ud83d",
    "🔑" * 300,
    "x" * 5_000,
    "true",
    "TRUE",
    "-1",
    "600",
    "9" * 4_000,
    "{{resolve:secretsmanager:key}}",
    "-----BEGIN PRIVATE KEY-----",
    "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n",
    "arn:aws:iam::111122223333:server-certificate/www",
    "ASCAQXRQ45OGOXN4H7UIZ",
    "not-created-",
    "../../etc/passwd",
    [],
    {},
    [[]],
    [None],
    {"": ""},
    {"Ref": "Certificate"},
    {"Text": ""},
    {"Text": 7},
    {"SecretArn": ""},
    {"SecretArn": "x", "ParameterName": "y"},
    {"BucketName": "b"},
    [{"Key": "a"}],
    [{"Key": 1, "Value": 2}],
    [{"Value": "b"}],
    [{"Key": "a", "Value": "b"}] * 60,
    json.loads('{"a":' * _DEEP + "1" + "}" * _DEEP),
)

_KEYS = (
    "CrHelperPoll",
    "CrHelperData",
    "PhysicalResourceId",
    "OldResourceProperties",
    "ResourceProperties",
    "ServiceToken",
    "Adopt",
    "Retain",
    "Bundle",
    "Passphrase",
    "",
    "%",
)


def changed(event: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """Return an event with one to four changes, as Lambda would read it from JSON."""
    event = copy.deepcopy(event)
    for _ in range(chance.randint(1, _CHANGES)):
        _change(event, chance)
    result: dict[str, Any] = json.loads(json.dumps(event))
    return result


def _change(event: dict[str, Any], chance: random.Random) -> None:
    holders = list(_holders(event))
    # Each container with the same weight, so that the event's own fields change as often as nested ones.
    holder = chance.choice([event, chance.choice(holders)])
    places: list[Any] = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
    if isinstance(holder, dict) and (not places or chance.random() < 0.1):  # noqa: PLR2004 (now and then)
        holder[chance.choice(_KEYS)] = copy.deepcopy(chance.choice(_STRANGE))
        return
    if not places:
        holder.append(copy.deepcopy(chance.choice(_STRANGE)))
        return
    place = chance.choice(places)
    if place == "ResponseURL" and chance.random() < 0.9:  # noqa: PLR2004 (without it there is little to see)
        return
    match chance.randrange(7):
        case 0:
            del holder[place]
        case 1:
            other = chance.choice(holders)
            # A part of the ResponseURL elsewhere would look like a leak.
            values = [each for each in _values(other) if each != event.get("ResponseURL")]
            if values:
                holder[place] = copy.deepcopy(chance.choice(values))
        case 2 if isinstance(holder, dict):
            holder[str(place).swapcase()] = holder.pop(place)
        case 3 if isinstance(holder[place], str):
            holder[place] = _misspelled(holder[place], chance)
        case 4:
            holder[place] = [holder[place]]
        case _:
            holder[place] = copy.deepcopy(chance.choice(_STRANGE))


def _holders(value: Any) -> list[Any]:  # noqa: ANN401 (JSON)
    """Return all objects and lists within a value, and the value itself."""
    if not isinstance(value, dict | list):
        return []
    return [value, *(holder for each in _values(value) for holder in _holders(each))]


def _values(holder: dict[str, Any] | list[Any]) -> list[Any]:
    return list(holder.values() if isinstance(holder, dict) else holder)


def _misspelled(text: str, chance: random.Random) -> str:
    start = chance.randrange(len(text) + 1)
    end = min(len(text), start + chance.choice((0, 1, 1, 50)))
    put = chance.choice(("", "", "%", "é", "\ud800", "/", "A", "\n", text[:200]))
    return text[:start] + put + text[end:]
