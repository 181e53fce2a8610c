"""What a run has created, noted before it is created."""

from __future__ import annotations

import shlex
import threading
from dataclasses import dataclass
from enum import Enum


class Kind(Enum):
    """What can be created. Everything else is in a stack."""

    STACK = "stack"
    CERTIFICATE = "server certificate"
    SECRET = "secret"  # noqa: S105 - what it is called
    LOG_GROUP = "log group"


_COMMANDS = {
    Kind.STACK: ("cloudformation", "delete-stack", "--stack-name"),
    Kind.CERTIFICATE: ("iam", "delete-server-certificate", "--server-certificate-name"),
    Kind.SECRET: (
        "secretsmanager",
        "delete-secret",
        "--force-delete-without-recovery",
        "--secret-id",
    ),
    Kind.LOG_GROUP: ("logs", "delete-log-group", "--log-group-name"),
}


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that a run has created."""

    kind: Kind
    name: str

    def __str__(self) -> str:
        return f"{self.kind.value} {self.name}"

    def removal_command(self, region: str) -> str:
        """Return the command that removes it."""
        return shlex.join(("aws", *_COMMANDS[self.kind], self.name, "--region", region))


class Ledger:
    """
    The names of everything that a run has created, in order.

    Note a name before the call that creates it: an answer can get lost.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._things: dict[Thing, None] = {}

    def note(self, kind: Kind, name: str) -> str:
        """Note something, and return its name."""
        with self._lock:
            self._things[Thing(kind, name)] = None
        return name

    def latest_first(self) -> list[Thing]:
        """Return everything, what was noted last first."""
        with self._lock:
            return list(reversed(self._things))
