"""An input as a user gave it, before it is read."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Input:
    """An input for one part. Its representation doesn't show the content."""

    content: bytes = field(repr=False)
    """The content of a file or secret, or text in UTF-8."""

    file: str | None = None
    """The file it was read from, for the commands in findings; None if there is no file."""

    @classmethod
    def of_text(cls, text: str) -> Input:
        """Create an input from text."""
        return cls(text.encode("utf-8", errors="replace"))
