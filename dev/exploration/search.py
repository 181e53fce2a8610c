"""A breadth-first search of all worlds, in columns: by the number of disturbances, and their kind."""

from __future__ import annotations

import logging
import multiprocessing
import pickle
import re
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from dev.exploration.operations import operations, roots
from dev.exploration.transitions import Plan, plans, step

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dev.exploration.operations import Operation
    from dev.exploration.states import State


_ID: Final = re.compile(r"ASCA[A-Z0-9]+|[0-9a-f-]{16,}|other-[0-9]+")


class Column(NamedTuple):
    """A way to disturb sequences of operations."""

    name: str
    parts: tuple[tuple[int, int], ...]
    """The columns that lead into this one, and the disturbances of the operation between."""


COLUMNS: Final = (
    Column("none", ((0, 0),)),
    Column("one", ((1, 0), (0, 1))),
    Column("two, in two operations", ((2, 0), (1, 1))),
    Column("two, in one operation", ((3, 0), (0, 2))),
)


class Task(NamedTuple):
    """An operation in a world, with all its possible disturbances."""

    digest: bytes
    state: bytes
    operation: Operation
    size: int
    until: float


class Way(NamedTuple):
    """How a world was first reached."""

    digest: bytes
    operation: Operation
    plan: Plan


@dataclass(frozen=True, slots=True)
class Result:
    """What a task has found; nothing if the time was up."""

    task: Task
    runs: int = 0
    reached: dict[bytes, tuple[bytes, Plan]] = field(default_factory=dict)
    problems: tuple[tuple[Plan, tuple[str, ...]], ...] = ()
    is_done: bool = False


@dataclass(slots=True)
class Cell:
    """The result for sequences of one length, disturbed in one way."""

    depth: int
    states: int = 0
    transitions: int = 0
    left: int = 0
    """Operations for which there was no time."""


@dataclass(frozen=True, slots=True)
class Found:
    """A way to a world that breaks an invariant."""

    root: State
    ways: tuple[tuple[Operation, Plan], ...]
    problems: tuple[str, ...]

    @property
    def length(self) -> tuple[int, int]:
        """Its length: shorter ways come first."""
        return sum(plan.size for _, plan in self.ways), len(self.ways)


class Exploration:
    """
    Everything that has been explored.

    Args:
        workers: The number of processes.
    """

    def __init__(self, workers: int) -> None:
        self.cells: list[list[Cell]] = [[] for _ in COLUMNS]
        self.found: list[Found] = []
        self._pool = multiprocessing.get_context("spawn").Pool(workers, _begin)
        self._packed: dict[bytes, bytes] = {}
        self._ways: dict[bytes, Way] = {}
        self._reached: list[dict[bytes, int]] = [{} for _ in COLUMNS]
        """For each column, the depth at which a world was reached."""
        self._successors: dict[tuple[bytes, int], set[bytes]] = {}
        self._roots = {root.digest for root in roots()}
        self._exhausted: set[int] = set()
        for root in roots():
            self._packed[root.digest] = pickle.dumps(root)
            self._reached[0][root.digest] = 0

    def explore(self, number: int, *, depth: int, seconds: float) -> None:
        """
        Explore the worlds of a column, as far as those that lead into it are explored.

        Args:
            number: The column.
            depth: The maximum number of operations.
            seconds: The time limit.
        """
        until = time.time() + seconds
        sources = {source for source, _ in COLUMNS[number].parts} - {number}
        for source in sources - self._exhausted:
            depth = min(depth, sum(not cell.left for cell in self.cells[source]) + 1)
        while len(self.cells[number]) < depth:
            if not self._deepen(number, until):
                if sources <= self._exhausted:
                    self._exhausted.add(number)
                return
            if self.cells[number][-1].left:
                return

    def is_exhausted(self, number: int, cell: Cell) -> bool:
        """Whether a column ends with a cell because nothing new can be reached."""
        return number in self._exhausted and cell is self.cells[number][-1]

    def shortest(self) -> list[Found]:
        """Return the shortest way to each broken invariant."""
        by_problem: dict[str, Found] = {}
        for each in sorted(self.found, key=lambda found: found.length):
            by_problem.setdefault(_ID.sub("…", each.problems[0]), each)
        return list(by_problem.values())

    def close(self) -> None:
        """End the processes."""
        self._pool.terminate()
        self._pool.join()

    def _deepen(self, number: int, until: float) -> bool:
        """Explore one more operation."""
        depth = len(self.cells[number]) + 1
        wanted = [
            (digest, size)
            for source, size in COLUMNS[number].parts
            for digest, at in self._reached[source].items()
            if at == depth - 1
        ]
        sources = {source for source, _ in COLUMNS[number].parts}
        if not any(at >= depth - 1 for each in sources for at in self._reached[each].values()):
            return False
        cell = Cell(depth)
        self.cells[number].append(cell)
        unknown = [each for each in wanted if each not in self._successors]
        for each in unknown:
            self._successors[each] = set()
        for result in self._pool.imap_unordered(_work, self._tasks(unknown, until)):
            self._take(cell, result)
        for each in wanted:
            for digest in self._successors[each]:
                if all(reached.get(digest, depth + 1) > depth for reached in self._former(number)):
                    self._reached[number][digest] = depth
                    cell.states += 1
        return True

    def _former(self, number: int) -> Iterator[dict[bytes, int]]:
        """Yield what was reached in columns with fewer disturbances left."""
        yield self._reached[0]
        if number:
            yield self._reached[number]
        if number > 1:
            yield self._reached[1]

    def _tasks(self, wanted: Iterable[tuple[bytes, int]], until: float) -> Iterator[Task]:
        for digest, size in wanted:
            packed = self._packed[digest]
            state: State = pickle.loads(packed)  # noqa: S301 (our own)
            for operation in operations(state):
                yield Task(digest, packed, operation, size, until)

    def _take(self, cell: Cell, result: Result) -> None:
        task = result.task
        cell.left += not result.is_done
        cell.transitions += result.runs
        for digest, (packed, plan) in result.reached.items():
            self._successors[task.digest, task.size].add(digest)
            self._packed.setdefault(digest, packed)
            if digest not in self._ways and digest not in self._roots:
                self._ways[digest] = Way(task.digest, task.operation, plan)
        for plan, problems in result.problems:
            root, ways = self._way_to(task.digest)
            self.found.append(Found(root, (*ways, (task.operation, plan)), problems))

    def _way_to(self, digest: bytes) -> tuple[State, tuple[tuple[Operation, Plan], ...]]:
        """Return the first way to a world, and the world where it begins."""
        ways: list[tuple[Operation, Plan]] = []
        while digest in self._ways:
            way = self._ways[digest]
            ways.append((way.operation, way.plan))
            digest = way.digest
        return pickle.loads(self._packed[digest]), tuple(reversed(ways))  # noqa: S301 (our own)


def _begin() -> None:
    # The function's log is tested elsewhere.
    logging.disable(logging.CRITICAL)


def _work(task: Task) -> Result:
    if time.time() > task.until:
        return Result(task)
    state: State = pickle.loads(task.state)  # noqa: S301 (our own)
    runs = 0
    reached: dict[bytes, tuple[bytes, Plan]] = {}
    problems: list[tuple[Plan, tuple[str, ...]]] = []
    for plan in plans(state, task.operation, task.size):
        if time.time() > task.until:
            return Result(task, runs, reached, tuple(problems))
        after = step(state, task.operation, plan)
        runs += 1
        if after.problems:
            problems.append((plan, after.problems))
        elif after.state.digest not in reached:
            reached[after.state.digest] = (pickle.dumps(after.state), plan)
    return Result(task, runs, reached, tuple(problems), is_done=True)
