"""The time that an invocation has left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

ANSWER_SECONDS = 15.0
"""What is kept for undoing a step and for the answer to CloudFormation."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """How long work may go on; asks Lambda, so that a frozen sandbox does not mislead it."""

    remaining_milliseconds: Callable[[], int]
    """``context.get_remaining_time_in_millis``."""

    sleep: Callable[[float], None]
    """``time.sleep``."""

    @property
    def seconds(self) -> float:
        """Seconds left for work, without what is kept for the answer; never below 0."""
        return max(0.0, self.remaining_milliseconds() / 1000 - ANSWER_SECONDS)

    def wait(self, seconds: float) -> bool:
        """
        Sleep, if the time allows it.

        Returns:
            False, without having slept, when too little time is left.
        """
        if seconds > self.seconds:
            return False
        self.sleep(seconds)
        return True
