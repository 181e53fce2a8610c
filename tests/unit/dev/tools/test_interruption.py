"""Stop signals interrupt where that is allowed, and wait where it is not."""

from __future__ import annotations

import signal

import pytest

from dev.tools.interruption import InterruptedBySignalError, Interruption


def test_signal_where_it_is_allowed() -> None:
    """It is raised at once, with the exit code that a shell expects."""
    with (
        pytest.raises(InterruptedBySignalError) as raised,
        Interruption() as interruption,
        interruption.allowed(),
    ):
        signal.raise_signal(signal.SIGTERM)
    assert raised.value.exit_code == 143


def test_signal_that_is_held() -> None:
    """What was begun is finished before the signal is raised."""
    finished = []

    def act(interruption: Interruption) -> None:
        with interruption.held():
            signal.raise_signal(signal.SIGINT)
            finished.append("the first")
        finished.append("the second")

    with (
        pytest.raises(InterruptedBySignalError),
        Interruption() as interruption,
        interruption.allowed(),
    ):
        act(interruption)
    assert finished == ["the first"]


def test_signal_before_it_is_allowed() -> None:
    """It is raised when the block that allows it begins, which then does nothing."""
    begun = False
    with Interruption() as interruption:
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(InterruptedBySignalError), interruption.allowed():
            begun = True
    assert not begun


def test_second_signal_is_ignored() -> None:
    """Impatience does not interrupt the cleaning-up, and the first signal is the one reported."""
    cleaned_up = []

    def act(interruption: Interruption) -> None:
        try:
            with interruption.allowed():
                signal.raise_signal(signal.SIGINT)
        finally:
            with interruption.allowed():
                signal.raise_signal(signal.SIGTERM)
                cleaned_up.append(True)

    with pytest.raises(InterruptedBySignalError, match="SIGINT"), Interruption() as interruption:
        act(interruption)
    assert cleaned_up


def test_handlers_are_put_back() -> None:
    """Afterwards signals do what they did before."""
    before = signal.getsignal(signal.SIGTERM)
    with Interruption():
        assert signal.getsignal(signal.SIGTERM) is not before
    assert signal.getsignal(signal.SIGTERM) is before
