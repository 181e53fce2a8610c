"""Shell completion."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from server_certificate.rules.registry import RULES
from support.command import run

if TYPE_CHECKING:
    from support.screens import Screens


def completed(line: str) -> list[str]:
    """Return bash's completions for the last word of a line."""
    words = line.split(" ")
    ended = run(
        env={
            "_SERVER_CERTIFICATE_COMPLETE": "bash_complete",
            "COMP_WORDS": line,
            "COMP_CWORD": str(len(words) - 1),
        }
    )
    assert ended.code == 0
    return ended.out.split()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_script_is_printed(shell: str) -> None:
    """The script contains the name of the command and its variable."""
    ended = run("completion", shell)
    assert ended.code == 0
    assert f"_SERVER_CERTIFICATE_COMPLETE={shell}_complete" in ended.out
    assert "server-certificate" in ended.out


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_terminal_gets_the_line_that_installs_it(screens: Screens, shell: str) -> None:
    """On a terminal, nobody wants to read the script: what to do with it is printed."""
    shown, code = screens.show("completion", shell, width=80)
    assert code == 0
    assert f"server-certificate completion {shell}" in shown
    assert "COMPLETE" not in shown
    if shell == "fish":
        screens.compare("completion", "completion", shell)


def test_other_shells_are_refused() -> None:
    """An unsupported shell is an error that lists the supported ones."""
    ended = run("completion", "tcsh")
    assert ended.code == 2
    assert "'bash', 'zsh', 'fish'" in ended.err


def test_missing_shell_is_told_on_one_line() -> None:
    """Without a shell, the error lists the supported ones, without control characters."""
    ended = run("completion")
    assert ended.code == 2
    message = ended.err.splitlines()[0]
    assert message.endswith("Choose from: bash, zsh, fish")


def test_commands_and_options_are_completed() -> None:
    """Subcommands and their options are completed."""
    assert completed("server-certificate con") == ["plain,convert"]
    assert "plain,--passphrase-file" in completed("server-certificate check --pass")


def test_consumers_are_completed() -> None:
    """The consumers are completed for --for."""
    offered = completed("server-certificate check --for cloud")
    assert offered == ["plain,cloudfront", "plain,cloudfront-china"]


def test_codes_that_can_be_ignored_are_completed() -> None:
    """For --ignore, only codes that can be acknowledged are completed."""
    offered = completed("server-certificate check --ignore c")
    expected = [
        f"plain,{code}"
        for code, rule in RULES.items()
        if code.startswith("c") and rule.acknowledged is not None
    ]
    assert offered == expected
    assert "plain,certificate-expired" not in offered


@pytest.mark.parametrize("place", ["--certificate ", "--passphrase-file ", "", "--bundle "])
def test_files_are_completed_by_the_shell(place: str) -> None:
    """For options with files, the shell completes file names."""
    assert [item.partition(",")[0] for item in completed(f"server-certificate check {place}x")] == [
        "file"
    ]
