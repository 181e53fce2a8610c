"""PEM that mail programs, consoles, editors and encodings changed."""

from __future__ import annotations

import urllib.parse
from typing import TYPE_CHECKING

import pytest

from dev.certificates.authority import Authority
from dev.certificates.keys import KeyType
from server_certificate import pem
from server_certificate.reading.reader import read_certificates, read_private_key
from support.findings import codes, only

if TYPE_CHECKING:
    from collections.abc import Callable

LEAF = Authority.root().leaf()
RSA = Authority.root().leaf(key_type=KeyType.RSA)
LINES = LEAF.pem.splitlines()
PLUS = next(leaf for leaf in iter(Authority.root().leaf, None) if "+" in leaf.pem)
BASE64 = "".join(LINES[1:-1])
NUMBERED = [f"{number:6}\t{line}" for number, line in enumerate(LINES, start=7)]
HEX = LEAF.pem.replace("-", "%2D").replace("\n", "%0a").replace(" ", "%20").replace("+", "%2b")


def labeled(begin: str, end: str | None = None) -> str:
    """Write the leaf between other lines than usual."""
    return "\n".join([begin, *LINES[1:-1], end or begin.replace("BEGIN", "END"), ""])


def filled(content: str) -> str:
    """Write other content between the usual lines."""
    return f"{LINES[0]}{content}{LINES[-1]}\n"


@pytest.mark.parametrize(
    "text",
    [
        labeled("----BEGIN CERTIFICATE----"),
        labeled("------BEGIN CERTIFICATE------"),
        labeled("\u2014\u2014-BEGIN CERTIFICATE-\u2014\u2014"),
        labeled("\u2014BEGIN CERTIFICATE\u2014"),
        labeled("\u2013\u2013\u2013BEGIN CERTIFICATE\u2013\u2013\u2013"),
        labeled("-----begin certificate-----", "-----end certificate-----"),
        labeled("-----Begin Certificate-----", "-----End Certificate-----"),
        labeled("----- BEGIN CERTIFICATE -----"),
        labeled("-----BEGIN  CERTIFICATE-----"),
        labeled("-----BEGIN CERTIFICATE -----"),
        labeled("-----BEGIN\u00a0CERTIFICATE-----"),
        labeled("-----BEGINCERTIFICATE-----"),
        labeled("BEGIN CERTIFICATE"),
        labeled("-----BEGIN CERTIFICATE"),
        labeled("- ----BEGIN CERTIFICATE-----"),
        LEAF.pem.replace("\n", "\u00a0\n"),
        LEAF.pem.replace("\n", "\u200b\n"),
        LEAF.pem.replace("\n", "\u2028"),
        LEAF.pem.replace("\n", "<br>\n"),
        LEAF.pem.replace("\n", "<br />"),
        "".join(f"<p>{line}</p>\n" for line in LINES),
        "".join(f"> {line}\n" for line in LINES),
        "".join(f"# {line}\n" for line in LINES),
        "".join(f"    // {line}\r\n" for line in LINES),
        "".join(f"+{line}\n" for line in LINES),
        " +\n".join(f'"{line}\\n"' for line in LINES),
        "\n".join(f"'{line}'," for line in LINES),
        filled("n" + "".join(f"{line}n" for line in LINES[1:-1])),
        filled("rn" + "".join(f"{line}rn" for line in LINES[1:-1])),
        filled("\nfriendlyName: www\nlocalKeyID: 1\n\n" + "\n".join(LINES[1:-1]) + "\n"),
        filled("\n" + BASE64.rstrip("=") + "\n"),
        filled("\n" + BASE64.rstrip("=") + "===\n"),
        filled("\n" + BASE64.replace("+", "-").replace("/", "_") + "\n"),
        filled("\n" + "=\n".join(line.replace("=", "=3D") for line in LINES[1:-1]) + "\n"),
        LEAF.pem.replace("=", "=3D").replace("\n", "=0D=0A=\n"),
        LEAF.pem.replace("\n", "$\n"),
        LEAF.pem.replace("\n", "^M$\n"),
        LEAF.pem.replace("\n", "^\n"),
        *(LEAF.pem.replace("\n", mark) for mark in ",|;#~"),
        "".join(f"\u2502{line}\u2502\n" for line in LINES),
        "".join(f"\x1b[36m{line}\x1b[0m\n" for line in LINES),
        "".join(f"{line}\n" for line in NUMBERED),
        "".join(f"echo {line} >> it.pem\n" for line in LINES),
        " & vbCrLf & _\n".join(f'"{line}"' for line in LINES),
        pem.encode("CERTIFICATE", LEAF.pem.encode()),
        pem.encode("CERTIFICATE", LEAF.pem.replace("\n", "\r\n").encode()),
        pem.encode("CERTIFICATE", BASE64.encode()),
    ],
    ids=range(51),
)
def test_layout_is_put_right(text: str) -> None:
    """A certificate whose meaning is certain is read, and the layout is reported."""
    certificates, findings = read_certificates(text, subject="certificate")
    assert [certificate.der for certificate in certificates] == [LEAF.der]
    assert (
        {"pem-layout"}
        <= set(codes(findings))
        <= {
            "pem-layout",
            "text-around",
            "escaped-line-breaks",
        }
    )


@pytest.mark.parametrize(
    ("text", "example"),
    [
        (LEAF.pem.replace("\n", r"\n"), r"'\n'"),
        (LEAF.pem.replace("\n", r"\\n"), r"'\n'"),
        (LEAF.pem.replace("\n", r"\\\\r\\\\n"), r"'\n'"),
        (
            LEAF.pem.replace("\n", r"\u000a").replace("+", r"\u002B").replace("=", r"\u003d"),
            r"'\n'",
        ),
        (LEAF.pem.replace("\n", r"\n").replace("/", r"\/"), r"'\n'"),
        (urllib.parse.quote(LEAF.pem), "'%0A'"),
        (urllib.parse.quote_plus(LEAF.pem), "'%0A'"),
        (HEX, "'%0A'"),
        (LEAF.pem.replace("\n", "&#10;").replace("+", "&#43;"), "'&#10;'"),
        (LEAF.pem.replace("\n", "&#xA;\n").replace("=", "&#x3D;"), "'&#10;'"),
        (LEAF.pem.replace(" ", "&nbsp;"), "'&#10;'"),
        (LEAF.pem.replace("\n", r"\x0a").replace("+", r"\x2B"), r"'\n'"),
        (LEAF.pem.replace("\n", r"\015\012"), r"'\n'"),
        (LEAF.pem.replace("\n", "`r`n"), "'`n'"),
        (LEAF.pem.replace("\n", "_x000D_\n"), "'_x000D_'"),
        (urllib.parse.quote(urllib.parse.quote(HEX)), "'%0A'"),
    ],
    ids=range(16),
)
def test_escapes_are_decoded(text: str, example: str) -> None:
    """Text escaped for JSON, URLs or HTML is read, and the finding says what was escaped."""
    certificates, findings = read_certificates(text, subject="certificate")
    assert [certificate.der for certificate in certificates] == [LEAF.der]
    (finding,) = (each for each in findings if each.code == "escaped-line-breaks")
    assert example in finding.message


@pytest.mark.parametrize(
    "change",
    [
        lambda text: f"TLS_KEY='{text}'",
        lambda text: 'export TLS_KEY="' + text.replace("\n", "\\n") + '"',
        lambda text: 'set KEY="' + text.replace("\n", " ") + '"',
        lambda text: "tls.key: |\n  " + text.replace("\n", "\n  "),
        lambda text: text.replace("\n", ""),
        lambda text: text.replace("\n", "\r"),
        lambda text: text.replace("\n", "\r\n", 2),
        lambda text: "Bag Attributes\n    localKeyID: 01\nKey Attributes: <No Attributes>\n" + text,
    ],
    ids=range(8),
)
def test_keys_in_configuration_files(change: Callable[[str], str]) -> None:
    """A key is read from variables and indented blocks, too."""
    key, _ = read_private_key(change(LEAF.key_pem()))
    assert key is not None
    assert key.pem == LEAF.key_pem()


@pytest.mark.parametrize("separator", ["\n", "\r\n", " ", "\\n", "\n    "])
def test_encrypted_keys_keep_their_headers(separator: str) -> None:
    """The headers of a traditional encrypted key are found where the lines were run together."""
    text = RSA.key_pem("pkcs1", password="word").replace("\n", separator)  # noqa: S106 (no secret)
    key, findings = read_private_key(text, passphrase="word")  # noqa: S106 (as above)
    assert key is not None
    assert key.pem == RSA.key_pem("pkcs1")
    assert "private-key-encrypted" in codes(findings)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (LEAF.pem.replace(LINES[-1], ""), f"the line '{LINES[-1]}' is missing"),
        (LEAF.pem[:-20], f"the line '{LINES[-1]}' is missing"),
        (labeled(LINES[0], "-----END X509 CRL-----"), "it ends with '-----END X509 CRL-----'"),
        ("\n".join(LINES[1:]), f"the line '{LINES[0]}' is missing"),
        (filled("\n" + BASE64[:-8] + "\n"), "its content is truncated"),
        (filled("\n" + BASE64[:-7] + "\n"), "its content is not base64"),
        (filled("\n" + BASE64[8:] + "\n"), "its content is not DER"),
        (filled("\n<b>" + BASE64[:-8] + "\n"), "its content is not base64"),
        ("\n".join([*NUMBERED[:-2], NUMBERED[-1]]), "its content is"),
        ("\n".join([*NUMBERED[:-2], "99", NUMBERED[-1]]), "its content is"),
        ("\n".join([*NUMBERED[:3], LINES[3], *NUMBERED[4:]]), "its content is"),
    ],
    ids=range(11),
)
def test_what_is_not_certain_is_refused(text: str, problem: str) -> None:
    """A block that lacks something is not guessed at."""
    certificates, findings = read_certificates(text, subject="certificate")
    assert certificates == ()
    assert codes(findings)[-1] == "unreadable"
    assert problem in findings[-1].message


def test_blanks_that_were_plus_signs() -> None:
    """A form that is decoded twice makes blanks of them; nothing else may be missing."""
    begin, *lines, end, _ = PLUS.pem.split("\n")
    spoilt = [line.replace("+", " ") for line in lines]
    certificates, findings = read_certificates("\n".join([begin, *spoilt, end]), subject="chain")
    assert [certificate.der for certificate in certificates] == [PLUS.der]
    assert codes(findings) == ["pem-layout"]
    for other in ("", "  "):
        text = "\n".join([begin, *(line.replace("+", other) for line in lines), end])
        assert codes(read_certificates(text, subject="chain")[1])[-1] == "unreadable"


def test_a_damaged_block_is_not_dropped_next_to_a_sound_one() -> None:
    """A block with four hyphens counts as much as one with five."""
    other = Authority.root("Other")
    text = LEAF.pem + other.pem.replace("-----", "----")
    certificates, _ = read_certificates(text, subject="chain")
    assert len(certificates) == 2


@pytest.mark.parametrize(
    "text",
    [
        pem.encode("CERTIFICATE", LEAF.key_der()),
        pem.encode("CERTIFICATE", RSA.key_der("pkcs1")),
        pem.encode("X509 CRL", LEAF.key_der(password="word")),  # noqa: S106 (no secret)
        pem.encode("JUNK", LEAF.key_der("sec1")),
        LEAF.key_pem().replace("-----", "--"),
        LEAF.key_pem().replace("PRIVATE KEY", "KEY"),
        LEAF.key_pem().replace("-----", "").replace("PRIVATE KEY", ""),
        RSA.key_pem("pkcs1").replace("RSA PRIVATE KEY", "CERTIFICATE")[:400],
        RSA.key_pem()[28:400],
        LEAF.key_pem().replace("-----BEGIN", "{\\rtf1 -----BEGIN"),
        "{\\rtf1 " + LEAF.key_pem().replace("-----", "\\emdash"),
    ],
    ids=range(11),
)
def test_private_keys_are_recognized_in_disguise(text: str) -> None:
    """A private key is one by what it holds, whatever its label says and however damaged it is."""
    certificates, findings = read_certificates(text, subject="certificate")
    assert certificates == ()
    assert "private-key-among-certificates" in codes(findings)


@pytest.mark.parametrize("label", ["SECRET0KEY0MATERIAL0" * 3, "QUFBQUFBQUFBQUFBQUFBQUFBQUFB"])
def test_unknown_labels_are_not_repeated(label: str) -> None:
    """An unknown label is quoted only if it consists of words, because it may contain anything."""
    text = f"-----BEGIN {label}-----\nMAA=\n-----END {label}-----\n"
    _, findings = read_certificates(text, subject="certificate")
    assert label not in only(findings).message


def test_pkcs7_under_the_label_of_a_certificate() -> None:
    """Authorities' portals do so; it is read by what it holds."""
    from dev.certificates.authority import to_pkcs7  # noqa: PLC0415

    text = pem.encode("CERTIFICATE", to_pkcs7(LEAF, encoding="DER"))
    certificates, findings = read_certificates(text, subject="certificate")
    assert [certificate.der for certificate in certificates] == [LEAF.der]
    assert set(codes(findings)) == {"label", "pkcs7"}
