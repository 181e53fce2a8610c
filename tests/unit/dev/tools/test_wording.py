"""The check finds the wording of its table in prose, and nowhere else."""

from __future__ import annotations

import subprocess
import tomllib
from pathlib import Path
from typing import Any, Final

import pytest

from dev.tools import wording

ROWS: Final[list[dict[str, Any]]] = tomllib.loads(wording.TABLE.read_text("utf-8"))["tic"]
TICS: Final = wording.read_table()

# Assembled here, because the check reads this file, too.
TIC: Final = "be" + "side"
SPLIT: Final = ("is", "sa" + "id")


def _rows(name: str, source: str) -> list[int]:
    return [finding.row for finding in wording.findings(Path(name), source, TICS)]


@pytest.mark.parametrize("number", range(len(ROWS)))
def test_each_pattern_finds_its_examples(number: int) -> None:
    """Every example of what to avoid is found by its own pattern."""
    for example in ROWS[number]["finds"]:
        assert list(TICS[number].matches(example)), example


@pytest.mark.parametrize("number", range(len(ROWS)))
def test_no_pattern_finds_legitimate_uses(number: int) -> None:
    """No pattern reports the examples of legitimate uses, and each exception is needed for one."""
    keeps = ROWS[number].get("keeps", [])
    for example in keeps:
        assert not [tic.words.pattern for tic in TICS if list(tic.matches(example))], example
    words, write, fine = TICS[number].words, TICS[number].write, TICS[number].fine
    for pattern in fine:
        without = wording.Tic(words, write, tuple(each for each in fine if each != pattern))
        assert any(list(without.matches(example)) for example in keeps), pattern.pattern


@pytest.mark.parametrize(
    ("name", "source", "rows"),
    [
        ("a.py", f"a = 1\n# One\n# {TIC} the other.\n", [3]),
        ("a.py", f'"""\nOne\n{TIC} the other.\n"""\n', [3]),
        ("a.py", f'a = "one {TIC} the other"\n', [1]),
        ("a.py", f'a = (\n    "it {SPLIT[0]} "\n    f"{SPLIT[1]} {{a}}"\n)\n', [2]),
        ("a.py", f"# It {SPLIT[0]}\n# {SPLIT[1]} here.\n", [1]),
        ("a.md", f"# Title\n\nIt {SPLIT[0]}\n{SPLIT[1]} here.\n", [3]),
        ("a.md", f"> One {TIC} the other.\n\n| one | {TIC} it |\n", [1, 3]),
        ("a.md", f":::{{note}}\nOne {TIC} the other.\n:::\n", [2]),
        ("a.md", f"```\ncode\n```\nOne {TIC} the other.\n", [4]),
        ("Makefile", f"setup: ## Set up one {TIC} the other.\n", [1]),
        ("a.toml", f'description = "one {TIC} the other"\n', [1]),
    ],
)
def test_prose_is_checked(name: str, source: str, rows: list[int]) -> None:
    """Comments, strings and Markdown are checked, also where a line ends within the words."""
    assert _rows(name, source) == rows


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("a.py", f"{TIC} = here.{TIC}(1)\n"),
        ("a.py", f'a = "{TIC}"\n'),
        ("a.py", f'a = f"The name is {{here.{TIC}}}."\n'),
        ("a.py", f'"""The name is ``{TIC}``."""\n'),
        ("a.py", f"# One.\na = 1\n# {SPLIT[0]}\na = 2\n# {SPLIT[1]}\n"),
        ("a.py", f'call("it {SPLIT[0]}", "{SPLIT[1]} here")\n'),
        ("a.md", f"One.\n```python\none {TIC} the other\n```\nTwo.\n"),
        ("a.md", f"````\n```\none {TIC} the other\n````\n"),
        ("a.md", f"The name is `{TIC}`; see [the page](page.md#{TIC}).\n"),
        ("a.md", f"It {SPLIT[0]}\n\n{SPLIT[1]} here.\n"),
    ],
)
def test_code_is_not_checked(name: str, source: str) -> None:
    """Names, code blocks, code spans and link targets are not prose, nor is what isn't one text."""
    assert _rows(name, source) == []


def test_a_finding_says_what_to_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A line has the file, the row, the words and the replacement; the exit code is 1."""
    _checkout(tmp_path, monkeypatch)
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "page.md").write_text(f"Title\n\nOne {TIC.title()} the other.\n")
    (tmp_path / "ignored.md").write_text(f"One {TIC} the other.\n")
    (tmp_path / ".gitignore").write_text("ignored.md\n")
    assert wording.main([]) == 1
    assert capsys.readouterr().out.splitlines() == [
        f"folder/page.md:3: '{TIC.title()}': write 'next to, as well as, besides'",
        "1 places to reword",
    ]


def test_only_what_is_named_is_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With paths, files elsewhere are left alone; the exit code is 0 if nothing was found."""
    _checkout(tmp_path, monkeypatch)
    (tmp_path / "page.md").write_text(f"One {TIC} the other.\n")
    (tmp_path / "clean.md").write_text("One next to the other.\n")
    (tmp_path / wording.TABLE.name).write_text(f"# One {TIC} the other.\n")
    assert wording.main(["clean.md", wording.TABLE.name]) == 0
    assert capsys.readouterr().out == ""


def test_outside_a_checkout_it_ends_with_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where git can't list files, the check fails with git's reason."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(SystemExit, match=r"git can't list the files to check: .*repository"):
        wording.main([])


def _checkout(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    subprocess.run(["git", "init", "--quiet", str(folder)], check=True)  # noqa: S607
    monkeypatch.chdir(folder)
