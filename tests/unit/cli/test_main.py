"""The group: its help, its imports, and its exit codes after errors."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click
import pytest

from server_certificate_cli import main
from server_certificate_cli.errors import BROKEN_PIPE, INTERRUPTED, UNEXPECTED, USAGE
from support.command import AT, run

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "-----BEGIN PRIVATE KEY-----"  # noqa: S105 (it is the head of one only)
COMMANDS = ["check", "inspect", "convert", "explain", "store", "list", "show", "completion"]


def failing(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """Make reading a target raise an unexpected exception."""

    def fail(*_: object, **__: object) -> None:
        raise error

    run("check", "--help")
    monkeypatch.setattr(sys.modules["server_certificate_cli.local.check"], "check_target", fail)


def test_help_names_every_command() -> None:
    """The help lists each command with a description."""
    ended = run("--help")
    assert ended.code == 0
    assert [
        line.split()[0] for line in ended.lines if line.split()[:1] and line.split()[0] in COMMANDS
    ] == COMMANDS


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_an_example(name: str) -> None:
    """Each command exists, and has a help text with usage."""
    ended = run(name, "--help")
    assert ended.code == 0
    assert f"server-certificate {name}" in ended.out
    assert main.group.get_command(click.Context(main.group), name) is not None


def test_nothing_given_shows_the_help() -> None:
    """Without a command, the help is printed on standard error, as invalid usage."""
    ended = run()
    assert (ended.code, ended.out) == (USAGE, "")
    assert "Commands:" in ended.err


def test_version_is_that_of_the_distribution() -> None:
    """--version prints the name and the version."""
    assert run("--version").out.startswith("server-certificate 0.")


@pytest.mark.parametrize(
    ("typed", "answer"), [("chekc", "Did you mean 'check'?"), ("xyz", "Commands: check, inspect,")]
)
def test_unknown_command_is_answered_with_a_near_one(typed: str, answer: str) -> None:
    """An unknown command is an error that suggests a similar one."""
    ended = run(typed)
    assert ended.code == USAGE
    assert f"There is no command '{typed}'. {answer}" in ended.err


def test_unknown_option_of_the_group_is_wrong_usage() -> None:
    """An unknown option is an error with a hint at the help."""
    ended = run("--nonsense")
    assert ended.code == USAGE
    assert "--nonsense" in ended.err
    assert "Try 'server-certificate --help'." in ended.err


def test_mistake_of_the_command_shows_neither_traceback_nor_message(
    good: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An unexpected exception is reported in one sentence, without its message."""
    failing(monkeypatch, ValueError(SECRET))
    ended = run("check", good, env={"SERVER_CERTIFICATE_DEBUG": None})
    assert (ended.code, ended.out) == (UNEXPECTED, "")
    assert ended.err.count("\n") == 1
    assert "Internal error (ValueError). To see where, set SERVER_CERTIFICATE_DEBUG=1" in ended.err


def test_debugging_shows_where_but_no_message(good: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the debug variable, the traceback is shown, but not the message."""
    failing(monkeypatch, KeyError(SECRET))
    ended = run("check", good, env={"SERVER_CERTIFICATE_DEBUG": "1"})
    assert ended.code == UNEXPECTED
    assert "check.py" in ended.err
    assert SECRET not in ended.err


@pytest.mark.parametrize(
    ("error", "code"), [(KeyboardInterrupt(), INTERRUPTED), (BrokenPipeError(), BROKEN_PIPE)]
)
def test_interrupts_and_broken_pipes_are_quiet(
    good: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int
) -> None:
    """After Ctrl-C, and if the reader of the output ends, nothing is printed."""
    failing(monkeypatch, error)
    ended = run("check", good)
    assert (ended.code, ended.out, ended.err) == (code, "", "")


def test_full_disk_is_told(good: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Output that can't be written is an error."""
    failing(monkeypatch, OSError(28, "No space left on device"))
    ended = run("check", good)
    assert ended.code == USAGE
    assert ended.err == "Error: The output can't be written: No space left on device.\n"


def test_error_about_a_file_nobody_foresaw_is_a_mistake(
    good: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error about a file is not reported as an error of the output."""
    failing(monkeypatch, OSError(5, "Input/output error", "key.pem"))
    ended = run("check", good, *AT)
    assert ended.code == UNEXPECTED
    assert "Internal error (OSError)" in ended.err
