"""Ctrl-C and other stop signals: handled at once where that is safe, and otherwise afterwards."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType, TracebackType

STOP_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class InterruptedBySignalError(BaseException):
    """A signal asked to stop; no error handler may swallow it."""

    def __init__(self, number: int) -> None:
        self.signal = signal.Signals(number)
        super().__init__(self.signal.name)

    @property
    def exit_code(self) -> int:
        """The exit code that a shell reports for a program that this signal ended."""
        return 128 + self.signal


class Interruption:
    """
    Turns the first stop signal into an exception where that is allowed.

    Outside of :meth:`allowed`, and inside of :meth:`held`, a signal is remembered and raised at the
    next place that allows it. So nothing is interrupted between starting something and being ready
    to stop it, or during clean-up. Later signals are ignored.
    """

    def __init__(self) -> None:
        self._allowed = False
        self._raised = False
        self._first: int | None = None

    def __enter__(self) -> Self:
        self._previous = {number: signal.signal(number, self._on_signal) for number in STOP_SIGNALS}
        return self

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for number, handler in self._previous.items():
            signal.signal(number, handler)

    @contextmanager
    def allowed(self) -> Iterator[None]:
        """
        Raise a stop signal inside this block, including an earlier one.

        Raises:
            InterruptedBySignalError: There was one.
        """
        self._allowed = True
        try:
            self._raise_first()
            yield
        finally:
            self._allowed = False

    @contextmanager
    def held(self) -> Iterator[None]:
        """
        Run this block to its end, and raise a signal afterwards if that is allowed outside.

        Raises:
            InterruptedBySignalError: There was a signal.
        """
        before, self._allowed = self._allowed, False
        try:
            yield
        finally:
            self._allowed = before
        self._raise_first()

    def _on_signal(self, number: int, _: FrameType | None) -> None:
        if self._first is None:
            self._first = number
        self._raise_first()

    def _raise_first(self) -> None:
        if self._first is not None and self._allowed and not self._raised:
            self._raised = True
            raise InterruptedBySignalError(self._first)
