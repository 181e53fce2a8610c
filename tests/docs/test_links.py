"""Each relative link in a Markdown file leads to a file, and to a heading in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dev import ROOT
from support.markdown_links import anchors, links, markdown_files, needs_checkout, problem

if TYPE_CHECKING:
    from pathlib import Path

FILES = markdown_files()


def name(file: Path) -> str:
    """Name a file in a test's id."""
    return file.relative_to(ROOT).as_posix()


@pytest.mark.parametrize(
    "file",
    [
        pytest.param(file, marks=pytest.mark.checkout) if needs_checkout(file, "") else file
        for file in FILES
    ],
    ids=name,
)
def test_links(file: Path) -> None:
    """No link of the file is broken."""
    found = {each for each in links(file.read_text("utf-8")) if not needs_checkout(file, each)}
    assert [each for target in sorted(found) if (each := problem(file, target))] == []


@pytest.mark.checkout
def test_links_in_a_checkout() -> None:
    """No link into a folder that only a checkout has is broken."""
    found = {
        (file, target)
        for file in FILES
        for target in links(file.read_text("utf-8"))
        if needs_checkout(file, target)
    }
    assert [each for one in sorted(found) if (each := problem(*one))] == []


def test_broken_links_are_found() -> None:
    """Links to no file, to no heading, and out of the repository are found, in each notation."""
    text = (
        '[a](gone.md) and [`b`](README.md#gone "title")\n\n[c]: gone.png\n'
        '<img src="gone.svg">\n[d](../x) [e](README.md)'
    )
    found = [problem(ROOT / "page.md", target) for target in links(text)]
    assert [each is not None for each in found] == [True, True, True, False, True, True]


def test_code_and_addresses_are_no_links() -> None:
    """Code isn't looked at, and neither are addresses of other sites."""
    text = "`[a](b)`\n\n```\n[a](b)\n```\n[x](https://example.com) [y](mailto:a@example.com)"
    assert list(links(text)) == []


def test_anchors_are_those_of_github() -> None:
    """Punctuation goes, spaces become hyphens, a second heading of the name is numbered."""
    text = "# What's `cdk diff`?\n## Same\n## Same\n```\n# no heading\n```\n(label)=\n"
    assert anchors(text) == {"whats-cdk-diff", "same", "same-1", "label"}
