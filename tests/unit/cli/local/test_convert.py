"""``convert``: what is written, and when nothing is."""

from __future__ import annotations

import os
import shlex
import stat
from typing import TYPE_CHECKING

import pytest

from dev.certificates.authority import Fault, self_signed, to_pem
from dev.certificates.forms import PASSPHRASE
from server_certificate.assessment import Assessment
from support.command import AT, run, write_certbot, write_parts

if TYPE_CHECKING:
    from pathlib import Path

    from dev.certificates.authority import Authority, Issued

ALL = {"certificate.pem", "certificate-chain.pem", "private-key.pem"}


def names(folder: Path) -> set[str]:
    """Return what is in a folder, hidden files included."""
    return {path.name for path in folder.iterdir()}


@pytest.fixture
def bundle(here: Path, leaf: Issued) -> list[str]:
    """Return the words that convert a bundle."""
    (here / "www.p12").write_bytes(leaf.pkcs12(PASSPHRASE))
    (here / "passphrase").write_text(PASSPHRASE)
    return ["convert", *AT, "--bundle", "www.p12", "--passphrase-file", "passphrase"]


def test_bundle_becomes_three_files(here: Path, bundle: list[str], leaf: Issued) -> None:
    """The parts are written the way IAM takes them, and told with what was changed."""
    ended = run(*bundle, "--output", "www")
    assert ended.code == 0
    assert names(here / "www") == ALL
    assert (here / "www/certificate.pem").read_text() == leaf.pem
    assert (here / "www/certificate-chain.pem").read_text() == leaf.chain_pem()
    assert (here / "www/private-key.pem").read_text() == leaf.key_pem()
    assert "~ fixable pkcs12:" in ended.out
    assert ended.lines[-4:] == [
        "✓ Converted: 1 fixable.",
        "written www/certificate.pem",
        "written www/certificate-chain.pem",
        "written www/private-key.pem  (only you can read it)",
    ]


@pytest.mark.usefixtures("bundle")
def test_what_was_written_is_accepted_as_it_is(bundle: list[str]) -> None:
    """The folder that convert writes passes a strict check."""
    run(*bundle, "--output", "www")
    ended = run("check", "www", *AT, "--strict", "--json")
    assert ended.code == 0
    assert ended.json["findings"] == []


def test_nobody_else_can_read_the_key(here: Path, bundle: list[str]) -> None:
    """The key has mode 0600 and a new folder 0700, whatever the umask allows."""
    before = os.umask(0)
    try:
        run(*bundle, "--output", "www")
    finally:
        os.umask(before)
    assert stat.S_IMODE((here / "www/private-key.pem").stat().st_mode) == 0o600
    assert stat.S_IMODE((here / "www/certificate.pem").stat().st_mode) == 0o644
    assert stat.S_IMODE((here / "www").stat().st_mode) == 0o700


def test_chain_is_put_in_order(here: Path, leaf: Issued) -> None:
    """What is lossless is done: split, reordered, without the repeated leaf, with LF."""
    text = to_pem(*reversed(leaf.chain())) + leaf.pem
    (here / "chain.pem").write_text(text.replace("\n", "\r\n"))
    (here / "cert.pem").write_text(f"subject=CN=www\n{leaf.pem}")
    ended = run(
        "convert", *AT, "--certificate", "cert.pem", "--chain", "chain.pem", "--output", "."
    )
    assert ended.code == 0
    assert (here / "certificate.pem").read_bytes() == leaf.pem.encode()
    assert (here / "certificate-chain.pem").read_bytes() == leaf.chain_pem().encode()
    assert not (here / "private-key.pem").exists()


def test_nothing_to_change_is_said(here: Path, good: Path) -> None:
    """Good material is written as it is, from a folder just as well."""
    ended = run("convert", *AT, good, "--output", "copy")
    assert ended.code == 0
    assert "✓ Converted: nothing had to be changed." in ended.lines
    for name in ALL:
        assert (here / "copy" / name).read_bytes() == (good / name).read_bytes()


def test_certbot_folder_is_converted(here: Path, leaf: Issued) -> None:
    """A folder of certbot is a target, too."""
    write_certbot(here / "live", leaf)
    assert run("convert", *AT, "live", "--output", "www").code == 0
    assert names(here / "www") == ALL


def test_no_chain_means_no_file(here: Path) -> None:
    """A self-signed certificate has no chain, and no file for one."""
    write_parts(here / "self", self_signed())
    run("convert", *AT, "self", "--output", "www")
    assert names(here / "www") == {"certificate.pem", "private-key.pem"}


def test_error_writes_nothing(here: Path, authority: Authority) -> None:
    """Material that is rejected is reported as check does, and not even the folder is made."""
    write_parts(here / "old", authority.leaf("www.example.com", fault=Fault.EXPIRED))
    ended = run("convert", *AT, "old", "--output", "www")
    assert ended.code == 1
    assert ended.lines[-2:] == ["✗ Rejected: 1 error.", "Nothing was written."]
    assert ended.out.startswith(run("check", "old", *AT).out)
    assert not (here / "www").exists()


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_nothing_to_write_makes_no_folder(
    here: Path, leaf: Issued, monkeypatch: pytest.MonkeyPatch, form: list[str]
) -> None:
    """Without a certificate nothing is written, whatever the verdict on the rest."""
    (here / "key.pem").write_text(leaf.key_pem())
    monkeypatch.setattr(Assessment, "accepted", True)
    ended = run("convert", *AT, "key.pem", "--output", "www", *form)
    assert (ended.code, ended.err) == (1, "")
    assert not (here / "www").exists()


def test_files_in_the_way_are_kept(here: Path, bundle: list[str]) -> None:
    """Without --force nothing that exists is overwritten, and nothing else is written either."""
    (here / "www").mkdir()
    (here / "www/private-key.pem").write_text("precious")
    ended = run(*bundle, "--output", "www")
    assert (ended.code, ended.out) == (2, "")
    assert "'www/private-key.pem' exists, and nothing was written." in ended.err
    assert "--force" in ended.err
    assert names(here / "www") == {"private-key.pem"}
    assert (here / "www/private-key.pem").read_text() == "precious"


def test_input_is_not_overwritten_by_accident(good: Path, leaf: Issued) -> None:
    """Converting in place needs --force; what is in the way is told to be the input."""
    (good / "private-key.pem").write_text(leaf.key_pem(password=PASSPHRASE))
    words = ["convert", *AT, good, "--passphrase-env", "P", "--output", good]
    ended = run(*words, env={"P": PASSPHRASE})
    assert ended.code == 2
    assert "certificate.pem' (given as --certificate)" in ended.err
    assert run(*words, "--force", env={"P": PASSPHRASE}).code == 0
    assert (good / "private-key.pem").read_text() == leaf.key_pem()
    assert names(good) == ALL


def test_force_replaces_and_makes_the_key_private(here: Path, bundle: list[str]) -> None:
    """With --force files are replaced; a key that everybody could read becomes private."""
    run(*bundle, "--output", "www")
    key = here / "www/private-key.pem"
    key.write_text("old")
    key.chmod(0o644)
    assert run(*bundle, "--output", "www", "--force").code == 0
    assert key.read_text().startswith("-----BEGIN PRIVATE KEY-----")
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert names(here / "www") == ALL


def test_chain_of_an_earlier_run_does_not_stay(here: Path, bundle: list[str]) -> None:
    """A certificate without a chain does not get the chain of another one beside it."""
    run(*bundle, "--output", "www")
    write_parts(here / "self", self_signed())
    words = ["convert", *AT, "self", "--output", "www"]
    assert "'www/certificate-chain.pem'" in run(*words).err
    ended = run(*words, "--force")
    assert ended.code == 0
    assert "removed www/certificate-chain.pem  (the chain of another certificate)" in ended.lines
    assert names(here / "www") == {"certificate.pem", "private-key.pem"}


def test_key_that_is_there_is_left_alone(here: Path, bundle: list[str], leaf: Issued) -> None:
    """Without a key to write, one that is there stays, even with --force, and that is said."""
    run(*bundle, "--output", "www")
    (here / "full.pem").write_text(leaf.fullchain_pem())
    ended = run("convert", *AT, "--certificate", "full.pem", "--output", "www", "--force")
    assert ended.code == 0
    assert "left    www/private-key.pem  (no key was given; does it match?)" in ended.lines
    assert (here / "www/private-key.pem").read_text() == leaf.key_pem()


def test_links_are_replaced_and_not_followed(here: Path, bundle: list[str]) -> None:
    """A link in the key's place is replaced; where it leads, nothing is written."""
    (here / "elsewhere").write_text("untouched")
    (here / "www").mkdir()
    (here / "www/private-key.pem").symlink_to(here / "elsewhere")
    (here / "www/certificate.pem").symlink_to(here / "nowhere")
    assert run(*bundle, "--output", "www").code == 2
    assert run(*bundle, "--output", "www", "--force").code == 0
    assert (here / "elsewhere").read_text() == "untouched"
    assert not (here / "nowhere").exists()
    assert not (here / "www/private-key.pem").is_symlink()


@pytest.mark.parametrize(
    ("output", "told"),
    [
        ("a/b", "'a/b': it can't be written into: No such file or directory."),
        ("www.p12", "'www.p12': it can't be written into: "),
        ("", "--output is empty."),
    ],
)
def test_folder_that_cannot_be_written_into(bundle: list[str], output: str, told: str) -> None:
    """A folder that can't be made, or is none, ends in a sentence."""
    ended = run(*bundle, "--output", output)
    assert (ended.code, ended.out) == (2, "")
    assert told in ended.err


@pytest.mark.usefixtures("bundle")
def test_output_must_be_named(bundle: list[str]) -> None:
    """Where a private key is written to is never guessed."""
    ended = run(*bundle)
    assert ended.code == 2
    assert "Missing option '--output'" in ended.err


def test_one_at_a_time(here: Path, leaf: Issued) -> None:
    """Several targets are refused with their names, for there is one folder only."""
    write_certbot(here / "live/a", leaf)
    write_certbot(here / "live/b", leaf)
    ended = run("convert", *AT, "live", "--output", "www")
    assert ended.code == 2
    assert "Convert one at a time. There are: 'live/a', 'live/b'." in ended.err


def test_unreadable_input_is_told(here: Path) -> None:
    """A file that can't be read ends in a sentence, and nothing is written."""
    ended = run("convert", "missing.pem", "--output", "www")
    assert (ended.code, ended.out) == (2, "")
    assert "'missing.pem': it does not exist" in ended.err
    assert not (here / "www").exists()


def test_json_says_what_was_written(here: Path, bundle: list[str], authority: Authority) -> None:
    """For machines the object of check comes with the paths that were written and removed."""
    ended = run(*bundle, "--output", "www", "--json")
    assert ended.json["accepted"] is True
    assert ended.json["written"] == [
        "www/certificate.pem",
        "www/certificate-chain.pem",
        "www/private-key.pem",
    ]
    assert ended.json["removed"] == []
    write_parts(here / "old", authority.leaf("www.example.com", fault=Fault.EXPIRED))
    rejected = run("convert", *AT, "old", "--output", "new", "--json")
    assert rejected.code == 1
    assert rejected.json["written"] == []


def test_proposed_command_does_what_it_says(here: Path, bundle: list[str]) -> None:
    """The command that check proposes can be run as it is."""
    proposed = run("check", *bundle[1:]).out.splitlines()[-1]
    words = shlex.split(proposed)
    assert words[0] == "server-certificate"
    assert run(*words[1:]).code == 0
    assert names(here / "converted") == ALL
