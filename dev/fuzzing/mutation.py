"""Mutations of PEM, and of DER in it or alone: most other changes only break the format."""

from __future__ import annotations

import base64
import random
import re
from typing import TYPE_CHECKING

from dev.fuzzing.structure import mutate_der

if TYPE_CHECKING:
    from collections.abc import Callable

_BLOCK = re.compile(
    rb"-----BEGIN (?P<label>[A-Z0-9 ]{1,40})-----\n(?P<content>[A-Za-z0-9+/=\n]+)"
    rb"-----END (?P=label)-----\n?"
)


def mutate(octets: bytes, max_size: int, seed: int, change: Callable[[bytes, int], bytes]) -> bytes:
    """
    Change an input.

    Args:
        octets: The input.
        max_size: The maximum length of the result.
        seed: The random seed.
        change: Changes octets in any way; gets them and the length they may have.
    """
    chance = random.Random(seed)  # noqa: S311 (the same seed, the same change)
    blocks = list(_BLOCK.finditer(octets))
    if not blocks and chance.random() < 0.7:  # noqa: PLR2004 (mostly by the structure, if there is one)
        # The first octet says how the input is passed.
        changed = mutate_der(octets[1:], chance, change)
        if changed is not None:
            return (octets[:1] + changed)[:max_size]
    if not blocks or chance.random() < 0.3:  # noqa: PLR2004 (sometimes the armor, too)
        return change(octets, max_size)
    block, other = chance.choice(blocks), chance.choice(blocks)
    match chance.randrange(8):
        case 0:
            put = b""
        case 1:
            put = block[0] * 2
        case 2:
            put = other[0]
        case 3:
            put = _armored(other["label"], block["content"])
        case _:
            der = _changed(block["content"], chance, change)
            put = _armored(block["label"], base64.encodebytes(der))
    return (octets[: block.start()] + put + octets[block.end() :])[:max_size]


def _changed(content: bytes, chance: random.Random, change: Callable[[bytes, int], bytes]) -> bytes:
    try:
        der = base64.b64decode(content)
    except ValueError:
        der = content
    if chance.random() < 0.6 and (changed := mutate_der(der, chance, change)) is not None:  # noqa: PLR2004
        return changed
    if chance.random() < 0.5 and der:  # noqa: PLR2004 (one octet keeps lengths and structure)
        place = chance.randrange(len(der))
        return der[:place] + bytes([chance.randrange(256)]) + der[place + 1 :]
    return change(der, len(der) + 64)


def _armored(label: bytes, content: bytes) -> bytes:
    return b"-----BEGIN %b-----\n%b-----END %b-----\n" % (label, content, label)
