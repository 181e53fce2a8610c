"""``convert``: the files it writes, and when it writes nothing."""

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
    """Return the files of a folder, including hidden files."""
    return {path.name for path in folder.iterdir()}


@pytest.fixture
def bundle(here: Path, leaf: Issued) -> list[str]:
    """Return the arguments that convert a bundle."""
    (here / "www.p12").write_bytes(leaf.pkcs12(PASSPHRASE))
    (here / "passphrase").write_text(PASSPHRASE)
    return ["convert", *AT, "--bundle", "www.p12", "--passphrase-file", "passphrase"]


def test_bundle_becomes_three_files(here: Path, bundle: list[str], leaf: Issued) -> None:
    """The parts are written in IAM's format, and the report lists them."""
    ended = run(*bundle, "--output", "www")
    assert ended.code == 0
    assert names(here / "www") == ALL
    assert (here / "www/certificate.pem").read_text() == leaf.pem
    assert (here / "www/certificate-chain.pem").read_text() == leaf.chain_pem()
    assert (here / "www/private-key.pem").read_text() == leaf.key_pem()
    assert "~ fixable pkcs12:" in ended.out
    assert ended.lines[-4:] == [
        "✓ Converted: 1 fixed.",
        "written www/certificate.pem",
        "written www/certificate-chain.pem",
        "written www/private-key.pem  (only you can read it)",
    ]


@pytest.mark.usefixtures("bundle")
def test_what_was_written_is_accepted_as_it_is(bundle: list[str]) -> None:
    """The output folder of convert passes a strict check."""
    run(*bundle, "--output", "www")
    ended = run("check", "www", *AT, "--strict", "--json")
    assert ended.code == 0
    assert ended.target["findings"] == []


def test_nobody_else_can_read_the_key(here: Path, bundle: list[str]) -> None:
    """The private key has mode 0600 and a new folder 0700, regardless of the umask."""
    before = os.umask(0)
    try:
        run(*bundle, "--output", "www")
    finally:
        os.umask(before)
    assert stat.S_IMODE((here / "www/private-key.pem").stat().st_mode) == 0o600
    assert stat.S_IMODE((here / "www/certificate.pem").stat().st_mode) == 0o644
    assert stat.S_IMODE((here / "www").stat().st_mode) == 0o700


def test_chain_is_put_in_order(here: Path, leaf: Issued) -> None:
    """Certificates are split, sorted and deduplicated, and line ends are LF."""
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
    """Valid input is written unchanged, also from a folder."""
    ended = run("convert", *AT, good, "--output", "copy")
    assert ended.code == 0
    assert "✓ Converted: no changes were needed." in ended.lines
    for name in ALL:
        assert (here / "copy" / name).read_bytes() == (good / name).read_bytes()


def test_certbot_folder_is_converted(here: Path, leaf: Issued) -> None:
    """A folder from certbot is a target, too."""
    write_certbot(here / "live", leaf)
    assert run("convert", *AT, "live", "--output", "www").code == 0
    assert names(here / "www") == ALL


def test_no_chain_means_no_file(here: Path) -> None:
    """A self-signed certificate has no chain file."""
    write_parts(here / "self", self_signed())
    run("convert", *AT, "self", "--output", "www")
    assert names(here / "www") == {"certificate.pem", "private-key.pem"}


def test_error_writes_nothing(here: Path, authority: Authority) -> None:
    """Rejected input has the same report as check, and the folder is not created."""
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
    """Without a certificate, nothing is written."""
    (here / "key.pem").write_text(leaf.key_pem())
    monkeypatch.setattr(Assessment, "accepted", True)
    ended = run("convert", *AT, "key.pem", "--output", "www", *form)
    assert (ended.code, ended.err) == (1, "")
    assert not (here / "www").exists()


def test_files_in_the_way_are_kept(here: Path, bundle: list[str]) -> None:
    """Without --force, existing files stay, and nothing else is written."""
    (here / "www").mkdir()
    (here / "www/private-key.pem").write_text("precious")
    ended = run(*bundle, "--output", "www")
    assert (ended.code, ended.out) == (2, "")
    assert "'www/private-key.pem' already exists. Nothing was written." in ended.err
    assert "--force" in ended.err
    assert names(here / "www") == {"private-key.pem"}
    assert (here / "www/private-key.pem").read_text() == "precious"


def test_input_is_not_overwritten_by_accident(good: Path, leaf: Issued) -> None:
    """To convert in place, --force is required, and the error says which files are the input."""
    (good / "private-key.pem").write_text(leaf.key_pem(password=PASSPHRASE))
    words = ["convert", *AT, good, "--passphrase-env", "P", "--output", good]
    ended = run(*words, env={"P": PASSPHRASE})
    assert ended.code == 2
    assert "certificate.pem' (the input of --certificate)" in ended.err
    assert run(*words, "--force", env={"P": PASSPHRASE}).code == 0
    assert (good / "private-key.pem").read_text() == leaf.key_pem()
    assert names(good) == ALL


def test_force_replaces_and_makes_the_key_private(here: Path, bundle: list[str]) -> None:
    """With --force, files are replaced, and a readable private key becomes private."""
    run(*bundle, "--output", "www")
    key = here / "www/private-key.pem"
    key.write_text("old")
    key.chmod(0o644)
    assert run(*bundle, "--output", "www", "--force").code == 0
    assert key.read_text().startswith("-----BEGIN PRIVATE KEY-----")
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert names(here / "www") == ALL


def test_chain_of_an_earlier_run_does_not_stay(here: Path, bundle: list[str]) -> None:
    """The chain of another certificate is removed."""
    run(*bundle, "--output", "www")
    write_parts(here / "self", self_signed())
    words = ["convert", *AT, "self", "--output", "www"]
    assert "'www/certificate-chain.pem'" in run(*words).err
    ended = run(*words, "--force")
    assert ended.code == 0
    assert "removed www/certificate-chain.pem  (chain of another certificate)" in ended.lines
    assert names(here / "www") == {"certificate.pem", "private-key.pem"}


def test_key_that_is_there_is_left_alone(here: Path, bundle: list[str], leaf: Issued) -> None:
    """Without a private key in the input, an existing key is kept, and the report says so."""
    run(*bundle, "--output", "www")
    (here / "full.pem").write_text(leaf.fullchain_pem())
    ended = run("convert", *AT, "--certificate", "full.pem", "--output", "www", "--force")
    assert ended.code == 0
    assert "kept    www/private-key.pem  (no private key provided; may not match)" in ended.lines
    assert (here / "www/private-key.pem").read_text() == leaf.key_pem()


def test_links_are_replaced_and_not_followed(here: Path, bundle: list[str]) -> None:
    """A link in place of the key is replaced, and its target is not changed."""
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
        ("a/b", "Can't write to 'a/b': No such file or directory."),
        ("www.p12", "Can't write to 'www.p12': "),
        ("", "--output is empty."),
    ],
)
def test_folder_that_cannot_be_written_into(bundle: list[str], output: str, told: str) -> None:
    """An invalid output folder is an error."""
    ended = run(*bundle, "--output", output)
    assert (ended.code, ended.out) == (2, "")
    assert told in ended.err


@pytest.mark.usefixtures("bundle")
def test_output_must_be_named(bundle: list[str]) -> None:
    """The output folder is required."""
    ended = run(*bundle)
    assert ended.code == 2
    assert "Missing option '--output'" in ended.err


def test_one_at_a_time(here: Path, leaf: Issued) -> None:
    """Several targets are an error that names them."""
    write_certbot(here / "live/a", leaf)
    write_certbot(here / "live/b", leaf)
    ended = run("convert", *AT, "live", "--output", "www")
    assert ended.code == 2
    assert "Convert one certificate at a time. Found several: 'live/a', 'live/b'." in ended.err


def test_unreadable_input_is_told(here: Path) -> None:
    """An unreadable file is an error, and nothing is written."""
    ended = run("convert", "missing.pem", "--output", "www")
    assert (ended.code, ended.out) == (2, "")
    assert "'missing.pem': it does not exist" in ended.err
    assert not (here / "www").exists()


def test_json_says_what_was_written(here: Path, bundle: list[str], authority: Authority) -> None:
    """JSON contains the assessment and the paths of written and removed files."""
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
    """The command that check suggests works unchanged."""
    proposed = run("check", *bundle[1:]).out.splitlines()[-1]
    words = shlex.split(proposed)
    assert words[0] == "server-certificate"
    assert run(*words[1:]).code == 0
    assert names(here / "converted") == ALL
