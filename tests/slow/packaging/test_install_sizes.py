"""The size of an installation: measured, and as `docs/install.md` tells it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from dev.tools import install_sizes
from dev.tools.install_sizes import PAGE, WAYS, Measured, measure

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.network

SMALL = {"iam-server-certificate": {"boto3", "click", "rich"}, "iam-server-certificate[cli]": set()}
"""What is installed in seconds, and what doesn't come along."""


def told(way: str) -> int:
    """Return the megabytes that the page has for one way to install."""
    row = re.search(
        rf"^\|.*`{re.escape(way)}` \|.*?(\d+) MB", PAGE.read_text("utf-8"), re.MULTILINE
    )
    assert row, way
    return int(row[1])


@pytest.mark.parametrize("way", SMALL)
def test_page_tells_what_is_measured(way: str, wheels: list[Path]) -> None:
    """The size is the page's, within a quarter, and what the construct needs isn't among it."""
    found = measure(way, wheels[0].parent)
    assert found.octets / 1_000_000 == pytest.approx(told(way), rel=0.25)
    assert {"cryptography", "iam_server_certificate"} <= found.packages
    assert ({"aws_cdk_lib", "constructs", "jsii"} | SMALL[way]) & found.packages == set()


def test_page_has_every_way() -> None:
    """Each way to install has its row, and the construct is larger than the command."""
    assert all(told(way) for way in WAYS)
    assert told("cdk-iam-server-certificate") > told("iam-server-certificate[cli]")


def test_table_is_written_between_its_marks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is measured takes the place of what was, and the text around it stays."""
    page = tmp_path / "install.md"
    page.write_text(f"before\n{install_sizes.BEGIN}old\n{install_sizes.END}after\n")
    monkeypatch.setattr(install_sizes, "PAGE", page)
    monkeypatch.setattr(install_sizes.wheels, "build", lambda *_, **__: [])
    monkeypatch.setattr(
        install_sizes, "measure", lambda *_: Measured(frozenset({"one"}), 7_000_000, 3.0)
    )
    assert install_sizes.main(["--write"]) == 0
    written = page.read_text("utf-8")
    assert written.startswith("before\n<!--")
    assert written.endswith("-->\nafter\n")
    assert "| the command | `iam-server-certificate[cli]` | 1 | 7 MB | 3 s |" in written
    assert "old" not in written
