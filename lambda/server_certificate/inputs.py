"""What a user gave, before anything is known about it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Input:
    """What a user gave for one part. Its representation shows nothing of the content."""

    content: bytes = field(repr=False)
    """The content of a file or of a secret, or a text in UTF-8, whatever it may be."""

    file: str | None = None
    """Name of the file it was read from, for the commands in findings; None when it is no file."""

    @classmethod
    def of_text(cls, text: str) -> Input:
        """Make an input of a text."""
        return cls(text.encode("utf-8", errors="replace"))
