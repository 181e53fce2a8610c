"""What people give instead of a certificate or a key in PEM, and what they should do about it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from server_certificate.der import DerError, first

if TYPE_CHECKING:
    from server_certificate import pem

Wanted = Literal[
    "certificate",
    "private key",
    "bundle of certificate and private key",
    "certificate or private key",
]
"""What an input should have held."""

_HEAD = 4096
"""Characters in which a BEGIN line would stand, damaged as it may be."""

_LONG_LENGTHS = range(0x81, 0x85)
_LONGEST_PATH = 1024
_SHORTEST_BASE64 = 64

_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}")
_BINARY = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\ufffd]")
_DAMAGED_ARMOUR = re.compile(r"\b(BEGIN|END) [A-Z0-9 ]{0,64}(CERTIFICATE|KEY)\b", re.IGNORECASE)
_PATH = re.compile(r"[^\n]*(/|\\|\.(pem|crt|cer|key|der|p12|pfx|p7b))[^\n]*")

_GIVE_CONTENT = "Give the content of the file instead."

_FROM_DER = {
    "certificate": "openssl x509 -inform DER -in certificate.der -outform PEM -out certificate.pem",
    "private key": "openssl pkey -inform DER -in private-key.der -outform PEM -out private-key.pem",
    "bundle of certificate and private key": "openssl pkcs12 -in bundle.p12 -out bundle.pem -nodes",
    "certificate or private key": "openssl x509 -inform DER -in certificate.der -outform PEM -out certificate.pem",
}
_FROM_KEYSTORE = (
    "Convert it: keytool -importkeystore -srckeystore keystore.jks -destkeystore bundle.p12"
    " -deststoretype PKCS12"
)
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")

_MAGIC = (
    (b"\xfe\xed\xfe\xed", "a Java keystore (JKS)", _FROM_KEYSTORE),
    (b"\xce\xce\xce\xce", "a Java keystore (JCEKS)", _FROM_KEYSTORE),
    (b"PK\x03\x04", "a ZIP archive", "Unpack it."),
    (b"\x1f\x8b", "a gzip archive", "Unpack it."),
    (b"%PDF-", "a PDF document", "Get the file itself from the certificate authority."),
    (
        b"openssh-key-v1\x00",
        "an OpenSSH private key",
        "Give it with its BEGIN and END lines, as ssh-keygen writes it.",
    ),
)

_BLOCKS = {
    "CERTIFICATE REQUEST": "a certificate signing request",
    "NEW CERTIFICATE REQUEST": "a certificate signing request",
    "PUBLIC KEY": "a public key",
    "RSA PUBLIC KEY": "a public key",
    "EC PUBLIC KEY": "a public key",
    "X509 CRL": "a certificate revocation list",
    "PKCS7": "a PKCS#7 bundle",
    "CMS": "a PKCS#7 bundle",
    "PGP PRIVATE KEY BLOCK": "an OpenPGP key",
    "PGP PUBLIC KEY BLOCK": "an OpenPGP key",
    "ATTRIBUTE CERTIFICATE": "an attribute certificate",
    "OPENSSH PRIVATE KEY": "an OpenSSH private key",
}


@dataclass(frozen=True, slots=True)
class Recognised:
    """Something that is not what was wanted."""

    name: str
    """A noun phrase, such as ``"a path or the name of a file"``; it quotes nothing."""

    fix: str
    """What to do about it."""


def recognise_octets(octets: bytes) -> Recognised | None:
    """
    Recognise binary data that is neither DER nor text.

    Returns:
        What it is; None when it may be text.
    """
    for magic, name, fix in _MAGIC:
        if octets.startswith(magic):
            return Recognised(name, fix)
    # No text has the long form of a length as its second octet.
    if octets[:1] == b"0" and octets[1:2] and octets[1] in _LONG_LENGTHS:
        try:
            first(octets)
        except DerError:
            fix = "Get the file anew; copy it as binary data."
            return Recognised("DER that is cut short", fix)
    if octets.startswith(_UTF16_MARKS):
        return Recognised("UTF-16 text", "Save the file as UTF-8 or ASCII.")
    return None


def recognise_text(text: str, *, wanted: Wanted) -> Recognised:
    """
    Recognise a text that holds no PEM block.

    Args:
        text: A text in which ``pem.parse`` found no block.
        wanted: What it should have held.

    Returns:
        What it is. The text itself is not quoted: it may be a key that lost its armour.
    """
    stripped = text.strip().strip("\ufeff").strip()
    lowered = stripped[:32].lower()
    give = f"Give the {wanted} in PEM."
    for applies, name, fix in (
        (not stripped, "an empty text", give),
        (
            stripped.startswith("{{resolve:"),
            "an unresolved dynamic reference",
            "Name the secret itself: CloudFormation does not resolve such references here.",
        ),
        (
            lowered.startswith(("<!doctype", "<html")),
            "an HTML page",
            "It may be the answer to a failed download; fetch the file anew.",
        ),
        (
            lowered.startswith(("{", "[")),
            "a JSON text",
            f"Give the value of the field that holds the {wanted}."
            if not wanted.startswith("bundle")
            else "Give one with the fields certificate, privateKey and, if there is one,"
            " certificateChain.",
        ),
        (
            _is_utf16(stripped),
            "UTF-16 read as if it were another encoding",
            "Save the file as UTF-8 or ASCII.",
        ),
        (
            bool(_BINARY.search(stripped)),
            "binary data",
            f"Get the file anew and copy it as binary data; PEM is made by: {_FROM_DER[wanted]}",
        ),
        (
            lowered.startswith("file://"),
            "a file:// address, which only the AWS CLI resolves",
            _GIVE_CONTENT,
        ),
        (
            bool(_DAMAGED_ARMOUR.search(stripped[:_HEAD])),
            "PEM with a damaged BEGIN line",
            "Write BEGIN and END lines with five hyphens on either side and capital letters.",
        ),
        (_is_path(stripped), "a path or the name of a file", _GIVE_CONTENT),
        (lowered.startswith(("ssh-", "ecdsa-sha2-")), "an OpenSSH public key", give),
        (
            lowered.startswith("ls0tls1crudjti") and _is_base64(stripped),
            "PEM that was encoded in base64 once more",
            "Decode it: base64 --decode",
        ),
        (
            _is_base64(stripped),
            "base64 without BEGIN and END lines",
            f"Put the BEGIN and END lines of a {wanted} around it.",
        ),
    ):
        if applies:
            return Recognised(name, fix)
    return Recognised("something else", give)


def recognise_block(block: pem.Block, *, wanted: Wanted) -> Recognised:
    """Recognise a PEM block of another kind than the one that was wanted."""
    name = "a certificate" if block.is_certificate else _BLOCKS.get(block.label)
    fix = f"Give the {wanted} instead."
    if block.label == "OPENSSH PRIVATE KEY":
        fix = "Convert it in place: ssh-keygen -p -m PKCS8 -f {source}"
    return Recognised(name or f"a block labelled {block.label}", fix)


def _is_utf16(text: str) -> bool:
    # One zero octet of two, as ASCII in UTF-16 has them; the byte order mark may be in front.
    return "-\0-\0-\0" in text or "\0-\0-\0-" in text


def _is_path(text: str) -> bool:
    return len(text) <= _LONGEST_PATH and bool(_PATH.fullmatch(text)) and not _is_base64(text)


def _is_base64(text: str) -> bool:
    compact = "".join(text.split())
    return len(compact) >= _SHORTEST_BASE64 and bool(_BASE64.fullmatch(compact))
