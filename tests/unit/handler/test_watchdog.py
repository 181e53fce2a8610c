"""The watchdog: an answer goes out when time is over, whatever the interpreter is busy with."""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import select
import signal
import struct
import termios
from pathlib import Path

import pytest

from dev.simulator.context import Context
from server_certificate_handler.delivery import DeliveryError
from server_certificate_handler.redaction import Redactor
from server_certificate_handler.response import Outcome, Responder
from server_certificate_handler.watchdog import NoWatchdog, Watchdog, start_watchdog
from support.answers import event
from support.waiting import PATIENCE_SECONDS, wait_for

pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")

LONG = 3_600.0


class Post:
    """Takes bodies from any process."""

    def __init__(self) -> None:
        self._reader, self._writer = os.pipe()

    def send(self, body: bytes) -> None:
        """Receive one."""
        os.write(self._writer, body + b"\n")

    def received(self) -> list[bytes]:
        """Return all that has arrived; nothing can be sent any more."""
        os.close(self._writer)
        with os.fdopen(self._reader, "rb") as reader:
            return reader.read().splitlines()


def descriptors() -> int:
    """Count what this process has open, and the directory that tells."""
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


@pytest.fixture
def post() -> Post:
    """A place that answers are sent to."""
    return Post()


def test_called_off_it_sends_nothing(post: Post) -> None:
    """After `cancel` in time, the watchdog sends nothing and its process is gone."""
    watchdog = Watchdog(LONG, lambda: post.send(b"late"))
    assert watchdog.cancel()
    assert post.received() == []
    with pytest.raises(ChildProcessError):
        os.waitpid(watchdog._process, os.WNOHANG)


def test_when_time_is_over_it_answers(post: Post) -> None:
    """A late `cancel` returns false after the watchdog has sent its answer."""
    watchdog = Watchdog(0, lambda: post.send(b"late"))
    wait_for(lambda: _is_taken(watchdog))
    assert not watchdog.cancel()
    assert post.received() == [b"late"]


def test_answer_that_did_not_arrive_is_reported() -> None:
    """What the other process could not deliver fails the function, too."""

    def refuse() -> None:
        raise DeliveryError("refused")

    watchdog = Watchdog(0, refuse)
    wait_for(lambda: _is_taken(watchdog))
    with pytest.raises(DeliveryError, match="did not arrive"):
        watchdog.cancel()


def test_without_a_process_left_the_function_works(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where none can be made, it goes on without, and leaves nothing open."""

    def fork() -> int:
        raise BlockingIOError("no process left")

    monkeypatch.setattr(os, "fork", fork)
    before = descriptors()
    watch = start_watchdog(LONG, lambda: None)
    assert isinstance(watch, NoWatchdog)
    assert watch.cancel()
    assert descriptors() == before


def test_it_leaves_nothing_open() -> None:
    """A warm function serves many events with the descriptors that it began with."""
    before = descriptors()
    Watchdog(LONG, lambda: None).cancel()
    assert descriptors() == before


@pytest.mark.parametrize(
    ("request_type", "physical_id"),
    [("Create", "not-created-request-1"), ("Update", "ASCA1"), ("Delete", "ASCA1")],
)
def test_busy_interpreter_does_not_keep_the_answer(
    post: Post, request_type: str, physical_id: str
) -> None:
    """One call into C that holds the interpreter until the answer is out; its own result comes too late."""
    is_out, answered = os.pipe()

    def deliver(_: str, body: bytes) -> None:
        post.send(body)
        os.write(answered, b"!")

    def work(*_: object) -> Outcome:
        wanted = ctypes.create_string_buffer(struct.pack("ihh", is_out, select.POLLIN, 0))
        # Unlike all of Python's own, a call of PyDLL keeps the interpreter while it waits.
        assert ctypes.PyDLL(None).poll(wanted, 1, PATIENCE_SECONDS * 1000) == 1
        return Outcome("ASCA2")

    request = event(request_type, PhysicalResourceId="" if request_type == "Create" else "ASCA1")
    Responder(work, Redactor(), deliver)(request, Context(6_100))
    os.close(is_out)
    os.close(answered)
    (answer,) = map(json.loads, post.received())
    assert (answer["Status"], answer["PhysicalResourceId"]) == ("FAILED", physical_id)
    assert "ran out of time" in answer["Reason"]


def test_function_that_dies_is_delivered_its_event_again(post: Post) -> None:
    """A process that is killed in the middle of its work leaves the answer to Lambda's next try."""

    def die(*_: object) -> Outcome:
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError("it lives")

    function = os.fork()
    if function == 0:
        Responder(die, Redactor(), lambda _, body: post.send(body))(event("Create"), Context())
        os._exit(1)
    os.waitpid(function, 0)
    assert post.received() == []


def _is_taken(watchdog: Watchdog) -> bool:
    """Look whether the one octet has been taken, without taking it."""
    waiting = fcntl.ioctl(watchdog._token, termios.FIONREAD, b"\0" * 4)
    return struct.unpack("i", waiting) == (0,)
