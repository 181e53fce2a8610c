"""What had to be put right, as clauses for a sentence."""

from __future__ import annotations

_MOST = 8
"""Kinds of oddities that are named; further ones are only said to be there."""


class Oddities:
    """The oddities of one certificate, each named once."""

    def __init__(self) -> None:
        self._clauses: dict[str, None] = {}

    def add(self, clause: str) -> None:
        """Note one: ``its serial number is …``."""
        if len(self._clauses) < _MOST:
            self._clauses[clause] = None
        else:
            self._clauses["and there is more of the kind"] = None

    def all(self) -> tuple[str, ...]:
        """Return them in the order in which they were found."""
        return tuple(self._clauses)
