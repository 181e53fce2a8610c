"""What tests the code blocks finds what is wrong with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support import consoles
from support.code_blocks import MarkError, parse, untested
from support.consoles import matches
from support.python_blocks import BlockError, furnish, run_page
from support.shell_lines import commands, problems

if TYPE_CHECKING:
    from pathlib import Path

DECLARED = """
from cdk_iam_server_certificate import ServerCertificate
ServerCertificate(self, "Certificate", material=material)
"""

PARAMETRIZED = """
import pytest
@pytest.mark.parametrize("x", [1, 2])
def test_x(x):
    called.append(x)
    assert x < 3
"""


def fenced(language: str, text: str, *marks: str) -> str:
    """Write a block with marks before it."""
    comments = "".join(f"<!-- test: {mark} -->\n" for mark in marks)
    return f"Text.\n\n{comments}```{language}\n{text.strip()}\n```\n"


def run_python(*blocks: str) -> None:
    """Run the Python blocks of a page."""
    run_page(parse("".join(blocks), "page.md").of("python"))


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with material, in which the blocks run."""
    monkeypatch.chdir(tmp_path)
    return furnish(tmp_path)


def test_blocks_are_found_with_line_language_and_marks() -> None:
    """A block knows its place and its marks; one in a list loses its indentation."""
    text = (
        "# Title\n\n<!-- test: given vpc -->\n\n```python\nx = 1\n```\n\n* ```sh\n  make\n  ```\n"
    )
    first, second = parse(text.replace("* ```", "*\n  ```"), "page.md").blocks
    assert (first.place, first.language, first.marks) == ("page.md:6", "python", {"given": "vpc"})
    assert (second.language, second.text) == ("sh", "make\n")


@pytest.mark.parametrize(
    "text",
    [
        fenced("text", "x", "skip"),
        fenced("text", "x", "ignore: because"),
        "<!-- test: skip: because -->\n\nText.\n\n" + fenced("text", "x"),
        "<!-- test: skip: because -->\n",
    ],
    ids=["no-reason", "unknown", "text-between", "no-block"],
)
def test_a_mark_that_means_nothing_is_refused(text: str) -> None:
    """A mark has a known word, a reason, and a block directly after it."""
    with pytest.raises(MarkError):
        parse(text, "page.md")


def test_a_block_that_no_test_looks_at_needs_a_mark() -> None:
    """A language that no test knows, and none at all, are named; a reason excuses them."""
    page = parse(
        fenced("", "x")
        + fenced("hcl", "x")
        + fenced("hcl", "x", "skip: Terraform")
        + fenced("sh", "x"),
        "page.md",
    )
    assert untested(page.blocks, ["sh"]) == ["page.md:4: no language", "page.md:9: hcl"]


@pytest.mark.usefixtures("here")
def test_python_runs_in_stacks_of_their_own() -> None:
    """Two blocks can use the same id; what is imported in one is known in the next."""
    run_python(
        fenced("python", DECLARED, "given material"),
        fenced(
            "python", 'ServerCertificate(self, "Certificate", material=material)', "given material"
        ),
        fenced("python", 'assert self.node.find_child("Certificate")', "continues"),
    )


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(
    "block",
    [
        fenced("python", "vpc"),
        fenced("python", "def"),
        fenced("python", DECLARED.replace("material=", "path='www', material="), "given material"),
        fenced("python", "x = 1", "fails: TypeError"),
        fenced("python", "def test_x():\n    assert False"),
        fenced("python", "called = []\n" + PARAMETRIZED.replace("< 3", "< 2")),
    ],
    ids=["undefined", "syntax", "synthesis", "no-failure", "test", "parametrized-test"],
)
def test_python_that_fails_is_found(block: str) -> None:
    """An undefined name, a failed synthesis, a failure that doesn't happen, a failed test."""
    with pytest.raises((BlockError, SyntaxError)):
        run_python(block)


@pytest.mark.usefixtures("here")
def test_python_that_should_fail_does() -> None:
    """A block can show an error; its message is compared."""
    wrong = DECLARED.replace("material=", "path='www', material=")
    run_python(fenced("python", wrong, "given material", "fails: path"))
    with pytest.raises(BlockError, match="fails without"):
        run_python(fenced("python", wrong, "given material", "fails: no such words"))


def test_tests_are_called() -> None:
    """A test that a block defines is called, with each of its parameters."""
    run_python(
        fenced("python", "called = []"),
        fenced("python", PARAMETRIZED),
        fenced("python", "assert called == [1, 2]"),
    )


@pytest.mark.parametrize(
    "line",
    [
        "make no-such-target",
        "make search NO_SUCH_VARIABLE=1",
        "server-certificate chek",
        "server-certificate check --privat-key www.key --certificat www.crt --nope",
        "server-certificate check --for no-such-consumer",
        "python -m dev.no_such_module",
        "python examples/no_such_example.py",
        "cdk deploy --no-such-option",
        "cdk no-such-command",
        "cdk deploy --app 'python examples/no_such_example.py'",
        "aws iam list-no-such-thing",
        "aws iam get-server-certificate --name www",
        "aws no-such-service list-things",
        "openssl no-such-command",
        "pip install 'cdk-iam-server-certificate[no-such-extra]'",
        "no-such-program",
        "cat x | no-such-program",
        'eval "$(server-certificate complete bash)"',
    ],
)
def test_shell_names_what_does_not_exist(line: str) -> None:
    """A program, a command, an option, a choice, a module or a file that isn't there is found."""
    assert len(problems(line)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "make search SEQUENCES=20000",
        "make demo     # a comment",
        "server-certificate check --certificate www.crt \\\n  --private-key www.key --for cloudfront",
        "server-certificate -h",
        "server-certificate show -h",
        'eval "$(server-certificate completion bash)"',
        "aws iam get-server-certificate --server-certificate-name www --query 'a[].b' > out.json",
        "cdk deploy -c name=www --require-approval never",
        'export PATH="$PWD/.venv/bin:$PATH"',
        '(cd / && cdk bootstrap "aws://$CDK_DEFAULT_ACCOUNT/$CDK_DEFAULT_REGION")',
        "KEY=value openssl x509 -in www.crt 2>/dev/null",
        "python -m pytest tests/unit",
    ],
)
def test_shell_that_is_right_passes(text: str) -> None:
    """Comments, continuations, redirections, assignments and substitutions are understood."""
    assert problems(text) == []


def test_shell_is_taken_apart() -> None:
    """Each simple command is checked, with its arguments and without its redirections."""
    text = "A=1 make test && cat < x.txt | grep y > z; (cd dev)"
    assert list(commands(text)) == [["make", "test"], ["cat"], ["grep", "y"], ["cd", "dev"]]


def console(text: str, *marks: str, folder: Path) -> list[str]:
    """Run a console block."""
    return consoles.problems(
        parse(fenced("console", text, *marks), "page.md").of("console"), folder=folder
    )


def test_console_output_is_compared(tmp_path: Path) -> None:
    """What is printed must be what the page shows; the shell keeps its folder and variables."""
    assert console("$ echo one\none\n$ mkdir x && cd x\n$ pwd\n…/x", folder=tmp_path) == []
    (problem,) = console("$ echo one\ntwo", folder=tmp_path)
    assert "prints\none\n" in problem


def test_console_exit_codes_are_compared(tmp_path: Path) -> None:
    """A command that fails is a problem, unless the page says so."""
    assert console("$ true\n$ sh -c 'exit 3'", "exit 3", folder=tmp_path) == []
    (problem,) = console("$ false", folder=tmp_path)
    assert "exit code 1" in problem
    assert console("$ true", "exit 1", folder=tmp_path) != []


def test_console_that_ends_early_is_found(tmp_path: Path) -> None:
    """A block that ends the shell leaves the others untested."""
    assert "ended early" in console("$ exit 0\n$ true", folder=tmp_path)[-1]


def test_wildcards() -> None:
    """A line ``...`` stands for any lines, ``…`` for any text in a line."""
    assert matches("a\n...\nd", "a\nb\nc\nd\n")
    assert matches("id … of 3", "id 17 of 3\n")
    assert not matches("a\nd", "a\nb\nd\n")
    assert not matches("id … of 3", "id 17\nof 3\n")
    assert not matches("", "a\n")


def test_what_varies_is_not_compared() -> None:
    """A page may show other dates, days, ids, numbers and columns than those of today."""
    shown = "44 days left, until 2027-01-21T09:00:00Z   ASCA4CFQMT5WBOI27RE2H"
    assert matches(shown, "1,044 days left, until 2031-10-01T01:00:00Z  ASCAUPG2S6ZJDN7TSSFEB")
    assert not matches(shown, shown.replace("left", "over"))


def test_outputs_can_be_updated(tmp_path: Path) -> None:
    """What a command prints replaces what the page showed, and nothing else of it."""
    text = fenced("console", "$ echo one\ntwo\n$ echo x\nx\n$ true\nthree") + "two\n"
    blocks = parse(text, "page.md").of("console")
    done = consoles.run(blocks, folder=tmp_path)
    assert consoles.updated(text, done) == text.replace("two\n$", "one\n$").replace("three\n", "")


def test_outputs_of_a_failure_are_not_taken_over(tmp_path: Path) -> None:
    """A command with another exit code is not what the page should show."""
    text = fenced("console", "$ no-such-program\nfine")
    done = consoles.run(parse(text, "page.md").of("console"), folder=tmp_path)
    assert consoles.updated(text, done) == text
