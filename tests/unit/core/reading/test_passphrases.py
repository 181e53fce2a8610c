"""Passphrases as files, variables and secrets hold them."""

from __future__ import annotations

import pytest

from server_certificate.reading.passphrases import (
    Passphrase,
    PassphraseUnusableError,
    explain_wrong_passphrase,
    read_passphrase,
)
from server_certificate.reading.rules import PASSPHRASE_MISSING, PASSPHRASE_WRONG

WORD = "corréct horse"


@pytest.mark.parametrize("ending", ["", "\n", "\r\n", "\r", "\n\n", "\r\n\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings_and_line_ends_are_no_part_of_it(encoding: str, ending: str) -> None:
    """Line ends and byte order marks are removed, from bytes as well as text."""
    content = (WORD + ending).encode(encoding)
    assert read_passphrase(content).text == WORD
    if encoding != "utf-16":
        assert read_passphrase(content.decode()).text == WORD


def test_utf_16_of_either_order() -> None:
    """The byte order mark decides the byte order."""
    assert read_passphrase(b"\xff\xfep\x00w\x00").text == "pw"
    assert read_passphrase(b"\xfe\xff\x00p\x00w").text == "pw"


@pytest.mark.parametrize(
    ("content", "text", "note"),
    [
        (b"pw ", "pw ", "It ends with white space, which was kept."),
        (b"\tpw\n", "\tpw", "It begins with white space, which was kept."),
        (b'"pw"', '"pw"', "It is enclosed in quotation marks, which were kept."),
        (b'{"passphrase": "pw"}', '{"passphrase": "pw"}', "It looks like JSON"),
        ("p\u00e4".encode(), "p\u00e4", "It has non-ASCII characters"),
        (b"pw\nmore\n", "pw", "Its source has 2 lines, but only the first was used."),
        (b"\xef\xbb\xbfpw", "pw", "A byte order mark before it was ignored."),
        (b"\xff\xfep\x00", "p", "It was read as UTF-16"),
    ],
)
def test_what_may_be_wrong_is_noticed(content: bytes, text: str, note: str) -> None:
    """Characters that may belong to the passphrase are kept, and anything unusual is noted."""
    passphrase = read_passphrase(content)
    assert passphrase.text == text
    assert note in " ".join(passphrase.notes)


def test_usual_one_has_no_notes() -> None:
    """A passphrase on one line has no notes."""
    assert read_passphrase(b"correct horse\n") == Passphrase("correct horse")


@pytest.mark.parametrize("content", ["", b"", "\n", b"\r\n", b"\xef\xbb\xbf", b"\xff\xfe"])
def test_nothing_is_an_empty_one(content: str | bytes) -> None:
    """Empty content is an empty passphrase, which some bundles have."""
    assert read_passphrase(content).text == ""


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"p\xe4ss", "is not UTF-8 text; it may have another encoding, such as Latin-1"),
        (b"\xff\xfep", "is not UTF-8 text"),
        ("p\udce4ss", "is not UTF-8 text"),
        (b"p\x00w\x00", "contains null bytes"),
        (b"\xff\xfe\x00\x00p\x00\x00\x00", "contains null bytes"),
        (b"\npw", "begins with an empty line"),
    ],
)
def test_what_is_none_is_refused(content: str | bytes, problem: str) -> None:
    """Content that can't be a passphrase is refused without quoting it."""
    with pytest.raises(PassphraseUnusableError, match=problem):
        read_passphrase(content)


def test_only_a_wrong_passphrase_is_explained() -> None:
    """Notes are added only to findings about a wrong passphrase."""
    wrong, missing = (
        rule.finding("bundle", "x.") for rule in (PASSPHRASE_WRONG, PASSPHRASE_MISSING)
    )
    told = explain_wrong_passphrase([wrong, missing], ("It ends with a blank.",))
    assert told[0].fix == f"{wrong.fix} About the passphrase: It ends with a blank."
    assert told[1] == missing
    assert explain_wrong_passphrase([wrong], ()) == (wrong,)
