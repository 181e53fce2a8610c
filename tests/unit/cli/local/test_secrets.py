"""No output contains a private key or a passphrase."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import pytest

from dev.certificates.authority import Fault, self_signed
from dev.certificates.keys import KeyType
from server_certificate.assessment import assess
from support.command import AT, run, write_parts

if TYPE_CHECKING:
    from pathlib import Path

    from dev.certificates.authority import Authority, Issued
    from server_certificate.assessment import Assessment, Criteria, Given

PASSPHRASE = "Tr0ub4dor-and-3"  # noqa: S105 (it keeps nothing)
LONG_ENOUGH = 12


def secrets_of(issued: Issued) -> set[str]:
    """Return short pieces of a private key, in every format in which it could appear."""
    der = issued.key_der()
    value = issued.private_key.private_numbers().private_value
    number = value.to_bytes(32)
    forms = {
        base64.b64encode(der).decode(),
        "".join(issued.key_pem("sec1").splitlines()[1:-1]),
        number.hex(),
        number.hex(":"),
        str(value),
    }
    pieces = {
        form[start : start + LONG_ENOUGH]
        for form in forms
        for start in range(len(form) - LONG_ENOUGH + 1)
    }
    # The public key is part of the private key and of the certificate.
    public = "".join(issued.pem.splitlines()) + base64.b64encode(issued.der).decode()
    header = base64.b64encode(der).decode()[:48]
    return {piece for piece in pieces if piece not in public and piece not in header}


@pytest.fixture
def secret(here: Path, authority: Authority) -> Issued:
    """Return a certificate in the current folder: its parts, encrypted and not, and bundles."""
    issued = authority.leaf("www.example.com")
    write_parts(here, issued)
    write_parts(here / "old", authority.leaf("www.example.com", fault=Fault.EXPIRED))
    (here / "encrypted.pem").write_text(issued.key_pem(password=PASSPHRASE))
    (here / "bundle.p12").write_bytes(issued.pkcs12(PASSPHRASE))
    (here / "plain.p12").write_bytes(issued.pkcs12(None))
    (here / "all.pem").write_text(issued.key_pem() + issued.fullchain_pem())
    (here / "broken.pem").write_text(issued.key_pem()[:-60] + issued.pem)
    (here / "key.txt").write_text("".join(issued.key_pem().splitlines()[1:-1]))
    (here / "passphrase").write_text(PASSPHRASE)
    return issued


def test_search_finds_a_key(secret: Issued) -> None:
    """The tests below can find the key in files that contain it, and only there."""
    pieces = secrets_of(secret)
    assert any(piece in secret.key_pem("pkcs8") for piece in pieces)
    assert any(piece in secret.key_pem("sec1") for piece in pieces)
    assert not any(piece in secret.fullchain_pem() for piece in pieces)


CERTIFICATE = ["--certificate", "certificate.pem"]
WITH = ["--passphrase-file", "passphrase"]
WRONG = ["--passphrase-env", "WRONG"]


@pytest.mark.parametrize("form", [[], ["--json"]], ids=["text", "json"])
@pytest.mark.parametrize(
    "words",
    [
        ["check", "."],
        ["check", ".", "old", "-v"],
        ["check", *CERTIFICATE, "--private-key", "encrypted.pem", *WITH],
        ["check", *CERTIFICATE, "--private-key", "encrypted.pem", *WRONG],
        ["check", *CERTIFICATE, "--private-key", "encrypted.pem"],
        ["check", *CERTIFICATE, "--private-key", "key.txt"],
        ["check", *CERTIFICATE, "--private-key", "all.pem"],
        ["check", *CERTIFICATE, "--private-key", "broken.pem"],
        ["check", "--certificate", "private-key.pem"],
        ["check", "--certificate", "all.pem", "--chain", "private-key.pem"],
        ["check", "--certificate", "key.txt", "--name", "n", "--path", "p"],
        ["check", "bundle.p12", *WITH],
        ["check", "bundle.p12", *WRONG],
        ["check", "plain.p12", *WITH],
        ["check", "key.txt"],
        ["check", "passphrase"],
        ["inspect", "bundle.p12", *WITH],
        ["inspect", "all.pem", "broken.pem", "key.txt", "encrypted.pem", "passphrase"],
        ["convert", "bundle.p12", *WITH, "--output", "out"],
        ["convert", "broken.pem", "--output", "out"],
        ["convert", ".", "--output", "."],
        ["convert", ".", "--output", ".", "--force"],
        ["check", ".", "--passphrase-file", PASSPHRASE],
        ["check", ".", "--passphrase-env", PASSPHRASE],
        ["check", ".", f"--passphrase={PASSPHRASE}"],
        ["check", ".", "--passphrase-file", "passphrase", "--passphrase-env", PASSPHRASE],
    ],
    ids=" ".join,
)
def test_nothing_of_the_key_is_written(words: list[str], form: list[str], secret: Issued) -> None:
    """Neither output contains a line of the private key or the passphrase."""
    at = [] if words[0] == "inspect" else AT
    ended = run(*words, *at, *form, env={"WRONG": "not the passphrase"})
    written = ended.out + ended.err
    assert written
    assert PASSPHRASE not in written
    assert {piece for piece in secrets_of(secret) if piece in written} == set()


def test_mistakes_with_the_key_in_hand_do_not_show_it(
    secret: Issued, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An exception with the private key in its message and variables doesn't reveal it."""
    run("check", "--help")

    def fail(given: Given, criteria: Criteria) -> Assessment:
        found = assess(given, criteria)
        raise RuntimeError(secret.key_pem(), found)

    monkeypatch.setattr("server_certificate_cli.local.checking.assess", fail)
    for debug in (None, "1"):
        ended = run("check", ".", *AT, env={"SERVER_CERTIFICATE_DEBUG": debug})
        assert ended.code == 70
        assert {piece for piece in secrets_of(secret) if piece in ended.err} == set()


FORMS_OF_A_WORD = ["{}", "--name={}", "--unknown={}", "./{}"]


@pytest.mark.parametrize("form", FORMS_OF_A_WORD)
@pytest.mark.parametrize(
    "words",
    [
        ["check", "--certificate", "{}"],
        ["check", "--bundle", "{}"],
        ["check", "{}"],
        ["check", ".", "--name", "{}"],
        ["check", ".", "--path", "{}"],
        ["check", ".", "--for", "{}"],
        ["check", ".", "--at", "{}"],
        ["check", ".", "--ignore", "{}"],
        ["check", ".", "--expiry-days", "{}"],
        ["check", ".", "--passphrase-env", "{}"],
        ["check", ".", "--passphrase-file", "{}"],
        ["convert", ".", "--output", "{}"],
        ["inspect", "{}"],
        ["store", ".", "--secret", "{}"],
        ["store", ".", "--secret", "www", "--tag", "{}"],
        ["store", ".", "--secret", "www", "--tag", "key={}"],
        ["store", ".", "--secret", "www", "--kms-key-id", "{}"],
        ["store", ".", "--secret", "www", "--profile", "{}"],
        ["store", ".", "--secret", "www", "--region", "{}"],
        ["show", "{}"],
        ["completion", "{}"],
        ["{}"],
    ],
    ids=" ".join,
)
def test_key_on_the_command_line_is_not_repeated(
    words: list[str], form: str, secret: Issued
) -> None:
    """A private key in place of a name, an option or a command is not quoted."""
    for key in (secret.key_pem(), "".join(secret.key_pem().splitlines()[1:-1])):
        ended = run(*(word.replace("{}", form.replace("{}", key)) for word in words))
        assert ended.code == 2
        assert "contains the text of a private key or a certificate" in ended.err
        written = ended.out + ended.err
        assert {piece for piece in secrets_of(secret) if piece in written} == set()


def test_option_is_named(secret: Issued) -> None:
    """The error names the option with the private key."""
    for words in (["--name", secret.key_pem()], [f"--name={secret.key_pem()}"]):
        assert "Error: The value of --name contains" in run("check", ".", *words).err


def test_name_of_a_file_may_be_a_line_of_a_key(here: Path) -> None:
    """A single line of a private key is not quoted either."""
    line = self_signed(key_type=KeyType.RSA).key_pem().splitlines()[7]
    ended = run("check", line)
    assert ended.code == 2
    assert line not in ended.err
    (here / "folder").mkdir()
    (here / "folder" / line.replace("/", "+")).touch()
    (here / "folder" / "a.pfx").touch()
    for form in ([], ["--json"]):
        ended = run("check", "folder", *form)
        assert line.replace("/", "+") not in ended.out + ended.err
        assert "not shown" in ended.out
