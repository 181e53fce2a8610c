"""
Answer an event when its time is over, whatever keeps the function's interpreter busy.

A timer's thread would have to wait for the interpreter, again and again on its way to the answer: on
the share of a CPU that a function of 128 MB has, reading 4 MiB of noise holds it for up to three
seconds at a time. So a process of its own waits. It is a copy of this one, made before any secret is
read, and what it will send is composed by then.
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
    """Something that answers in the function's place when its time is over."""

    def call_off(self) -> bool:
        """
        Take the answer over.

        Returns:
            Whether the caller is to answer. If not, the answer is out.

        Raises:
            DeliveryError: The answer was sent in vain.
        """


class Unwatched:
    """What stands in for a watchdog where none can be had."""

    def call_off(self) -> bool:
        """Leave the answer to the caller."""
        return True


def watched(seconds: float, answer: Callable[[], None]) -> Watch:
    """
    Have an answer sent after some seconds, unless it is called off before.

    Args:
        seconds: How long to wait.
        answer: Sends the answer; called in another process.
    """
    try:
        return Watchdog(seconds, answer)
    except OSError as err:
        log.warning({"decision": "go on without a watchdog", "error": str(err)})
        return Unwatched()


class Watchdog:
    """
    Another process that answers after some seconds.

    If this one ends before, it ends, too: Lambda delivers the event again, and what was done is found.
    Two pipes connect them. The first holds one octet, and whoever takes it answers. The second
    holds nothing: its end wakes the other process.
    """

    def __init__(self, seconds: float, answer: Callable[[], None]) -> None:
        """
        Start waiting.

        Args:
            seconds: How long to wait.
            answer: Sends the answer, in the other process.

        Raises:
            OSError: The system has no process left.
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

    def call_off(self) -> bool:
        """
        Take the answer over.

        Returns:
            Whether the caller is to answer. If not, the answer is out.

        Raises:
            DeliveryError: The answer was sent in vain.
        """
        is_taken = self._take()
        os.close(self._wake)
        _, status = os.waitpid(self._process, 0)
        os.close(self._token)
        if not is_taken and status:
            raise DeliveryError("The answer of a function whose time was over did not arrive.")
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
            # Nothing of the function's may run in the copy.
            os._exit(status)

    def _take(self) -> bool:
        return os.read(self._token, 1) != b""
