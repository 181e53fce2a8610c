"""Key material is recognized in any text, and left out of messages."""

from __future__ import annotations

import base64

import pytest

from dev.certificates.authority import Issued, self_signed
from dev.certificates.keys import KeyType
from server_certificate.secrecy import WITHHELD, holds_material, quoted, without_material

KEYS = {kind: self_signed(key_type=kind) for kind in (KeyType.RSA, KeyType.P256, KeyType.ED25519)}
FORMS = {
    **{f"{kind.value}, PKCS#8": issued.key_pem() for kind, issued in KEYS.items()},
    "PKCS#1": KEYS[KeyType.RSA].key_pem("pkcs1"),
    "SEC 1": KEYS[KeyType.P256].key_pem("sec1"),
    "encrypted": KEYS[KeyType.RSA].key_pem(password="correct horse"),  # noqa: S106 (no secret)
    "a certificate": KEYS[KeyType.RSA].pem,
}


def body(pem: str) -> str:
    """Return the base64 of a block."""
    return "".join(pem.splitlines()[1:-1])


@pytest.mark.parametrize("pem", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize(
    "change",
    [
        lambda pem: pem,
        lambda pem: pem.replace("\n", "\r\n"),
        lambda pem: pem.replace("\n", "\\n"),
        lambda pem: pem.replace("\n", " "),
        lambda pem: pem.replace("PRIVATE KEY", "CERTIFICATE"),
        lambda pem: pem.replace("BEGIN", "begin").replace("END", "end"),
        lambda pem: pem.replace("-----BEGIN ", "BEGIN "),
        lambda pem: pem[: pem.index("-----END")],
        body,
        lambda pem: "\n".join(pem.splitlines()[1:-1]),
        lambda pem: body(pem).replace("/", "_").replace("+", "-"),
        lambda pem: base64.b64encode(pem.encode()).decode(),
        lambda pem: "./" + body(pem),
        lambda pem: f"certificate={body(pem)}",
    ],
    ids=["as it is", "CRLF", "escaped", "one line", "relabeled",
         "in small letters", "damaged", "cut short",
         "without BEGIN and END", "in lines without BEGIN and END", "as a name of a file", "in base64 once more", "as a path", "as an assignment"],
)  # fmt: skip
def test_material_is_recognized(pem: str, change: object) -> None:
    """No part of a key is shown, however a shell or a user changed it."""
    assert callable(change)
    text = change(pem)
    assert holds_material(text)
    assert quoted(text) == WITHHELD
    shown = without_material(f"'{text}' is not a name.")
    pieces = {body(pem)[start : start + 20] for start in range(0, len(body(pem)) - 20, 7)}
    assert not [piece for piece in pieces if piece in shown]


@pytest.mark.parametrize("issued", KEYS.values(), ids=lambda issued: issued.key_type.value)
def test_hexadecimal_digits_are_recognized(issued: Issued) -> None:
    """A dump of a key is recognized as a key."""
    digits = issued.key_der().hex()
    for text in (digits, digits.upper(), f"key={digits}", f"./facade/{digits}"):
        assert holds_material(text)
        assert digits[60:80] not in without_material(text).lower()
    assert digits[60:80] not in without_material(f"a{digits}")


def test_bytes_are_quoted_with_the_same_care() -> None:
    """Key material in bytes is not shown either."""
    assert quoted(FORMS["PKCS#1"].encode()) == WITHHELD
    assert quoted(b"www") == "b'www'"


def test_single_line_of_a_key_is_not_shown() -> None:
    """A single line of a block doesn't reveal the key, but is left out anyway."""
    line = FORMS["PKCS#1"].splitlines()[5]
    assert not holds_material(line)
    assert without_material(f"no such option: {line}") == f"no such option: {WITHHELD}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "www.example.com-3f7a",
        "/home/somebody/projects/certificates/Live/WwwExampleCom/2030/certificate",
        "/very/long/Path1/of/many/short/Parts2/that/have/no/full/stops/in/them/at/all/anywhere",
        "arn:aws:secretsmanager:eu-central-1:111122223333:secret:www-AbCdEf",
        "arn:aws:iam::111122223333:server-certificate/cloudfront/www/certificate-0123456789abcdef",
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "9F:86:D0:81:88:4C:7D:65:9A:2F:EA:A0:C5:5A:D0:15:A3:BF:4F:1B:2B:0B:82:2C:D1:5D:6C:15:B0:F0",
        "Write the BEGIN and END lines in capital letters with five hyphens on both sides.",
        "the line '-----END CERTIFICATE-----' is missing",
        "MyServerCertificateForTheProductionEnvironment",
    ],
)
def test_names_are_shown(text: str) -> None:
    """Names, paths, ARNs, fingerprints and sentences about PEM stay as they are."""
    assert not holds_material(text)
    assert without_material(text) == text
    assert quoted(text) == repr(text)
