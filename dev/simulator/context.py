"""Lambda's context of an invocation."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

FUNCTION_MILLISECONDS = 900_000


@dataclass
class Context:
    """The Lambda context. Only sleeping makes its time pass, and takes no real time."""

    remaining: float = FUNCTION_MILLISECONDS
    slept: list[float] = field(default_factory=list)
    meanwhile: dict[int, Callable[[], object]] = field(default_factory=dict)
    """What somebody else does during the first, second and further sleeps."""

    function_name: str = "provider"
    aws_request_id: str = "invocation"

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds left."""
        return int(self.remaining)

    def sleep(self, seconds: float) -> None:
        """Pretend to sleep."""
        self.slept.append(seconds)
        self.remaining -= seconds * 1000
        if happening := self.meanwhile.get(len(self.slept)):
            happening()
