"""Parsing and writing PEM."""

from __future__ import annotations

import base64

import pytest

from dev.certificates.authority import Authority
from server_certificate import pem

BLOCK = pem.encode("CERTIFICATE", bytes(range(100)))
BEGIN, *_, END = BLOCK.splitlines()


def test_writes_what_openssl_writes() -> None:
    """Lines have 64 characters, LF at their end, and the last one ends with it too."""
    leaf = Authority.root().leaf()
    assert pem.encode("CERTIFICATE", leaf.der) == leaf.pem


@pytest.mark.parametrize(
    "text",
    [
        BLOCK,
        BLOCK.replace("\n", "\r\n"),
        BLOCK.replace("\n", "\r"),
        BLOCK.replace("\n", " \t\n"),
        BLOCK.replace("\n", "\n\n"),
        "\n\n" + BLOCK + "\n",
        " \n" + BLOCK,
        BLOCK.strip(),
        BLOCK.strip() + " ",
        BLOCK * 2,
    ],
    ids=["LF", "CRLF", "CR", "trailing", "empty", "around", "before", "cut", "after", "two"],
)
def test_white_space_at_line_ends_is_nothing(text: str) -> None:
    """White space that IAM strips neither changes the content nor counts as other text."""
    parsed = pem.parse(text)
    assert set(parsed.blocks) == set(pem.parse(BLOCK).blocks)
    assert parsed.blocks[0].der == bytes(range(100))
    assert parsed.blocks[0].is_laid_out
    assert not parsed.has_other_text


@pytest.mark.parametrize(
    "text",
    [
        BLOCK.replace("\n", "\n    "),
        "    " + BLOCK.replace("\n", "\n    "),
        "  " + BLOCK,
        BLOCK.replace("\n", " "),
        BLOCK.replace("\n", ""),
        BLOCK.replace("-----\n", "-----", 1),
        BLOCK.replace("\n-----END", "-----END"),
        BLOCK.replace("\n", "\u00a0\n"),
        BLOCK.replace("\n", "\x0b\n"),
        BLOCK.replace("\n-----END", " \n -----END"),
        BLOCK.strip() + BLOCK,
        pem.encode("CERTIFICATE", bytes(range(100)))
        .replace("\n", "", 2)
        .replace("E-----", "E-----\n", 1),
    ],
    ids=range(12),
)
def test_layout_is_noticed(text: str) -> None:
    """Blocks whose lines were run together, indented or broken oddly are read, and noticed."""
    parsed = pem.parse(text)
    assert parsed.blocks[0].der == bytes(range(100))
    assert not all(block.is_laid_out for block in parsed.blocks)


@pytest.mark.parametrize(("length", "is_laid_out"), [(64, True), (76, True), (77, False)])
def test_lines_have_a_length(length: int, *, is_laid_out: bool) -> None:
    """Lines of 64 characters are usual, of 76 common, and longer ones strange."""
    content = base64.b64encode(bytes(300)).decode()
    lines = [content[start : start + length] for start in range(0, len(content), length)]
    text = "\n".join(["-----BEGIN CERTIFICATE-----", *lines, "-----END CERTIFICATE-----"])
    assert pem.parse(text).blocks[0].is_laid_out == is_laid_out


@pytest.mark.parametrize(
    "text",
    ["\ufeff" + BLOCK, "Certificate:\n    Data:\n" + BLOCK, BLOCK + "# end", BLOCK + "x" + BLOCK],
    ids=["byte order mark", "before", "after", "between"],
)
def test_other_text_is_reported(text: str) -> None:
    """Any other text outside the blocks is noticed."""
    parsed = pem.parse(text)
    assert parsed.has_other_text
    assert {block.der for block in parsed.blocks} == {bytes(range(100))}


@pytest.mark.parametrize("line_break", [r"\n", r"\r\n"])
def test_escaped_line_breaks_are_reported(line_break: str) -> None:
    """The line breaks of a JSON string that was not decoded are read, and noticed."""
    parsed = pem.parse(BLOCK.replace("\n", line_break))
    assert parsed.blocks == pem.parse(BLOCK).blocks
    assert parsed.escapes
    assert not parsed.has_other_text


def test_keeps_the_order_of_the_text() -> None:
    """Blocks are returned in the order of the text."""
    text = "".join(pem.encode("CERTIFICATE", bytes([number])) for number in range(5))
    assert [block.der for block in pem.parse(text).blocks] == [bytes([n]) for n in range(5)]


def test_a_missing_end_line_costs_one_block() -> None:
    """A block without an END line is reported, and the next block is read."""
    first, second = pem.parse(BLOCK.replace(END, "") + BLOCK).blocks
    assert first.problem == f"the line {END!r} is missing"
    assert second.problem is None


def test_a_nested_begin_line_costs_the_outer_block() -> None:
    """If a block contains another block, the inner one is read."""
    outer, inner = pem.parse(f"{BEGIN}\n{BLOCK}{END}\n").blocks
    assert outer.problem == f"the line {END!r} is missing"
    assert inner.der == bytes(range(100))


def test_labels_of_begin_and_end_must_match() -> None:
    """A block whose END line has another label is damaged."""
    (block,) = pem.parse(BLOCK.replace(END, "-----END PRIVATE KEY-----")).blocks
    assert block.problem == "it ends with '-----END PRIVATE KEY-----'"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "it is empty"),
        ("\n \n", "it is empty"),
        ("\nQUJ*\n", "its content is not base64"),
        ("\nQUJD=QUJD\n", "its content is not base64"),
        ("\nQUJ\n", "its content is not base64"),
        ("\nQUJÄ\n", "its content is not base64"),
        ("\nQU\u200bJD\n", "its content is not base64"),
        ("\nProc-Type: 4,ENCRYPTED\n\nQUJD\n", "its headers don't specify its encryption"),
    ],
)
def test_damage_is_named(content: str, problem: str) -> None:
    """Content that can't be decoded is described in a few words."""
    (block,) = pem.parse(f"{BEGIN}{content}{END}").blocks
    assert block.problem == problem
    assert block.der == b""


@pytest.mark.parametrize("label", ["RSA PRIVATE KEY", "EC PRIVATE KEY"])
def test_legacy_encryption_is_noticed(label: str) -> None:
    """A traditional key with Proc-Type and DEK-Info is encrypted, not damaged."""
    headers = "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00"
    (block,) = pem.parse(
        f"-----BEGIN {label}-----\n{headers}\n\nQUJD\n-----END {label}-----"
    ).blocks
    assert block.is_encrypted
    assert block.armor is not None
    assert headers in block.armor


@pytest.mark.parametrize(
    ("label", "is_certificate", "is_private_key"),
    [
        ("CERTIFICATE", True, False),
        ("X509 CERTIFICATE", True, False),
        ("TRUSTED CERTIFICATE", True, False),
        ("CERTIFICATE REQUEST", False, False),
        ("PRIVATE KEY", False, True),
        ("ENCRYPTED PRIVATE KEY", False, True),
        ("RSA PRIVATE KEY", False, True),
        ("OPENSSH PRIVATE KEY", False, True),
        ("PGP PRIVATE KEY BLOCK", False, True),
        ("PUBLIC KEY", False, False),
    ],
)
def test_labels(label: str, *, is_certificate: bool, is_private_key: bool) -> None:
    """Labels tell certificates from private keys of any format, and both from the rest."""
    (block,) = pem.parse(pem.encode(label, b"content")).blocks
    assert (block.is_certificate, block.is_private_key) == (is_certificate, is_private_key)


def test_a_stray_blank_among_crlf_is_read_at_once() -> None:
    """A misplaced blank after thousands of CRLF lines doesn't slow down parsing."""
    lines = "\r\n".join(["-----BEGIN PRIVATE KEY-----", *["QUFB"] * 5_000, " QUFB", ""])
    (block,) = pem.parse(f"{lines}\r\n-----END PRIVATE KEY-----\r\n").blocks
    assert block.problem is None
    assert not block.is_laid_out


@pytest.mark.parametrize("octets", [1, 2, 3, 46, 47, 48, 49, 96, 1_000])
def test_length_is_that_of_the_text(octets: int) -> None:
    """How long a block is in PEM is known without writing it."""
    der = bytes(octets)
    assert pem.length("EC PRIVATE KEY", der) == len(pem.encode("EC PRIVATE KEY", der))
