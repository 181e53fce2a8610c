"""The time that an invocation has left."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from server_certificate_handler.errors import OutOfTimeError

if TYPE_CHECKING:
    from collections.abc import Callable

ANSWER_SECONDS = 15.0
"""What is kept for undoing what was begun and for the answer to CloudFormation."""

TIMER_SECONDS = 6.0
"""When the answer is sent whatever the work does; undoing ends before."""


@dataclass(slots=True)
class Deadline:
    """How long work may go on; asks Lambda, so that a frozen sandbox does not mislead it."""

    remaining_milliseconds: Callable[[], int]
    """``context.get_remaining_time_in_millis``."""

    sleep: Callable[[float], None]
    """``time.sleep``."""

    _reserve: float = field(default=ANSWER_SECONDS, init=False)

    @property
    def seconds(self) -> float:
        """Seconds left for work, without what is kept for the answer; never below 0."""
        return max(0.0, self.remaining_milliseconds() / 1000 - self._reserve)

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

    def check(self, what: str) -> None:
        """
        Let no call begin that could outlive the answer.

        Raises:
            OutOfTimeError: The time for work is over.
        """
        if not self.seconds:
            raise OutOfTimeError(
                f"The function ran out of time before it could call {what}. Deploy again. If IAM is slow or throttles"
                " requests, wait a while first."
            )

    def begin_undoing(self) -> None:
        """Open the time that is kept for undoing."""
        self._reserve = TIMER_SECONDS + 1
