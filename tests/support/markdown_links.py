"""The relative links of the repository's Markdown files, and the anchors that they can lead to."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING
from urllib.parse import unquote

from dev import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LEFT_OUT = ("cli", "constructs", "lambda", ".github")
"""Folders that are missing where the installed wheel is tested."""

_GENERATED = {"build", "dist", "node_modules", "cdk.out", "_function"}
_CODE = re.compile(
    r"^ *(?P<fence>```+|~~~+).*?^ *(?P=fence) *$|(?P<ticks>`+).+?(?P=ticks)",
    re.MULTILINE | re.DOTALL,
)
_INLINE = re.compile(r"\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
_DEFINED = re.compile(r"^ {0,3}\[[^\]]+\]:\s*<?(\S+?)>?(?:\s|$)", re.MULTILINE)
_HTML = re.compile(r"<(?:a|img|source)\b[^>]*?\b(?:href|src|srcset)=\"([^\"]+)\"")
_HEADING = re.compile(r"^#{1,6} +(.+?) *#*$", re.MULTILINE)
_LABEL = re.compile(r"^\(([\w-]+)\)=$|<a\b[^>]*?\b(?:id|name)=\"([^\"]+)\"", re.MULTILINE)
_LINK_IN_HEADING = re.compile(r"\[([^\]]*)\]\([^)]*\)")


def markdown_files() -> list[Path]:
    """Return every Markdown file of the repository that isn't generated."""
    return sorted(
        path
        for path in ROOT.rglob("*.md")
        if not any(
            part in _GENERATED or (part.startswith(".") and part != ".github")
            for part in path.relative_to(ROOT).parts
        )
    )


def links(text: str) -> Iterator[str]:
    """Return the targets of links and pictures that lead to files or anchors, code left out."""
    prose = _CODE.sub(lambda code: re.sub(r"[^\n]", " ", code[0]), text)
    # In a link's text there may be code, so what follows it is looked for alone.
    for pattern in (_INLINE, _DEFINED, _HTML):
        for target in pattern.findall(prose):
            if not re.match(r"[a-z][a-z+.-]*:", target):
                yield target


def problem(file: Path, target: str) -> str | None:
    """Return what is wrong with a link in a file; None if it leads somewhere."""
    path, _, anchor = unquote(target).partition("#")
    place = f"{file.relative_to(ROOT)}: {target}"
    if path.startswith("/"):
        return f"{place} is absolute"
    found = (file.parent / path).resolve() if path else file
    if not found.exists():
        return f"{place} leads to no file"
    if not found.is_relative_to(ROOT):
        return f"{place} leads out of the repository"
    if anchor and found.suffix == ".md" and anchor not in anchors(found.read_text("utf-8")):
        return f"{place} leads to no heading"
    return None


def needs_checkout(file: Path, target: str) -> bool:
    """Tell whether a link leads into a folder that only a checkout has."""
    found = (file.parent / target.partition("#")[0]).resolve()
    return any(found.is_relative_to(ROOT / root) for root in LEFT_OUT)


def anchors(text: str) -> set[str]:
    """Return the anchors of a Markdown file, as GitHub and the site make them."""
    prose = re.sub(r"^ *(```+|~~~+).*?^ *\1 *$", "", text, flags=re.MULTILINE | re.DOTALL)
    found = {one or other for one, other in _LABEL.findall(prose)}
    seen: Counter[str] = Counter()
    for heading in _HEADING.findall(prose):
        words = _LINK_IN_HEADING.sub(r"\1", heading).replace("`", "").strip().lower()
        slug = re.sub(r"[^\w\- ]", "", words).replace(" ", "-")
        found.add(f"{slug}-{seen[slug]}" if seen[slug] else slug)
        seen[slug] += 1
    return found
