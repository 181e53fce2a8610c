"""The remaining time of an invocation."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from server_certificate_handler.errors import OutOfTimeError

if TYPE_CHECKING:
    from collections.abc import Callable

ANSWER_SECONDS = 15.0
"""The time reserved for undoing changes and for the response to CloudFormation."""

TIMER_SECONDS = 6.0
"""When the watchdog sends a response, in seconds before the time-out. Undoing ends before that."""


@dataclass(slots=True)
class Deadline:
    """The time left for work. It asks Lambda, because the clock of a frozen sandbox is wrong."""

    remaining_milliseconds: Callable[[], int]
    """``context.get_remaining_time_in_millis``."""

    sleep: Callable[[float], None]
    """``time.sleep``."""

    _reserve: float = field(default=ANSWER_SECONDS, init=False)

    @property
    def seconds(self) -> float:
        """The seconds left for work, without the reserved time; at least 0."""
        return max(0.0, self.remaining_milliseconds() / 1000 - self._reserve)

    def wait(self, seconds: float) -> bool:
        """
        Sleep, if there is enough time.

        Returns:
            False, without sleeping, if there isn't enough time.
        """
        if seconds > self.seconds:
            return False
        self.sleep(seconds)
        return True

    def check(self, what: str) -> None:
        """
        Check that there is time for another call.

        Raises:
            OutOfTimeError: The time for work is over.
        """
        if not self.seconds:
            raise OutOfTimeError(
                f"The function ran out of time before it could call {what}. Deploy again. If IAM is"
                " slow or throttles requests, wait a few minutes first."
            )

    def begin_undoing(self) -> None:
        """Make the time that is reserved for undoing available."""
        self._reserve = TIMER_SECONDS + 1
