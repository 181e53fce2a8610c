"""What a search counts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass
class Tally:
    """What the search has done so far."""

    counted: Counter[str] = field(default_factory=Counter)
    is_closed: bool = False
    """Whether something was found: sequences that shrink it are not of the search."""

    def add(self, what: str, number: int = 1) -> None:
        """Count something."""
        if not self.is_closed:
            self.counted[what] += number


TALLY = Tally()
