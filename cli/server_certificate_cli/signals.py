"""Defer the signals that end the process during work that must not be interrupted."""

from __future__ import annotations

import signal
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from server_certificate_cli.errors import SignaledError

if TYPE_CHECKING:
    from collections.abc import Iterator

_ENDING = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)


class PendingSignal:
    """A deferred signal, if one arrived."""

    def __init__(self) -> None:
        """Start without a signal."""
        self._number: int | None = None

    def note(self, number: int, _frame: object) -> None:
        """Remember a signal."""
        self._number = number

    def check(self) -> None:
        """
        Raise an error if a signal arrived.

        Raises:
            SignaledError: A signal arrived.
        """
        if self._number is not None:
            raise SignaledError(self._number)


@contextmanager
def deferred_signals() -> Iterator[PendingSignal]:
    """
    Defer signals until ``check`` is called, or until the end of the block.

    Otherwise, an exception could occur between a step and the record that it was done. Ignored
    signals stay ignored, as with ``nohup``.

    Raises:
        SignaledError: A signal arrived, and the block ended without an error.
    """
    pending = PendingSignal()
    before = {}
    for number in _ENDING:
        handler = signal.getsignal(number)
        if handler in {signal.SIG_IGN, None}:
            continue
        # Only the main thread can set handlers, and only it receives signals.
        with suppress(ValueError):
            signal.signal(number, pending.note)
            before[number] = handler
    try:
        yield pending
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    pending.check()
