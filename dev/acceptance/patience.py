"""Waiting: bounded, with growing pauses, and ended at once when the run stops."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Value = TypeVar("Value")

_FIRST_PAUSE_SECONDS: Final = 0.1
_LONGEST_PAUSE_SECONDS: Final = 5.0
_GROWTH: Final = 1.3


class StoppedError(Exception):
    """The run stops, and nobody waits any longer."""


class Patience:
    """Waits for what somebody else brings about."""

    def __init__(self) -> None:
        self._stopped = threading.Event()

    def stop(self) -> None:
        """End all waiting, now and later."""
        self._stopped.set()

    def until(
        self, look: Callable[[], Value], accept: Callable[[Value], object] = bool, *, seconds: float
    ) -> Value:
        """
        Look again and again until what is seen is accepted, and return it.

        Args:
            look: Returns what there is now.
            accept: Tells whether to stop waiting; default: whether it is true.
            seconds: How long to wait at most; after that, what was seen last is returned.

        Raises:
            StoppedError: The run stops.
        """
        deadline = time.monotonic() + seconds
        pause = _FIRST_PAUSE_SECONDS
        while not accept(seen := look()) and time.monotonic() < deadline:
            if self._stopped.wait(pause):
                raise StoppedError
            pause = min(pause * _GROWTH, _LONGEST_PAUSE_SECONDS)
        return seen
