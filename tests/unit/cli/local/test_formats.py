"""``convert`` to one file: PKCS#12, and the JSON that ``store`` writes."""

from __future__ import annotations

import json
import stat
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.serialization import pkcs12

from support.command import AT, run

if TYPE_CHECKING:
    from pathlib import Path

    from dev.certificates.authority import Issued
    from support.screens import Screens

PASSPHRASE = "n3w-Tr0ub4dor"  # noqa: S105 (it keeps nothing)
NEW = ("--output-passphrase-env", "NEW")


@pytest.mark.usefixtures("good")
def test_pkcs12_holds_everything_and_is_encrypted(here: Path, leaf: Issued) -> None:
    """The bundle has leaf, chain and key, can be opened by others, and only by its passphrase."""
    words = ("convert", "good", *AT, "--format", "pkcs12", "--output", "www.pfx", *NEW)
    ended = run(*words, env={"NEW": PASSPHRASE})
    assert ended.code == 0
    assert ended.lines[-1] == "written www.pfx  (only you can read it)"
    assert stat.S_IMODE((here / "www.pfx").stat().st_mode) == 0o600
    content = (here / "www.pfx").read_bytes()
    opened = pkcs12.load_pkcs12(content, PASSPHRASE.encode())
    assert opened.cert is not None
    assert opened.cert.certificate == leaf.certificate
    assert [each.certificate for each in opened.additional_certs] == list(leaf.issuers)
    with pytest.raises(ValueError, match="Invalid password"):
        pkcs12.load_pkcs12(content, b"other")
    assert (
        run("check", "www.pfx", *AT, "--passphrase-env", "NEW", env={"NEW": PASSPHRASE}).code == 0
    )


@pytest.mark.usefixtures("good")
def test_json_is_what_store_writes(here: Path, leaf: Issued) -> None:
    """The JSON has the fields of a secret, and the command reads it again."""
    ended = run("convert", "good", *AT, "--format", "json", "--output", "new/www.json", "--json")
    assert (ended.code, ended.json["written"]) == (0, ["new/www.json"])
    assert json.loads((here / "new/www.json").read_text()) == {
        "certificate": leaf.pem,
        "privateKey": leaf.key_pem(),
        "certificateChain": leaf.chain_pem(),
    }
    assert stat.S_IMODE((here / "new/www.json").stat().st_mode) == 0o600
    assert run("check", "new/www.json", *AT).code == 0


@pytest.mark.usefixtures("good")
def test_existing_file_is_only_replaced_by_force(here: Path) -> None:
    """An existing file is an error without --force."""
    words = ("convert", "good", *AT, "--format", "json", "--output", "www.json")
    (here / "www.json").write_text("mine")
    ended = run(*words)
    assert ended.code == 2
    assert "'www.json' already exists. Nothing was written." in ended.err
    assert (here / "www.json").read_text() == "mine"
    assert run(*words, "--force").code == 0
    assert (here / "www.json").read_text() != "mine"
    assert sorted(path.name for path in here.iterdir()) == ["good", "www.json"]


def test_key_is_required(good: Path) -> None:
    """Without a private key, one file isn't enough for anything, so nothing is written."""
    (good / "private-key.pem").unlink()
    ended = run("convert", "good", *AT, "--format", "json", "--output", "www.json")
    assert ended.code == 2
    assert "--format json requires the private key. Add --private-key." in ended.err
    assert not (good.parent / "www.json").exists()


def test_new_passphrase_is_typed_twice(screens: Screens, good: Path) -> None:
    """On a terminal, the passphrase is asked for twice, and never shown."""
    words = ("convert", "good", "--format", "pkcs12", "--output", "www.pfx")
    shown, code = screens.show(*words, width=80, typed=f"{PASSPHRASE}\nother\n")
    assert (code, "the passphrases differ" in shown) == (2, True)
    shown, code = screens.show(*words, width=80, typed="\n")
    assert (code, "no passphrase was typed" in shown) == (2, True)
    assert not (good.parent / "www.pfx").exists()
    shown, code = screens.show(*words, width=80, typed=f"{PASSPHRASE}\n{PASSPHRASE}\n")
    assert code == 0
    assert PASSPHRASE not in shown
    assert (good.parent / "www.pfx").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["pkcs12", "--output", "a.p12"],
            "--format pkcs12 requires a passphrase for the new file.",
        ),
        (["pkcs12", "--output", "good", *NEW], "--output 'good' is not a file."),
        (["json", "--output", "-"], "--output '-' is not a file."),
        (["json", "--output", ""], "--output is empty."),
        (["json", "--output", "a.json", *NEW], "--output-passphrase-env requires --format pkcs12."),
        (["pem", "--output", "a", *NEW], "--output-passphrase-env requires --format pkcs12."),
        (["p12", "--output", "a.p12"], "'p12' is not one of 'pem', 'pkcs12', 'json'"),
        (["", "--output", "a.p12"], "'' is not one of 'pem', 'pkcs12', 'json'"),
        (
            ["pkcs12", "--output", "a.p12", *NEW, "--output-passphrase-file", "a"],
            "--output-passphrase-file and --output-passphrase-env can't be combined.",
        ),
        (
            ["pkcs12", "--output", "a.p12", "--output-passphrase-env", "NOT_SET"],
            "The environment variable of --output-passphrase-env is not set.",
        ),
        (
            ["pkcs12", "--output", "a.p12", "--output-passphrase-file", "missing"],
            "The file of --output-passphrase-file can't be used: it does not exist.",
        ),
        (
            ["pkcs12", "--output", "a.p12", "--output-passphrase-file", "good/empty"],
            "The file of --output-passphrase-file is empty.",
        ),
    ],
)
def test_wrong_usage(good: Path, words: list[str], message: str) -> None:
    """Options that don't fit each other are errors, and nothing is written."""
    (good / "empty").write_text("")
    before = sorted(good.parent.rglob("*"))
    ended = run("convert", "good", *AT, "--format", *words, env={"NEW": PASSPHRASE})
    assert (ended.code, ended.out) == (2, "")
    assert message in ended.err
    assert sorted(good.parent.rglob("*")) == before


def test_standard_input_is_used_once(here: Path, leaf: Issued) -> None:
    """Material and the new passphrase can't both come from standard input."""
    words = ("convert", "--bundle", "-", "--format", "pkcs12", "--output", "a.p12")
    ended = run(*words, "--output-passphrase-file", "-", stdin=leaf.pkcs12(None))
    assert ended.code == 2
    assert "Standard input ('-') can only be used once" in ended.err
    ended = run("convert", "-", *words[3:], "--output-passphrase-file", "-", stdin=b"")
    assert "Standard input ('-') can only be used once" in ended.err
    assert list(here.iterdir()) == []


@pytest.mark.usefixtures("good")
def test_screens(screens: Screens, here: Path) -> None:
    """The report of a conversion fits the terminal, and says who can read what."""
    screens.compare("convert", "convert", "good", "--output", "www", "--force")
    words = ("convert", "good", "--format", "json", "--output", "www.json", "--force")
    screens.compare("convert-json", *words)
    assert (here / "www/private-key.pem").exists()
