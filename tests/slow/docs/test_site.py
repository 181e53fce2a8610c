"""The documentation site: it builds without a warning, and a browser needs nothing else to show it."""

from __future__ import annotations

import re
import shutil
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from dev import ROOT
from dev.tools import docs_site

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [pytest.mark.checkout, pytest.mark.network]

LOADED = {
    "audio": "src",
    "iframe": "src",
    "img": "src",
    "link": "href",
    "script": "src",
    "source": "src",
}
"""The attribute by which an element makes a browser fetch something."""


class Loads(HTMLParser):
    """Collects the addresses that a browser fetches to show a page."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note the address of an element that loads something."""
        address = dict(attrs).get(LOADED.get(tag, ""))
        if address:
            self.addresses.append(address)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built from the checkout."""
    output = tmp_path_factory.mktemp("site") / "html"
    assert docs_site.main(["--output", str(output)]) == 0
    return output


def test_every_page_is_built(site: Path) -> None:
    """Each Markdown page in docs/ becomes a page of the site."""
    pages = {path.relative_to(ROOT / "docs") for path in (ROOT / "docs").rglob("*.md")}
    assert pages
    assert [
        page for page in sorted(pages) if not (site / page.with_suffix(".html")).is_file()
    ] == []


def test_loads_nothing_from_elsewhere(site: Path) -> None:
    """No page fetches a script, a style, a font or a picture from another host."""
    found = []
    for page in site.rglob("*.html"):
        loads = Loads()
        loads.feed(page.read_text("utf-8"))
        found += [each for each in loads.addresses if re.match(r"(\w+:)?//", each)]
    for style in site.rglob("*.css"):
        found += re.findall(
            r"(?:@import|url\()\W*((?:https?:)?//[^\s)]+)", style.read_text("utf-8")
        )
    assert found == []


@pytest.mark.parametrize("package", ["cdk_iam_server_certificate", "server_certificate"])
def test_reference_has_every_public_name(site: Path, package: str) -> None:
    """The API reference documents each name that the packages export."""
    page = (site / "reference/api.html").read_text("utf-8")
    (source,) = ROOT.glob(f"*/{package}/__init__.py")
    _, _, exports = source.read_text("utf-8").partition("__all__ = ")
    names = re.findall(r'^    "(\w+)",$', exports, re.MULTILINE)
    assert names
    assert [name for name in names if f'id="{package}.{name}"' not in page] == []


def test_what_leads_nowhere_fails_the_build(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """Links to no page and no heading, a page in no table of contents: each fails the build."""
    docs_site.install()
    for folder in ("constructs", "lambda"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    for file in (*ROOT.glob("*.md"), *ROOT.glob("*.toml"), ROOT / "LICENSE"):
        shutil.copy(file, tmp_path)
    for folder in ("docs", "tests", "examples", "local_cloud"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=ignored)
    page = "# Lost\n\n[page](no-such-page.md), [heading](tutorial.md#no-such-heading)\n"
    (tmp_path / "docs/lost.md").write_text(page)
    assert not docs_site.build(tmp_path / "html", source=tmp_path / "docs")
    complaints = capfd.readouterr().err
    for complaint in ("no-such-page", "no-such-heading", "isn't included in any toctree"):
        assert complaint in complaints


def test_without_a_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """If the packages for the build can't be downloaded, one sentence says so."""
    monkeypatch.setattr(docs_site, "ENVIRONMENT", tmp_path / "environment")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    monkeypatch.setenv("PIP_RETRIES", "1")
    monkeypatch.setenv("PIP_NO_CACHE_DIR", "1")
    monkeypatch.delenv("PIP_EXTRA_INDEX_URL", raising=False)
    assert docs_site.main([]) == 1
    (sentence,) = capfd.readouterr().err.strip().splitlines()
    assert sentence.startswith("The documentation: the index can't be reached")
