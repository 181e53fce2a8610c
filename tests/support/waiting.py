"""Wait for what somebody else brings about: for a condition, never for a time."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Value = TypeVar("Value")

PATIENCE_SECONDS = 120
"""Long enough for a machine that is busy with something else; only a failure takes that long."""


def wait_for(look: Callable[[], Value], accept: Callable[[Value], bool] = bool) -> Value:
    """
    Look again and again until what is seen is accepted, and return it.

    Args:
        look: Says what there is now.
        accept: Tells whether that is it. Default: whether it is true.

    Raises:
        TimeoutError: It was never accepted; the message has what was seen last.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not accept(seen := look()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"after {PATIENCE_SECONDS} s there still is {seen!r}")
        time.sleep(0.05)
    return seen
