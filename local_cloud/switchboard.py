"""The knobs as they are set, and what they have done so far."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from local_cloud.calls import CallCounter, FaultPlan

if TYPE_CHECKING:
    from local_cloud.calls import Call
    from local_cloud.knobs import Callers, FaultKind, Knobs


class Switchboard:
    """The knobs of one local cloud, and the calls it has seen."""

    def __init__(self, knobs: Knobs) -> None:
        """
        Set the knobs.

        Args:
            knobs: Those of the start, which a reset brings back.
        """
        self._initial = knobs
        self._lock = threading.Lock()
        self.reset()

    @property
    def knobs(self) -> Knobs:
        """The knobs as they were set last."""
        return self._knobs

    def turn(self, knobs: Knobs) -> None:
        """Set all knobs; faults count from here."""
        with self._lock:
            self._knobs = knobs
            self._plan = FaultPlan(knobs.faults)
            self._duplicates = knobs.duplicate_events

    def reset(self) -> None:
        """Set the knobs as they were at the start, and count calls from here."""
        self._counter = CallCounter()
        self.turn(self._initial)

    def now(self) -> datetime:
        """Tell IAM's time."""
        return datetime.now(UTC) + timedelta(seconds=self._knobs.clock_offset_seconds)

    def note(self, call: Call) -> FaultKind | None:
        """Count a call, and decide what goes wrong with it."""
        with self._lock:
            self._counter.count(call)
            return self._plan.decide(call)

    def calls(self, callers: Callers) -> dict[str, int]:
        """Return the number of calls of each action since the last reset."""
        return self._counter.counted(callers)

    def take_duplicate(self) -> bool:
        """Return whether the next event of a custom resource is delivered twice."""
        with self._lock:
            taken = self._duplicates > 0
            self._duplicates -= taken
            return taken
