"""What can happen to a call to AWS, and when it does."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ConnectionClosedError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from dev.simulator.account import Fault


class KilledError(BaseException):
    """The function's process is gone: nothing of it goes on, no handler, no clean-up."""


class Kind(Enum):
    """What happens to a call."""

    THROTTLED = "throttled"
    REFUSED = "refused"
    FAILED = "internal error"
    RESET = "connection reset"
    LOST = "answer lost after the effect"
    IN_USE = "in use"
    KILLED = "killed before the effect"
    KILLED_AFTER = "killed after the effect"
    OUT_OF_TIME = "time runs out"
    TWICE = "event delivered again meanwhile"
    CANCELLED = "neighbour fails meanwhile"


class Extent(Enum):
    """How long it happens."""

    ONCE = "once"
    """The next try, by the SDK or the function, is answered."""

    LASTING = "lasting"
    """Each call of the action fails until the event is given up, whoever delivers it again."""


ONLY_ONCE: Final = {Kind.KILLED_AFTER, Kind.OUT_OF_TIME, Kind.TWICE, Kind.CANCELLED}
"""Kinds that come once by their nature."""

ENDS: Final = {Kind.KILLED, Kind.KILLED_AFTER, Kind.OUT_OF_TIME}
"""Kinds after which an invocation does nothing more, or hardly anything."""

_CONSUMER: Final = (
    "arn:aws:elasticloadbalancing:eu-central-1:111122223333:loadbalancer/app/web/50dc6c495c0c9188"
)

_ANSWERS: Final[Mapping[Kind, Fault]] = {
    Kind.THROTTLED: (400, "Throttling", "Rate exceeded"),
    Kind.REFUSED: (
        403,
        "AccessDenied",
        "User: arn:aws:sts::111122223333:assumed-role/provider/x is not authorized to perform this",
    ),
    Kind.FAILED: (500, "ServiceFailure", "The request processing has failed"),
    Kind.IN_USE: (
        409,
        "DeleteConflict",
        f"Certificate: ASCAEXAMPLE is currently in use by {_CONSUMER}. Please remove it first before deleting it from IAM.",
    ),
}


def applies(kind: Kind, action: str) -> bool:
    """Whether a call of an action can be disturbed so."""
    return kind is not Kind.IN_USE or action == "DeleteServerCertificate"


@dataclass(frozen=True, slots=True)
class Disturbance:
    """One kind at one call of an operation."""

    kind: Kind
    extent: Extent = Extent.ONCE

    @property
    def name(self) -> str:
        """What to call it in a table."""
        return (
            self.kind.value if self.kind in ONLY_ONCE else f"{self.kind.value}, {self.extent.value}"
        )


@dataclass
class Disturber:
    """
    Watches the calls of an operation and disturbs some of them.

    Args:
        plan: Disturbances by the number of the call in the operation, from 1.
        on_twice: Delivers the present event again.
        on_cancelled: Has a neighbour fail.
        on_out_of_time: Uses up the time of the invocation.
        on_effect: Told of each call that took effect.
    """

    on_twice: Callable[[], None]
    on_cancelled: Callable[[], None]
    on_out_of_time: Callable[[], None]
    on_effect: Callable[[str], None]
    plan: Mapping[int, Disturbance] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    """Actions of the operation in the order they were called, nested ones left out."""

    struck: list[int] = field(default_factory=list)
    """Which calls of the operation were disturbed."""

    _lasting: dict[str, Kind] = field(default_factory=dict)
    _killed: bool = False
    _nested: int = 0
    _present: Disturbance | None = None

    def begin_operation(self, plan: Mapping[int, Disturbance]) -> None:
        """Count from 1 again."""
        self.plan, self.calls, self.struck = plan, [], []
        self.begin_event()

    def begin_event(self) -> None:
        """Another event: what lasted is over."""
        if not self._nested:
            self._lasting.clear()

    def begin_invocation(self) -> None:
        """Another process."""
        if not self._nested:
            self._killed = False

    def lets_pass(self, number: int) -> bool:
        """Return whether nothing happens to so many calls from now on."""
        begin = len(self.calls)
        return bool(self._nested) or not (
            self._lasting or any(begin < at <= begin + number for at in self.plan)
        )

    def skip(self, actions: Sequence[str]) -> None:
        """Take note of calls that nothing happens to, once they have taken effect."""
        if not self._nested:
            self.calls += actions
        for action in dict.fromkeys(actions):
            self.on_effect(action)

    def before(self, action: str) -> Fault | None:
        """See ``Observer``."""
        if self._nested:
            return None
        if self._killed:
            raise KilledError
        self.calls.append(action)
        self._present = self.plan.get(len(self.calls))
        if self._present is not None and not applies(self._present.kind, action):
            self._present = None
        if self._present is not None:
            self.struck.append(len(self.calls))
            if self._present.extent is Extent.LASTING:
                self._lasting[action] = self._present.kind
        kind = self._present.kind if self._present else self._lasting.get(action)
        return None if kind is None else self._strike_before(kind)

    def after(self, action: str) -> Fault | None:
        """See ``Observer``."""
        self.on_effect(action)
        if self._nested:
            return None
        kind = self._present.kind if self._present else self._lasting.get(action)
        if kind is Kind.LOST:
            raise ConnectionClosedError(endpoint_url="https://iam")
        if kind is Kind.KILLED_AFTER:
            self._kill()
        return None

    def _strike_before(self, kind: Kind) -> Fault | None:
        if kind is Kind.RESET:
            raise ConnectionClosedError(endpoint_url="https://iam")
        if kind is Kind.KILLED:
            self._kill()
        happening = {
            Kind.TWICE: self.on_twice,
            Kind.CANCELLED: self.on_cancelled,
            Kind.OUT_OF_TIME: self.on_out_of_time,
        }.get(kind)
        if happening is not None:
            self._nested += 1
            try:
                happening()
            finally:
                self._nested -= 1
        return _ANSWERS.get(kind)

    def _kill(self) -> None:
        self._killed = True
        raise KilledError
