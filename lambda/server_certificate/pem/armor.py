"""Find the BEGIN and END lines in PEM text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server_certificate.pem.lines import STRICT, Line, strict_line

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST_LOOSE = 20_000
"""The maximum number of damaged lines: more than two per block."""


def count(text: str) -> int:
    """Count the well-formed BEGIN lines without reading them."""
    return text.count("-----BEGIN ")


def find(text: str) -> Iterator[Line]:
    """Yield the BEGIN and END lines of a text in linear time."""
    # As bytes, because some non-ASCII characters grow when they are converted to upper case.
    words = text.encode("ascii", "replace").upper()
    mentioned = words.count(b"BEGIN") + words.count(b"END")
    if mentioned <= _MOST_LOOSE and sum(1 for _ in STRICT.finditer(text)) < mentioned:
        # Imported lazily: few texts have damaged lines.
        from server_certificate.pem import damaged_lines  # noqa: PLC0415

        yield from damaged_lines.find(text, words)
        return
    del words
    yield from map(strict_line, STRICT.finditer(text))
