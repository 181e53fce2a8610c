"""The README's picture of `check` is what the command prints, and can be read anywhere."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest

from dev.tools import check_picture


@pytest.fixture(scope="module")
def drawn() -> str:
    """The picture, drawn again."""
    return check_picture.picture()


def test_the_picture_is_current(drawn: str) -> None:
    """What is in docs/images is what the command prints today."""
    assert check_picture.PICTURE.read_text("utf-8") == drawn


def test_the_picture_shows_the_command_and_its_verdict(drawn: str) -> None:
    """Command, chain, a finding of each severity and the verdict are in it."""
    shown = _lines(drawn)
    assert shown[0] == f"$ {check_picture.COMMAND}"
    text = "\n".join(shown)
    assert re.search(r"error.*cloudfront-path: ", text)
    assert re.search(r"warning.*cloudfront-root: ", text)
    assert re.search(r"fixable.*chain-order: ", text)
    assert shown[-1].startswith("✗ Rejected: 1 error")


def test_no_line_leaves_the_picture(drawn: str) -> None:
    """Each line fits the window: what doesn't fit would be cut within a word."""
    window = float(ET.fromstring(drawn).get("viewBox", "").split()[2])  # noqa: S314 (it is ours)
    ends = re.findall(r'<text class="check-r\d+" x="([\d.]+)"[^>]* textLength="([\d.]+)"', drawn)
    assert max(float(start) + float(length) for start, length in ends) < window


def test_the_picture_needs_nothing_else(drawn: str) -> None:
    """It loads nothing from elsewhere, and brings its own background for light and dark pages."""
    assert set(re.findall(r"https?://[^\"' )]+", drawn)) == {"http://www.w3.org/2000/svg"}
    assert re.search(r'<rect fill="#161b22"[^>]* rx="8"/>', drawn)


def _lines(drawn: str) -> list[str]:
    """Return the lines of text in the picture."""
    rows: dict[float, list[tuple[float, str]]] = {}
    for element in ET.fromstring(drawn).iter("{http://www.w3.org/2000/svg}text"):  # noqa: S314 (it is ours)
        if "check-title" not in element.get("class", ""):
            row = rows.setdefault(float(element.get("y", "0")), [])
            row.append((float(element.get("x", "0")), element.text or ""))
    texts = ["".join(text for _, text in sorted(row)) for _, row in sorted(rows.items())]
    return [text.replace("\N{NO-BREAK SPACE}", " ").rstrip() for text in texts]
