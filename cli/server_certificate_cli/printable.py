"""Make untrusted text safe to print on a terminal."""

from __future__ import annotations

from server_certificate.secrecy import without_material


def printable(text: str) -> str:
    """
    Return text with escaped unprintable characters, and without key material.

    This escapes control characters, line breaks, bidirectional control characters and lone surrogates.
    """
    text = without_material(text)
    if text.isprintable():
        return text
    return "".join(
        character
        if character.isprintable()
        else character.encode("unicode_escape", "surrogatepass").decode("ascii")
        for character in text
    )
