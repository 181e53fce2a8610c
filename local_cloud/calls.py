"""The calls to AWS that arrive: their number, and which of them fail."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from local_cloud.knobs import Callers, Fault, FaultKind


@dataclass(frozen=True, slots=True)
class Call:
    """
    One call.

    Attributes:
        service: The service as IAM policies name it.
        action: The action as IAM policies name it.
        from_function: Whether a Lambda function makes it.
    """

    service: str
    action: str
    from_function: bool


class CallCounter:
    """How many calls of each action arrived."""

    def __init__(self) -> None:
        self._all: Counter[str] = Counter()
        self._from_functions: Counter[str] = Counter()

    def count(self, call: Call) -> None:
        """Count one call."""
        self._all[call.action] += 1
        if call.from_function:
            self._from_functions[call.action] += 1

    def counted(self, callers: Callers = "all") -> dict[str, int]:
        """Return the number of calls of each action that was called."""
        return dict(self._all if callers == "all" else self._from_functions)


class FaultPlan:
    """Decides which calls fail: each fault counts the calls that match it, from 1."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self._faults = [_Counted(fault) for fault in faults]

    def decide(self, call: Call) -> FaultKind | None:
        """Count a call for every fault; return the effect of the first fault that is due."""
        due = [counted.fault for counted in self._faults if counted.count(call)]
        return due[0].kind if due else None


class _Counted:
    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self._seen = 0
        self._happened = 0

    def count(self, call: Call) -> bool:
        """Count a call if it matches; tell whether the fault is due."""
        if not _applies(self.fault, call):
            return False
        self._seen += 1
        if self.fault.nth is not None:
            return self._seen == self.fault.nth
        if self.fault.times is not None and self._happened >= self.fault.times:
            return False
        due = self._seen % (self.fault.every or 1) == 0
        self._happened += due
        return due


def _applies(fault: Fault, call: Call) -> bool:
    if fault.callers == "function" and not call.from_function:
        return False
    name = f"{call.service}:{call.action}" if ":" in fault.action else call.action
    return fnmatchcase(name, fault.action)
