"""
Whether a test notices a mutant.

pytest collects the tests and runs them once, to see which test could notice which mutant. For each
mutant, the process forks; the child replaces the function's code, and runs these tests.
"""

from __future__ import annotations

import builtins
import contextlib
import gc
import itertools
import os
import signal
import tempfile
import time
from collections import defaultdict
from dataclasses import dataclass, field
from types import FunctionType
from typing import TYPE_CHECKING, Final

import pytest

from dev.mutants.mutations import WATCH, Mutant, mutants_of, watched

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

_NOTICED, _SURVIVED = 1, 0
_PATIENCE: Final = 5.0
"""The factor by which a test may take more processor time; beyond it, a mutant counts as an endless loop."""

_LEAST_SECONDS: Final = 5.0


class UntestableError(Exception):
    """The tests can't be collected, or fail without a mutant."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result of a mutant."""

    mutant: Mutant
    survives: bool
    tests: int
    """The number of tests that could notice: in them, what is removed has another value."""


@dataclass(slots=True, eq=False)
class Trial:
    """The plug-in that replaces pytest's loop over the tests."""

    modules: Mapping[str, Path]

    workers: int
    tell: Callable[[str, list[Verdict], float], None]
    """Receives the results of a module, and the seconds that they took."""

    error: BaseException | None = field(default=None, init=False)
    _items: list[pytest.Item] = field(default_factory=list, init=False)
    _seen: dict[str, set[tuple[str, bool]]] = field(default_factory=dict, init=False)
    _seconds: dict[str, float] = field(default_factory=dict, init=False)
    _failed: list[str] = field(default_factory=list, init=False)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Remember what fails."""
        if report.failed:
            self._failed.append(report.nodeid)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Try all mutants with the collected tests."""
        session.config.pluginmanager.unregister(name="terminalreporter")
        try:
            self._watch(session)
            for name, path in self.modules.items():
                begin = time.monotonic()
                verdicts = self._try_all(path)
                self.tell(name, verdicts, time.monotonic() - begin)
        except BaseException as err:  # noqa: BLE001 (the caller raises it)
            self.error = err
        return True

    def _watch(self, session: pytest.Session) -> None:
        """Run each test, and record the values of what can be removed, and the time."""
        items = session.items
        if session.testsfailed or not items:
            raise UntestableError("The tests cannot be collected.")
        seen: set[tuple[str, bool]] = set()

        def watch(key: str, value: object) -> object:
            seen.add((key, bool(value)))
            return value

        setattr(builtins, WATCH, watch)
        with contextlib.ExitStack() as as_before:
            for path in self.modules.values():
                source = path.read_text(encoding="utf-8")
                functions = _functions(path)
                for name, code in watched(source, str(path)).items():
                    for function in functions[name]:
                        as_before.callback(setattr, function, "__code__", function.__code__)
                        function.__code__ = code
            for item, following in itertools.zip_longest(items, items[1:]):
                begin = time.process_time()
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
                self._seconds[item.nodeid] = time.process_time() - begin
                self._seen[item.nodeid] = set(seen)
                seen.clear()
        if self._failed:
            raise UntestableError(f"These tests fail without a mutant: {', '.join(self._failed)}")
        self._items = sorted(items, key=lambda item: self._seconds[item.nodeid])

    def _try_all(self, path: Path) -> list[Verdict]:
        mutants = mutants_of(path.read_text(encoding="utf-8"), str(path))
        functions = _functions(path)
        running: dict[int, int] = {}
        exits: dict[int, int] = {}
        tests = [self._tests_of(mutant) for mutant in mutants]
        try:
            for number, mutant in enumerate(mutants):
                while len(running) == self.workers:
                    _wait_for_one(running, exits)
                targets = functions[mutant.function]
                # Exceptions during the fork are lost.
                signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
                if child := os.fork():
                    running[child] = number
                    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
                else:
                    self._try(targets, mutant, tests[number])
            while running:
                _wait_for_one(running, exits)
        finally:
            for child in running:
                # The one that was waited for during the interruption has already ended.
                with contextlib.suppress(ProcessLookupError, ChildProcessError):
                    os.kill(child, signal.SIGKILL)
                    os.waitpid(child, 0)
        return [
            Verdict(mutant, exits[number] == _SURVIVED, len(tests[number]))
            for number, mutant in enumerate(mutants)
        ]

    def _tests_of(self, mutant: Mutant) -> list[pytest.Item]:
        telling = {(mutant.key, value) for value in mutant.differs_from}
        return [item for item in self._items if telling & self._seen[item.nodeid]]

    def _try(
        self, functions: Iterable[FunctionType], mutant: Mutant, tests: list[pytest.Item]
    ) -> None:
        """Run the tests until one notices, in a child process, which ends here."""
        code = _NOTICED
        try:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
            for function in functions:
                function.__code__ = mutant.code
            if not self._is_noticed(tests):
                code = _SURVIVED
        finally:
            os._exit(code)

    def _is_noticed(self, tests: list[pytest.Item]) -> bool:
        for item, following in itertools.zip_longest(tests, tests[1:]):
            # The signal ends the process even in an endless loop.
            limit = max(_LEAST_SECONDS, _PATIENCE * self._seconds[item.nodeid])
            signal.setitimer(signal.ITIMER_PROF, limit)
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if self._failed:
                return True
        return False


def try_out(trial: Trial, tests: Sequence[str]) -> None:
    """
    Collect tests, and try mutants with them.

    Args:
        trial: The mutants, and what receives the results.
        tests: Arguments for pytest: folders, files, what selects among them.

    Raises:
        UntestableError: The tests can't be used.
    """
    with tempfile.TemporaryDirectory() as folder:
        options = ["-qq", "-p", "no:cacheprovider", "-p", "no:xdist", f"--basetemp={folder}/tests"]
        code = pytest.main([*options, *tests], plugins=[trial])
    if trial.error is not None:
        raise trial.error
    if code == pytest.ExitCode.INTERRUPTED:
        raise KeyboardInterrupt
    if code != pytest.ExitCode.OK:
        raise UntestableError("The tests cannot be collected.")


def _functions(path: Path) -> dict[str, list[FunctionType]]:
    """Find a module's functions by name, wherever they are kept: in classes, inside decorators."""
    gc.unfreeze()  # The handler freezes existing objects when it is imported, which hides them.
    found: dict[str, list[FunctionType]] = defaultdict(list)
    for each in gc.get_objects():
        if isinstance(each, FunctionType) and each.__code__.co_filename == str(path):
            found[each.__code__.co_qualname].append(each)
    return dict(found)


def _wait_for_one(running: dict[int, int], exits: dict[int, int]) -> None:
    child, status = os.wait()
    if child in running:
        exits[running.pop(child)] = status
