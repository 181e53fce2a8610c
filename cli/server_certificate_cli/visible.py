"""Text of others, made harmless for a terminal."""

from __future__ import annotations


def visible(text: str) -> str:
    """
    Write out what a terminal would act upon or nobody would see.

    Control characters, line breaks, marks that turn the direction of writing, lone surrogates.
    """
    if text.isprintable():
        return text
    return "".join(
        character
        if character.isprintable()
        else character.encode("unicode_escape", "surrogatepass").decode("ascii")
        for character in text
    )
