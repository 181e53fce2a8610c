"""The command asks for a passphrase on a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from support.command import AT, run

if TYPE_CHECKING:
    from pathlib import Path

    from dev.certificates.authority import Issued
    from support.screens import Screens

PASSPHRASE = "Tr0ub4dor-and-3"  # noqa: S105 (it keeps nothing)


@pytest.fixture
def bundle(here: Path, leaf: Issued) -> str:
    """Return an encrypted bundle in the current folder."""
    (here / "www.pfx").write_bytes(leaf.pkcs12(PASSPHRASE))
    return "www.pfx"


@pytest.mark.parametrize("command", ["check", "inspect"])
def test_passphrase_is_asked_for_and_never_shown(
    screens: Screens, bundle: str, command: str
) -> None:
    """An encrypted bundle is opened with the passphrase that is typed."""
    shown, code = screens.show(command, bundle, width=80, typed=f"{PASSPHRASE}\n")
    assert code == 0
    assert shown.startswith("Passphrase of 'www.pfx': \n")
    assert "www.example.com" in shown
    assert PASSPHRASE not in shown


def test_wrong_passphrase_is_asked_for_once_more(screens: Screens, bundle: str) -> None:
    """After a wrong passphrase there is one more attempt, and then the finding."""
    shown, code = screens.show("check", bundle, width=80, typed=f"wrong\n{PASSPHRASE}\n")
    assert code == 0
    assert "This passphrase is wrong. Passphrase of 'www.pfx': \n" in shown
    shown, code = screens.show("check", bundle, width=80, typed="wrong\nwrong\nwrong\n")
    assert code == 1
    assert shown.count("Passphrase of") == 2
    assert "error passphrase-wrong" in shown


def test_key_with_a_passphrase_names_its_file(screens: Screens, here: Path, leaf: Issued) -> None:
    """The question names the file that is encrypted, also of a folder."""
    (here / "www").mkdir()
    (here / "www/cert.pem").write_text(leaf.pem)
    (here / "www/privkey.pem").write_text(leaf.key_pem(password=PASSPHRASE))
    shown, _ = screens.show("check", "www", width=80, typed=f"{PASSPHRASE}\n")
    assert "Passphrase of 'www/privkey.pem':" in shown
    assert "private-key  EC P-256, encrypted" in shown


def test_nothing_typed_leaves_the_finding(screens: Screens, bundle: str) -> None:
    """An empty answer isn't a passphrase: the report says that one is missing."""
    shown, code = screens.show("check", bundle, width=80, typed="\n")
    assert code == 1
    assert "error passphrase-missing" in shown


def test_end_of_input_ends_as_ctrl_c_does(screens: Screens, bundle: str) -> None:
    """Ctrl-D and Ctrl-C at the question end the command with 130."""
    _, code = screens.show("check", bundle, width=80, typed="")
    assert code == 130


def test_nothing_is_asked_without_a_terminal(bundle: str) -> None:
    """In a script, a missing passphrase is a finding."""
    ended = run("check", bundle, *AT, stdin=PASSPHRASE.encode())
    assert ended.code == 1
    assert "passphrase-missing" in ended.out
    assert "Passphrase of" not in ended.out + ended.err


def test_nothing_is_asked_if_a_passphrase_was_given(
    screens: Screens, here: Path, bundle: str
) -> None:
    """A wrong passphrase of a file is a finding, because nobody may be there to answer."""
    (here / "word").write_text("wrong")
    shown, code = screens.show("check", bundle, "--passphrase-file", "word", width=80)
    assert code == 1
    assert "Passphrase of" not in shown
