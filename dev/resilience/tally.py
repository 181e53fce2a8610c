"""The counters of a search."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Tally:
    """The counters so far."""

    counted: Counter[str] = field(default_factory=Counter)
    is_closed: bool = False
    """Whether an invariant was broken: the sequences that shrink it don't count."""

    def add(self, what: str, number: int = 1) -> None:
        """Count something."""
        if not self.is_closed:
            self.counted[what] += number


TALLY = Tally()
