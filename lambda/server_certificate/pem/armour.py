"""The BEGIN and END lines in a text of PEM."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server_certificate.pem.lines import STRICT, Line, strict_line

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST_LOOSE = 20_000
"""Words of damaged lines in a text that are looked at: two for each block that is read, and more."""


def count(text: str) -> int:
    """Count the strict BEGIN lines, without reading them."""
    return text.count("-----BEGIN ")


def find(text: str) -> Iterator[Line]:
    """Yield the BEGIN and END lines of a text, in time in proportion to its length."""
    # Octets, for capital letters of other alphabets than ASCII take twelve for each character.
    words = text.encode("ascii", "replace").upper()
    mentioned = words.count(b"BEGIN") + words.count(b"END")
    if mentioned <= _MOST_LOOSE and sum(1 for _ in STRICT.finditer(text)) < mentioned:
        # Imported when needed: few texts have damaged lines.
        from server_certificate.pem import damaged_lines  # noqa: PLC0415

        yield from damaged_lines.find(text, words)
        return
    del words
    yield from map(strict_line, STRICT.finditer(text))
