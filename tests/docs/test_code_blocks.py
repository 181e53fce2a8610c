"""The code blocks of the READMEs and docs/ do what the pages say."""

from __future__ import annotations

import json
import tomllib
from typing import TYPE_CHECKING

import pytest
import yaml

from dev import ROOT
from support import consoles
from support.code_blocks import Page, pages, untested
from support.python_blocks import PASSPHRASE, furnish, run_page
from support.shell_lines import problems

if TYPE_CHECKING:
    from pathlib import Path

PAGES = pages()
SHELLS = ("sh", "bash")
PARSED = ("json", "toml", "yaml")


def with_blocks(*languages: str) -> pytest.MarkDecorator:
    """Run a test for each page that has blocks in one of some languages."""
    found = [
        pytest.param(
            page,
            id=page.name,
            marks=pytest.mark.checkout if page.name.startswith("cli/") else (),
        )
        for page in PAGES
        if page.of(*languages)
    ]
    return pytest.mark.parametrize("page", found)


class _Tolerant(yaml.SafeLoader):
    """Reads CloudFormation's short forms, such as ``!Ref``, as nothing."""


_Tolerant.add_multi_constructor("!", lambda *_: None)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that a page's reader works in, with the files that pages name."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PASSPHRASE", PASSPHRASE)
    return furnish(tmp_path)


def test_every_block_is_tested_or_says_why_not() -> None:
    """Each block names a language that a test knows, or has a mark that leaves it out."""
    tested = ("python", "console", *SHELLS, *PARSED)
    assert [each for page in PAGES for each in untested(page.blocks, tested)] == []


def test_a_block_that_another_test_runs_names_it() -> None:
    """A mark ``run by FILE`` names a file with tests."""
    named = [block.marks["run"] for page in PAGES for block in page.blocks if "run" in block.marks]
    assert [each for each in named if not (ROOT / each.removeprefix("by ")).is_file()] == []


@pytest.mark.usefixtures("here")
@with_blocks("python")
def test_python(page: Page) -> None:
    """Python blocks run, and what they declare synthesizes."""
    run_page(page.of("python"))


@with_blocks(*SHELLS)
def test_shell(page: Page) -> None:
    """Shell blocks name commands, options and files that exist."""
    found = [f"{each.place}: {it}" for each in page.of(*SHELLS) for it in problems(each.text)]
    assert found == []


@with_blocks("console")
def test_console(page: Page, here: Path, pytestconfig: pytest.Config) -> None:
    """Commands print what the page shows."""
    for block in page.blocks:
        if "file" in block.marks:
            (here / block.marks["file"]).write_text(block.text)
    if pytestconfig.getoption("--update-pages", default=False):
        file = ROOT / page.name
        text = consoles.updated(
            file.read_text("utf-8"), consoles.run(page.of("console"), folder=here)
        )
        file.write_text(text, encoding="utf-8")
    else:
        assert consoles.problems(page.of("console"), folder=here) == []


@with_blocks(*PARSED)
def test_data(page: Page) -> None:
    """JSON, TOML and YAML can be parsed."""
    for block in page.of(*PARSED):
        if block.language == "json":
            json.loads(block.text)
        elif block.language == "toml":
            tomllib.loads(block.text)
        else:
            yaml.load(block.text, Loader=_Tolerant)  # noqa: S506 - a SafeLoader
