"""The group: its help, what it imports, and how the command ends when something goes wrong."""

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
COMMANDS = ["check", "inspect", "convert", "store", "list", "show", "completion"]


def failing(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """Let reading a target fail in a way that nobody foresaw."""

    def fail(*_: object, **__: object) -> None:
        raise error

    run("check", "--help")
    monkeypatch.setattr(sys.modules["server_certificate_cli.local.check"], "check_target", fail)


def test_help_names_every_command() -> None:
    """The help lists each command with a sentence."""
    ended = run("--help")
    assert ended.code == 0
    assert [
        line.split()[0] for line in ended.lines if line.split()[:1] and line.split()[0] in COMMANDS
    ] == COMMANDS


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_an_example(name: str) -> None:
    """Each command is there, and its help shows how it is used."""
    ended = run(name, "--help")
    assert ended.code == 0
    assert f"server-certificate {name}" in ended.out
    assert main.group.get_command(click.Context(main.group), name) is not None


def test_nothing_given_shows_the_help() -> None:
    """Without a command, the help comes on standard error, and it counts as wrong usage."""
    ended = run()
    assert (ended.code, ended.out) == (USAGE, "")
    assert "Commands:" in ended.err


def test_version_is_that_of_the_distribution() -> None:
    """The version is told after the program's name."""
    assert run("--version").out.startswith("server-certificate 0.")


@pytest.mark.parametrize(
    ("typed", "answer"), [("chekc", "Did you mean 'check'?"), ("xyz", "There are: check, inspect,")]
)
def test_unknown_command_is_answered_with_a_near_one(typed: str, answer: str) -> None:
    """A command that does not exist is answered with what may be meant."""
    ended = run(typed)
    assert ended.code == USAGE
    assert f"There is no command '{typed}'. {answer}" in ended.err


def test_unknown_option_of_the_group_is_wrong_usage() -> None:
    """An option that does not exist ends in a sentence and where the help is."""
    ended = run("--nonsense")
    assert ended.code == USAGE
    assert "--nonsense" in ended.err
    assert "Try 'server-certificate --help'." in ended.err


def test_mistake_of_the_command_shows_neither_traceback_nor_message(
    good: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error that nobody foresaw ends in one sentence without its message."""
    failing(monkeypatch, ValueError(SECRET))
    ended = run("check", good, env={"SERVER_CERTIFICATE_DEBUG": None})
    assert (ended.code, ended.out) == (UNEXPECTED, "")
    assert ended.err.count("\n") == 1
    assert "mistake of its own (ValueError). Set SERVER_CERTIFICATE_DEBUG=1" in ended.err


def test_debugging_shows_where_but_no_message(good: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the variable set, the lines of code are shown, and the message still is not."""
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
    """Ctrl-C and a reader that went away end the command without a word."""
    failing(monkeypatch, error)
    ended = run("check", good)
    assert (ended.code, ended.out, ended.err) == (code, "", "")


def test_full_disk_is_told(good: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Output that can't be written is told in a sentence."""
    failing(monkeypatch, OSError(28, "No space left on device"))
    ended = run("check", good)
    assert ended.code == USAGE
    assert ended.err == "Error: The output cannot be written: No space left on device.\n"


def test_error_about_a_file_nobody_foresaw_is_a_mistake(
    good: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error about a file is not taken for one of the output."""
    failing(monkeypatch, OSError(5, "Input/output error", "key.pem"))
    ended = run("check", good, *AT)
    assert ended.code == UNEXPECTED
    assert "mistake of its own (OSError)" in ended.err
