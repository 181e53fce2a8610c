"""``check``, used in the wrong way: exit code 2, and a sentence that says what to do."""

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
        ([], "There is nothing to read. Give --certificate and --private-key, or --bundle"),
        (["--chain", "a"], "--chain can't be given alone: give --certificate or --bundle, too."),
        (["--private-key", "a", "--chain", "b"], "--chain and --private-key can't be given alone"),
        (["--bundle", "a", "--certificate", "b"], "--certificate can't be given as well."),
        (["--chain", "a", "."], "Only the path of a bundle goes with --chain and --private-key."),
        (["--chain", "-", "-"], "Standard input ('-') can be read once only."),
        (["--certificate", "a", "b"], "Give either --certificate or the path 'b', not both."),
        (["--passphrase-file", "a", "--passphrase-env", "B", "c"], "not both."),
        (["--certificate", "-", "--chain", "-"], "read once only, and --certificate and --chain"),
        (["--certificate", "-", "--passphrase-file", "-"], "--certificate and --passphrase-file"),
        (["--passphrase-file", "-", "-"], "Standard input ('-') can be read once only."),
        (["-", "-"], "Standard input ('-') can be read once only."),
        (["--chain", "-", "--chain", "-"], "read once only, and --chain and --chain want it."),
        (
            ["--certificate", "a", "--certificate", "b"],
            "'--certificate': it is given more than once.",
        ),
        (["--passphrase-env", "A", "--passphrase-env", "B", "c"], "it is given more than once."),
        (["--at", "tomorrow", "a"], "'tomorrow' is not an instant of RFC 3339 with a time zone."),
        (["--at", "2030-06-15T12:00:00", "a"], "Write it like 2030-06-15T12:00:00Z"),
        (["--at", "2030-06-15", "a"], "Write it like 2030-06-15T12:00:00Z"),
        (["--at", "2030-02-30T12:00:00Z", "a"], "is not an instant"),
        (["--at", "0001-01-01T00:00:00+23:59", "a"], "is not an instant"),
        (["--ignore", "chain-gapp", "a"], "no finding 'chain-gapp'; did you mean 'chain-gap'?"),
        (["--ignore", "a,b", "c"], "Give one code for each --ignore."),
        (
            ["--ignore", "certificate-expired", "a"],
            "can't be acknowledged, because the upload would",
        ),
        (["--for", "apache", "a"], "'apache' is not one of"),
        (["--expiry-days", "-1", "a"], "-1 is not in the range"),
        (["--passphrase", "secret", "a"], "--passphrase-file"),
    ],
)
@pytest.mark.usefixtures("here")
def test_wrong_usage_is_told(words: list[str], told: str) -> None:
    """Options that make no sense end in exit code 2 and a sentence, and where the help is."""
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
    """A word that an unset variable left empty is told, even where the folder could be meant."""
    monkeypatch.chdir(good)
    ended = run(*words)
    assert (ended.code, ended.out) == (2, "")
    assert f"Invalid value for {named}: it is empty, as an unset variable makes it." in ended.err


def test_missing_file_is_told(here: Path, leaf: Issued) -> None:
    """A file that does not exist is named, with where it was looked for."""
    (here / "cert.pem").write_text(leaf.pem)
    ended = run("check", "--certificate", "cert.pem", "--private-key", "missing.pem")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("Error: 'missing.pem': it does not exist (current directory: '")


@pytest.mark.parametrize("name", ["folder", "pipe", "large"])
def test_what_is_no_readable_file_is_told(here: Path, name: str) -> None:
    """A folder, a pipe and a file beyond the limit end the same way, without waiting."""
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
    """No file system has such names; that is no mistake of the command."""
    ended = run(*words, "x" * 5_000)
    assert (ended.code, ended.out) == (2, "")
    assert "it can't be read: File name too long." in ended.err


def test_folder_after_an_option_is_told_where_it_goes(here: Path) -> None:
    """Who gives a folder as the certificate is told how folders are given."""
    (here / "folder").mkdir()
    ended = run("check", "--certificate", "folder")
    assert ended.code == 2
    assert "A folder goes without an option before it." in ended.err


def test_standard_input_has_a_limit() -> None:
    """Standard input is not read beyond the limit of a file, and up to it."""
    assert run("check", "-", stdin=b"x" * MAX_FILE_BYTES).code == 1
    ended = run("check", "-", stdin=b"x" * (MAX_FILE_BYTES + 1))
    assert ended.code == 2
    assert "'standard input': it has more than the 4,194,304 bytes that are read." in ended.err


def test_name_of_a_file_with_control_characters_is_spelled() -> None:
    """An error repeats what was typed without acting upon the terminal."""
    ended = run("check", "\x1b[31mred.pem")
    assert ended.code == 2
    assert r"'\x1b[31mred.pem'" in ended.err
    assert "\x1b" not in ended.err


class TestPassphrases:
    """Where passphrases come from, and what may go wrong with them."""

    @pytest.fixture
    def encrypted(self, here: Path, leaf: Issued) -> list[str]:
        """Return the words that check a certificate with an encrypted key."""
        write_parts(here / "www", leaf)
        (here / "www/private-key.pem").write_text(leaf.key_pem(password=PASSPHRASE))
        return ["check", "www", *AT]

    @pytest.mark.parametrize("ending", ["", "\n", "\r\n", "\r", "\n\n", "\nanother line\n"])
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
    def test_file_is_read_whatever_wrote_it(
        self, here: Path, encrypted: list[str], ending: str, encoding: str
    ) -> None:
        """Neither line breaks nor the encodings of Windows belong to the passphrase."""
        (here / "passphrase").write_bytes(f"{PASSPHRASE}{ending}".encode(encoding))
        ended = run(*encrypted, "--passphrase-file", "passphrase")
        assert ended.code == 0
        assert "~ fixable private-key-encrypted:" in ended.out

    @pytest.mark.parametrize("command", ["check", "inspect"])
    def test_what_may_be_wrong_with_it_is_told(
        self, here: Path, encrypted: list[str], command: str
    ) -> None:
        """Blanks belong to the passphrase, and are reported if it opens nothing."""
        (here / "passphrase").write_text(f"{PASSPHRASE} \nnote")
        words = encrypted if command == "check" else ["inspect", "www/private-key.pem"]
        ended = run(*words, "--passphrase-file", "passphrase")
        assert ended.code == 1
        assert "error passphrase-wrong:" in ended.out
        assert "It ends with white space, which was kept. Its source has 2 lines" in ended.out
        assert "Options: --passphrase-file, --passphrase-env" in ended.out

    def test_variable_and_standard_input(self, encrypted: list[str]) -> None:
        """A passphrase comes from an environment variable or from standard input just as well."""
        assert run(*encrypted, "--passphrase-env", "P", env={"P": PASSPHRASE}).code == 0
        assert run(*encrypted, "--passphrase-file", "-", stdin=f"{PASSPHRASE}\n".encode()).code == 0

    def test_none_at_all_is_an_error_of_the_material(self, encrypted: list[str]) -> None:
        """Without a passphrase the key is what is wrong, not the usage."""
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
        """A file that holds no passphrase ends the command; the option is named, not the file."""
        (here / "secret-name").write_bytes(content)
        ended = run(*encrypted, "--passphrase-file", "secret-name")
        assert (ended.code, ended.out) == (2, "")
        assert told in ended.err
        assert "--passphrase-file" in ended.err

    @pytest.mark.parametrize("option", ["--passphrase-file", "--passphrase-env"])
    def test_passphrase_in_place_of_a_name_is_not_repeated(
        self, encrypted: list[str], option: str
    ) -> None:
        """Who gives the passphrase instead of a name is told so, and nothing repeats it."""
        ended = run(*encrypted, option, PASSPHRASE)
        assert (ended.code, ended.out) == (2, "")
        assert "a passphrase itself is never given on the command line" in ended.err
        assert PASSPHRASE not in ended.err

    def test_empty_variable_is_told(self, encrypted: list[str]) -> None:
        """A variable that is set to nothing ends the command."""
        ended = run(*encrypted, "--passphrase-env", "P", env={"P": ""})
        assert ended.code == 2
        assert "names is empty" in ended.err
