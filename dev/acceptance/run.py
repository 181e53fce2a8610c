"""One run: its id, its prefix, its tags."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
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
                f"{self.id!r} is not the id of a run: it has eight hexadecimal digits, such as 0a1b2c3d."
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
