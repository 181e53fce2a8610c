"""Signals that ask the process to end, kept waiting while it does what must not stop halfway."""

from __future__ import annotations

import signal
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from server_certificate_cli.errors import SignalledError

if TYPE_CHECKING:
    from collections.abc import Iterator

_ENDING = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)


class PendingSignal:
    """The signal that came and waits."""

    def __init__(self) -> None:
        """Begin without any."""
        self._number: int | None = None

    def note(self, number: int, _frame: object) -> None:
        """Take down that a signal came."""
        self._number = number

    def check(self) -> None:
        """
        Give way to a signal that came.

        Raises:
            SignalledError: One did.
        """
        if self._number is not None:
            raise SignalledError(self._number)


@contextmanager
def deferred_signals() -> Iterator[PendingSignal]:
    """
    Keep signals waiting until they are asked for, or until the end of the block.

    At any other place an exception could come between a step and the note that it was taken.
    Signals that are ignored stay so, as under ``nohup``.

    Raises:
        SignalledError: One came, and the block came to its end all the same.
    """
    waiting = PendingSignal()
    before = {}
    for number in _ENDING:
        handler = signal.getsignal(number)
        if handler in {signal.SIG_IGN, None}:
            continue
        # Only the main thread may do it; others get no signals either.
        with suppress(ValueError):
            signal.signal(number, waiting.note)
            before[number] = handler
    try:
        yield waiting
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    waiting.check()
