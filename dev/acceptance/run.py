"""One run: its id, the names and tags that come from it, and what it has created."""

from __future__ import annotations

import re
import secrets
import shlex
import threading
from dataclasses import dataclass
from enum import Enum
from typing import Final, Self

PREFIX: Final = "server-certificate-acceptance-"
TAG: Final = "server-certificate-acceptance"
_ID: Final = re.compile(r"[0-9a-f]{8}")


@dataclass(frozen=True, slots=True)
class Run:
    """
    A run of the questions.

    Attributes:
        id: Eight hexadecimal digits.

    Raises:
        ValueError: The id is something else; a shorter prefix could match what others made.
    """

    id: str

    def __post_init__(self) -> None:
        if not _ID.fullmatch(self.id):
            raise ValueError(
                f"{self.id!r} isn't the id of a run, which has eight hexadecimal digits, such as 0a1b2c3d."
            )

    @classmethod
    def new(cls) -> Self:
        """Make up an id."""
        return cls(secrets.token_hex(4))

    @property
    def prefix(self) -> str:
        """What the name of everything that the run creates begins with."""
        return f"{PREFIX}{self.id}-"

    @property
    def tags(self) -> list[dict[str, str]]:
        """The tag of everything that the run creates, as AWS's services take it."""
        return [{"Key": TAG, "Value": self.id}]

    def name(self, suffix: str) -> str:
        """Return the name of something that the run creates."""
        return f"{self.prefix}{suffix}"

    @property
    def demo_prefix(self) -> str:
        """What the names of the life cycle begin with."""
        return self.name("demo-")


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
