"""Invalid usage of ``check`` results in exit code 2 and a message that says what to do."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from dev.certificates.forms import PASSPHRASE
from server_certificate.reading.files import MAX_FILE_BYTES
from support.command import AT, run, write_parts

if TYPE_CHECKING:
    from pathlib import Path

    from dev.certificates.authority import Issued


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "There is nothing to read. Provide a certificate, a bundle or a folder, or use"),
        (["--chain", "a"], "--chain can't be used alone. Add the certificate or the bundle."),
        (["--private-key", "a", "--chain", "b"], "--chain and --private-key can't be used alone"),
        (["--bundle", "a", "--certificate", "b"], "--bundle and --certificate can't be combined"),
        (
            ["--chain", "a", "."],
            "--chain and --private-key complete a single certificate or bundle.",
        ),
        (["--chain", "-", "-"], "Standard input ('-') can only be used once"),
        (["--certificate", "a", "b"], "--certificate can't be combined with the target 'b'."),
        (["--passphrase-file", "a", "--passphrase-env", "B", "c"], "can't be combined."),
        (
            ["--certificate", "-", "--chain", "-"],
            "only be used once, but is used by --certificate and --chain",
        ),
        (["--certificate", "-", "--passphrase-file", "-"], "--certificate and --passphrase-file"),
        (["--passphrase-file", "-", "-"], "Standard input ('-') can only be used once"),
        (["-", "-"], "Standard input ('-') can only be used once"),
        (
            ["--chain", "-", "--chain", "-"],
            "only be used once, but is used by --chain and --chain.",
        ),
        (
            ["--certificate", "a", "--certificate", "b"],
            "'--certificate': the option can only be used once.",
        ),
        (
            ["--passphrase-env", "A", "--passphrase-env", "B", "c"],
            "the option can only be used once.",
        ),
        (["--at", "tomorrow", "a"], "'tomorrow' is not a time in RFC 3339 format with a time zone"),
        (["--at", "2030-06-15T12:00:00", "a"], "such as 2030-06-15T12:00:00Z"),
        (["--at", "2030-06-15", "a"], "such as 2030-06-15T12:00:00Z"),
        (["--at", "2030-02-30T12:00:00Z", "a"], "is not a time in RFC 3339"),
        (["--at", "0001-01-01T00:00:00+23:59", "a"], "is not a time in RFC 3339"),
        (["--ignore", "chain-gapp", "a"], "no finding 'chain-gapp'; did you mean 'chain-gap'?"),
        (["--ignore", "a,b", "c"], "Use --ignore once for each code."),
        (
            ["--ignore", "certificate-expired", "a"],
            "can't be acknowledged, because its cause has to be fixed",
        ),
        (["--for", "apache", "a"], "'apache' is not one of"),
        (["--expiry-days", "-1", "a"], "-1 is not in the range"),
        (["--passphrase", "secret", "a"], "--passphrase-file"),
    ],
)
@pytest.mark.usefixtures("here")
def test_wrong_usage_is_told(words: list[str], told: str) -> None:
    """Invalid options result in exit code 2, a message, and a hint at the help."""
    ended = run("check", *words)
    assert (ended.code, ended.out) == (2, "")
    assert told in ended.err
    assert "Try 'server-certificate check --help'." in ended.err


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["check", ""], "'[TARGET]...'"),
        (["check", "good", ""], "'[TARGET]...'"),
        (["convert", "--output", "out", ""], "'[TARGET]'"),
        (["store", "--secret", "www", ""], "'[TARGET]'"),
        (["inspect", "good/certificate.pem", ""], "'FILE...'"),
        (["inspect", "--passphrase-file", "", "a"], "'--passphrase-file'"),
        (["check", "--certificate", ""], "'--certificate'"),
        (["check", "--certificate", "a", "--private-key", ""], "'--private-key'"),
        (["check", "--certificate", "a", "--chain", ""], "'--chain'"),
        (["check", "--bundle", ""], "'--bundle'"),
        (["check", "--passphrase-file", "", "a"], "'--passphrase-file'"),
        (["check", "--passphrase-env", "", "a"], "'--passphrase-env'"),
    ],
)
def test_empty_word_is_not_the_present_folder(
    good: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], named: str
) -> None:
    """An argument that is empty because of an unset variable is an error."""
    monkeypatch.chdir(good)
    ended = run(*words)
    assert (ended.code, ended.out) == (2, "")
    assert (
        f"Invalid value for {named}: the value is empty, possibly because of an unset variable."
        in ended.err
    )


def test_missing_file_is_told(here: Path, leaf: Issued) -> None:
    """A missing file is reported with the folder in which it was searched."""
    (here / "cert.pem").write_text(leaf.pem)
    ended = run("check", "--certificate", "cert.pem", "--private-key", "missing.pem")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("Error: 'missing.pem': it does not exist (current directory: '")


@pytest.mark.parametrize("name", ["folder", "pipe", "large"])
def test_what_is_no_readable_file_is_told(here: Path, name: str) -> None:
    """Folders, pipes and files that are too large are errors, without waiting."""
    (here / "folder").mkdir()
    os.mkfifo(here / "pipe")
    with (here / "large").open("wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)
    ended = run("check", "--certificate", name)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith(f"Error: '{name}': it ")
    assert ended.err.count("\n") == 1


@pytest.mark.parametrize(
    "words", [["check"], ["check", "--certificate"], ["inspect"]], ids=" ".join
)
def test_name_that_is_too_long_is_told(words: list[str]) -> None:
    """Impossible file names are not an internal error."""
    ended = run(*words, "x" * 5_000)
    assert (ended.code, ended.out) == (2, "")
    assert "it can't be read: File name too long." in ended.err


def test_folder_after_an_option_is_told_where_it_goes(here: Path) -> None:
    """For a folder instead of a certificate file, the error says how to check a folder."""
    (here / "folder").mkdir()
    ended = run("check", "--certificate", "folder")
    assert ended.code == 2
    assert "To check a folder, name it without an option." in ended.err


def test_standard_input_has_a_limit() -> None:
    """Standard input has the same size limit as a file."""
    assert run("check", "-", stdin=b"x" * MAX_FILE_BYTES).code == 1
    ended = run("check", "-", stdin=b"x" * (MAX_FILE_BYTES + 1))
    assert ended.code == 2
    assert "'standard input': it is larger than the limit of 4,194,304 bytes." in ended.err


def test_name_of_a_file_with_control_characters_is_spelled() -> None:
    """An error quotes arguments without control characters."""
    ended = run("check", "\x1b[31mred.pem")
    assert ended.code == 2
    assert r"'\x1b[31mred.pem'" in ended.err
    assert "\x1b" not in ended.err


class TestPassphrases:
    """The sources of passphrases, and their errors."""

    @pytest.fixture
    def encrypted(self, here: Path, leaf: Issued) -> list[str]:
        """Return the arguments that check a certificate with an encrypted private key."""
        write_parts(here / "www", leaf)
        (here / "www/private-key.pem").write_text(leaf.key_pem(password=PASSPHRASE))
        return ["check", "www", *AT]

    @pytest.mark.parametrize("ending", ["", "\n", "\r\n", "\r", "\n\n", "\nanother line\n"])
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
    def test_file_is_read_whatever_wrote_it(
        self, here: Path, encrypted: list[str], ending: str, encoding: str
    ) -> None:
        """Line breaks and the encodings of Windows don't change the passphrase."""
        (here / "passphrase").write_bytes(f"{PASSPHRASE}{ending}".encode(encoding))
        ended = run(*encrypted, "--passphrase-file", "passphrase")
        assert ended.code == 0
        assert "~ fixable private-key-encrypted:" in ended.out

    @pytest.mark.parametrize("command", ["check", "inspect"])
    def test_what_may_be_wrong_with_it_is_told(
        self, here: Path, encrypted: list[str], command: str
    ) -> None:
        """Spaces are part of the passphrase, and are reported if it is wrong."""
        (here / "passphrase").write_text(f"{PASSPHRASE} \nnote")
        words = encrypted if command == "check" else ["inspect", "www/private-key.pem"]
        ended = run(*words, "--passphrase-file", "passphrase")
        assert ended.code == 1
        assert "error passphrase-wrong:" in ended.out
        assert "It ends with white space, which was kept. Its source has 2 lines" in ended.out
        assert "Options: --passphrase-file, --passphrase-env" in ended.out

    def test_variable_and_standard_input(self, encrypted: list[str]) -> None:
        """A passphrase can come from an environment variable or from standard input."""
        assert run(*encrypted, "--passphrase-env", "P", env={"P": PASSPHRASE}).code == 0
        assert run(*encrypted, "--passphrase-file", "-", stdin=f"{PASSPHRASE}\n".encode()).code == 0

    def test_none_at_all_is_an_error_of_the_material(self, encrypted: list[str]) -> None:
        """Without a passphrase, the finding is about the private key, and usage is valid."""
        ended = run(*encrypted)
        assert ended.code == 1
        assert "error passphrase-missing:" in ended.out

    @pytest.mark.parametrize(
        ("content", "told"),
        [
            (b"", "is empty"),
            (b"\n", "is empty"),
            (b"\xef\xbb\xbf\r\n", "is empty"),
            (
                b"P\xe4sswort",
                "is not UTF-8 text; it may have another encoding, such as Latin-1",
            ),
            (b"P\x00w\x00", "contains null bytes"),
            (b"\nsecret", "begins with an empty line"),
            (b"x" * 4097, "it has 4,097 bytes; the limit is 4,096."),
        ],
    )
    def test_file_without_a_passphrase_is_told(
        self, here: Path, encrypted: list[str], content: bytes, told: str
    ) -> None:
        """A file without a passphrase is an error that names the option, not the file."""
        (here / "secret-name").write_bytes(content)
        ended = run(*encrypted, "--passphrase-file", "secret-name")
        assert (ended.code, ended.out) == (2, "")
        assert told in ended.err
        assert "--passphrase-file" in ended.err

    @pytest.mark.parametrize("option", ["--passphrase-file", "--passphrase-env"])
    def test_passphrase_in_place_of_a_name_is_not_repeated(
        self, encrypted: list[str], option: str
    ) -> None:
        """A passphrase instead of a name is an error that doesn't quote it."""
        ended = run(*encrypted, option, PASSPHRASE)
        assert (ended.code, ended.out) == (2, "")
        assert "Don't pass a passphrase itself on the command line" in ended.err
        assert PASSPHRASE not in ended.err

    def test_empty_variable_is_told(self, encrypted: list[str]) -> None:
        """An empty variable is an error."""
        ended = run(*encrypted, "--passphrase-env", "P", env={"P": ""})
        assert ended.code == 2
        assert "is empty. If there is no passphrase, omit the option" in ended.err
