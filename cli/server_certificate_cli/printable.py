"""Text of others, made harmless for a terminal and for whoever reads it."""

from __future__ import annotations

from server_certificate.secrecy import without_material


def printable(text: str) -> str:
    """
    Write out what a terminal would act upon or nobody would see, and leave key material out.

    Control characters, line breaks, marks that turn the direction of writing, lone surrogates.
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
