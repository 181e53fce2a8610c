"""Records what was normalized, as clauses for messages."""

from __future__ import annotations

_MOST = 8
"""The maximum number of oddities that are reported individually."""


class Oddities:
    """The oddities of a certificate, without repetitions."""

    def __init__(self) -> None:
        self._clauses: dict[str, None] = {}

    def add(self, clause: str) -> None:
        """Add a clause: ``its serial number is …``."""
        if len(self._clauses) < _MOST:
            self._clauses[clause] = None
        else:
            self._clauses["and there are others"] = None

    def all(self) -> tuple[str, ...]:
        """Return the clauses in order."""
        return tuple(self._clauses)
