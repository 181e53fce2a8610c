"""
Sphinx extension: links that work in the repository work on the site, too.

A page can include a file from the top level of the repository, such as SECURITY.md, and each page can
link to any file. This rewrites the Markdown before it is parsed:

* A fence ``{include} PATH`` is replaced by the file, with links relative to the page.
* A link to an included file leads to the page that includes it.
* A link to another file offers it as a download. A link to a folder becomes plain text.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

DOCS = Path(__file__).resolve().parent.parent
ROOT = DOCS.parent

_INCLUDE = re.compile(r"^```\{include\} (?P<path>\S+)\n(?::.*\n)*```$", re.MULTILINE)
_FENCED = re.compile(r"^(?P<fence>```+|~~~+).*?^(?P=fence)$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(
    r"\[(?P<text>(?:`[^`]*`|[^][`])*)\]"
    r"\((?P<path>[^)\s#:]+)(?P<rest>#[^)\s]*)?(?P<title>\s\"[^\"]*\")?\)"
)


def setup(app: Any) -> dict[str, Any]:  # noqa: ANN401 - Sphinx is installed for the build alone
    """Rewrite each page when Sphinx reads it."""
    app.connect("source-read", _read)
    return {"parallel_read_safe": True}


def _read(_app: object, name: str, source: list[str]) -> None:
    page = DOCS / f"{name}.md"
    if page.is_file():
        source[0] = rewritten(source[0], page=page, home=page, pages=including_pages())


def including_pages() -> dict[Path, Path]:
    """Return the page that includes a file, for each file that is included."""
    found = {ROOT / "README.md": DOCS / "index.md"}
    for page in DOCS.rglob("*.md"):
        for include in _INCLUDE.finditer(page.read_text("utf-8")):
            found[(page.parent / include["path"]).resolve()] = page
    return found


def rewritten(text: str, *, page: Path, home: Path, pages: dict[Path, Path]) -> str:
    """
    Return Markdown with its includes replaced and its links rewritten.

    Args:
        text: The Markdown.
        page: The page that it becomes part of.
        home: The file that it comes from, which its links are relative to.
        pages: The page that includes a file.
    """

    def include(match: re.Match[str]) -> str:
        file = (home.parent / match["path"]).resolve()
        return rewritten(file.read_text("utf-8"), page=page, home=file, pages=pages)

    def link(match: re.Match[str]) -> str:
        target = (home.parent / match["path"]).resolve()
        if target.is_dir():
            return match["text"]
        target = pages.get(target, target)
        path = os.path.relpath(target, page.parent)
        is_file = target.suffix == ".md" and not target.is_relative_to(DOCS)
        address = f"{'path:' if is_file else ''}{path}{match['rest'] or ''}"
        return f"[{match['text']}]({address}{match['title'] or ''})"

    parts, end = [], 0
    for literal in _FENCED.finditer(text):
        parts += [_LINK.sub(link, text[end : literal.start()]), _INCLUDE.sub(include, literal[0])]
        end = literal.end()
    return "".join([*parts, _LINK.sub(link, text[end:])])
