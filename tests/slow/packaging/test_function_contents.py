"""The size of the function's code: within its limit, and as `docs/internals/function.md` tells it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from cdk_iam_server_certificate.provider.function_files import function_files
from dev.tools import function_contents
from dev.tools.function_contents import LIMIT, NEWEST, PAGE, archived, main, shares, sizes, total
from dev.tools.lambda_dependencies import ARCHITECTURES

if TYPE_CHECKING:
    from pathlib import Path

END_OF_DIRECTORY = 22
"""Octets of an archive that belong to no file (APPNOTE.TXT 4.3.16)."""

SMALL = 10
"""Kilobytes that a number in the table may be off, and then some: another zlib packs otherwise."""


@pytest.fixture(scope="module", params=ARCHITECTURES)
def files(request: pytest.FixtureRequest) -> dict[str, bytes]:
    """The files of the function, for each architecture."""
    return function_files(request.param, NEWEST)


def test_code_is_within_its_limit(files: dict[str, bytes]) -> None:
    """Zipped, an architecture takes 6 MB at most."""
    assert len(archived(files)) <= LIMIT == 6_100_000


def test_shares_are_the_whole(files: dict[str, bytes]) -> None:
    """Each file is counted once, with all that it takes in the archive."""
    share = total(shares(files).values())
    archive = archived(files)
    assert sizes(archive).keys() == files.keys()
    assert share.files == len(files)
    assert share.octets == sum(map(len, files.values()))
    assert share.zipped == len(archive) - END_OF_DIRECTORY


def test_page_tells_what_is_measured(tmp_path: Path) -> None:
    """What `make pages` would write is what the page says, but for small differences in size."""
    copy = tmp_path / PAGE.name
    copy.write_bytes(PAGE.read_bytes())
    assert main(["--write"], target=copy) == 0
    number = re.compile(r"\b\d[\d,]*\b")
    ours, anew = (path.read_text("utf-8") for path in (PAGE, copy))
    outdated = f"{PAGE.name} is out of date: run 'make pages'"
    assert number.sub("#", ours) == number.sub("#", anew), outdated
    for old, new in zip(number.findall(ours), number.findall(anew), strict=True):
        near = pytest.approx(int(new.replace(",", "")), rel=0.05, abs=SMALL)
        assert int(old.replace(",", "")) == near, outdated


def test_what_stands_around_the_table_stays(tmp_path: Path) -> None:
    """Another table takes the place of the former; the text is ours."""
    page = tmp_path / "page.md"
    page.write_text(f"before\n{function_contents.BEGIN}old\n{function_contents.END}after\n")
    main(["--write"], target=page)
    written = page.read_text("utf-8")
    assert written.startswith("before\n<!--")
    assert written.endswith("-->\nafter\n")
    assert "old" not in written
    assert "| **all** |" in written
    main(["--write"], target=page)
    assert page.read_text("utf-8") == written


def test_too_much_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Code over the limit fails the command, which still prints the table."""
    monkeypatch.setattr(function_contents, "LIMIT", 5_000_000)
    assert main([]) == 1
    assert "| at most |" in capsys.readouterr().out
