"""
Respond to an event when its time is over, even if the Python interpreter is busy.

A timer thread would have to wait for the interpreter repeatedly before it could respond: with the
CPU share of a 128 MB function, reading 4 MiB of noise blocks it for up to three seconds at a time.
So a separate process waits. It is forked before any secret is read, with the response already
composed.
"""

from __future__ import annotations

import logging
import os
import select
from typing import TYPE_CHECKING, NoReturn, Protocol

from server_certificate_handler.delivery import DeliveryError

if TYPE_CHECKING:
    from collections.abc import Callable

log = logging.getLogger(__name__)


class Watch(Protocol):
    """Responds in the function's place when its time is over."""

    def cancel(self) -> bool:
        """
        Stop the watchdog, and take over the response.

        Returns:
            Whether the caller must respond. If not, the response has been sent.

        Raises:
            DeliveryError: Sending the response failed.
        """


class NoWatchdog:
    """The replacement if a watchdog can't be started."""

    def cancel(self) -> bool:
        """Leave the response to the caller."""
        return True


def start_watchdog(seconds: float, answer: Callable[[], None]) -> Watch:
    """
    Start a watchdog that responds after some seconds unless it is canceled.

    Args:
        seconds: The time to wait.
        answer: Sends the response. It is called in another process.
    """
    try:
        return Watchdog(seconds, answer)
    except OSError as err:
        log.warning({"decision": "go on without a watchdog", "error": str(err)})
        return NoWatchdog()


class Watchdog:
    """
    Another process that responds after some seconds.

    If this process ends first, the other one ends without responding: Lambda delivers the event
    again, and the retry finds the work done. Two pipes connect them. The first contains one byte,
    and the process that reads it responds. The second is empty: closing it wakes the other process.
    """

    def __init__(self, seconds: float, answer: Callable[[], None]) -> None:
        """
        Start the process.

        Args:
            seconds: The time to wait.
            answer: Sends the response in the other process.

        Raises:
            OSError: No process can be created.
        """
        self._token, writer = os.pipe()
        os.write(writer, b"!")
        os.close(writer)
        self._asleep, self._wake = os.pipe()
        try:
            self._process = os.fork()
        except OSError:
            for descriptor in (self._token, self._asleep, self._wake):
                os.close(descriptor)
            raise
        if self._process == 0:
            self._watch(seconds, answer)
        os.close(self._asleep)

    def cancel(self) -> bool:
        """
        Stop the watchdog, and take over the response.

        Returns:
            Whether the caller must respond. If not, the response has been sent.

        Raises:
            DeliveryError: Sending the response failed.
        """
        is_taken = self._take()
        os.close(self._wake)
        _, status = os.waitpid(self._process, 0)
        os.close(self._token)
        if not is_taken and status:
            raise DeliveryError("The function's time was over, and its response did not arrive.")
        return is_taken

    def _watch(self, seconds: float, answer: Callable[[], None]) -> NoReturn:
        status = 1
        try:
            os.close(self._wake)
            ended = select.poll()
            ended.register(self._asleep, select.POLLIN)
            if not ended.poll(seconds * 1000) and self._take():
                answer()
            status = 0
        except DeliveryError as err:
            log.error({"decision": "not delivered", "reason": str(err)})  # noqa: TRY400 (the trace may hold the URL)
        finally:
            # The forked process must not run any other code of the function.
            os._exit(status)

    def _take(self) -> bool:
        return os.read(self._token, 1) != b""
