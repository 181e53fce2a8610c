"""What people give instead of a certificate or a key in PEM, and what they should do about it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from server_certificate.pem import base64_content
from server_certificate.pem.lines import LABELS
from server_certificate.reading.recognition.formats import Recognised
from server_certificate.reading.recognition.kinds import Kind, kind_of
from server_certificate.reading.recognition.unwrapping import is_base64

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
"""Characters in which a BEGIN line would be, damaged as it may be."""

_LONGEST_PATH = 1024

_BINARY = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\ufffd]")
_DAMAGED_ARMOUR = re.compile(r"\b(BEGIN|END) [A-Z0-9 ]{0,64}(CERTIFICATE|KEY)\b", re.IGNORECASE)
_PATH = re.compile(r"/|\\|\.(?:pem|crt|cer|key|der|p12|pfx|p7b)")
# Looking back from behind the first character, a search passes over all others quickly.
_BASE64_LINES = re.compile(r"M(?<![A-Za-z0-9+/]M)[A-Za-z0-9+/]{39,}+={0,2}")
_MOST_LINES = 100
_ENOUGH = 1400
"""Characters of base64 by which every kind of private key is recognised."""

_PRIVATE = {Kind.PRIVATE_KEY, Kind.ENCRYPTED_PRIVATE_KEY}

_GIVE_CONTENT = "Give the content of the file instead."

_FROM_DER = {
    "certificate": "openssl x509 -inform DER -in certificate.der -outform PEM -out certificate.pem",
    "private key": "openssl pkey -inform DER -in private-key.der -outform PEM -out private-key.pem",
    "bundle of certificate and private key": "openssl pkcs12 -in bundle.p12 -out bundle.pem -nodes",
    "certificate or private key": "openssl x509 -inform DER -in certificate.der -outform PEM -out certificate.pem",
}

_BLOCKS = {
    "CERTIFICATE REQUEST": "a certificate signing request",
    "NEW CERTIFICATE REQUEST": "a certificate signing request",
    "PUBLIC KEY": "a public key",
    "RSA PUBLIC KEY": "a public key",
    "EC PUBLIC KEY": "a public key",
    "SSH2 PUBLIC KEY": "an OpenSSH public key",
    "X509 CRL": "a certificate revocation list",
    "CRL": "a certificate revocation list",
    "PKCS7": "a PKCS#7 bundle",
    "CMS": "a PKCS#7 bundle",
    "PKCS12": "a PKCS#12 bundle",
    "PGP MESSAGE": "an OpenPGP message",
    "PGP PRIVATE KEY BLOCK": "an OpenPGP key",
    "PGP PUBLIC KEY BLOCK": "an OpenPGP key",
    "AGE ENCRYPTED FILE": "a file that age encrypted",
    "ATTRIBUTE CERTIFICATE": "an attribute certificate",
    "OPENSSH PRIVATE KEY": "an OpenSSH private key",
    "SSH2 ENCRYPTED PRIVATE KEY": "an SSH2 private key",
    "TSS2 PRIVATE KEY": "a private key that only one TPM can use",
    "PKCS#11 PROVIDER URI": "the address of a private key in a security module",
    "DH PARAMETERS": Kind.PARAMETERS.value,
    "X9.42 DH PARAMETERS": Kind.PARAMETERS.value,
    "DSA PARAMETERS": Kind.PARAMETERS.value,
    "EC PARAMETERS": "parameters of an EC key, without the key",
}
_NEW_KEY = "Have the certificate issued for a new key; such a key can't be exported."
_FIXES = {
    "OPENSSH PRIVATE KEY": "Convert it in place: ssh-keygen -p -m PKCS8 -f {source}",
    "TSS2 PRIVATE KEY": _NEW_KEY,
    "PKCS#11 PROVIDER URI": _NEW_KEY,
    "PGP MESSAGE": "Decrypt it: gpg --output decrypted.pem --decrypt encrypted.asc",
    "AGE ENCRYPTED FILE": "Decrypt it: age --decrypt -i key.txt -o decrypted.pem encrypted.age",
}
SUPERFLUOUS = frozenset(
    {
        "CERTIFICATE REQUEST",
        "NEW CERTIFICATE REQUEST",
        "PUBLIC KEY",
        "RSA PUBLIC KEY",
        "EC PUBLIC KEY",
        "SSH2 PUBLIC KEY",
        "X509 CRL",
        "CRL",
        "ATTRIBUTE CERTIFICATE",
    }
)
"""Labels of what nobody uploads, and hosting panels write into one file with what is."""


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
    give = f"Give the {wanted} in PEM."
    if not stripped:
        return Recognised("an empty text", give)
    head = stripped[:_HEAD]
    # Imported when needed: few inputs hold no PEM, and its expressions take long to compile.
    from server_certificate.reading.recognition.phrases import PHRASES  # noqa: PLC0415

    if it := next((it for it in PHRASES if it.applies_to(head)), None):
        return Recognised(it.name, it.fix or give, it.usual, it.is_private_key)
    for applies, name, fix in (
        (
            head.startswith(("{", "[")),
            "a JSON text",
            f"Give the value of the field that holds the {wanted}."
            if not wanted.startswith("bundle")
            else "Give one with the fields certificate, privateKey and, if there is one,"
            " certificateChain.",
        ),
        (
            bool(_BINARY.search(stripped)),
            "binary data",
            f"Get the file anew and copy it as binary data; PEM is made by: {_FROM_DER[wanted]}",
        ),
        (
            bool(_DAMAGED_ARMOUR.search(head)),
            "PEM with a damaged BEGIN line",
            "Write BEGIN and END lines with five hyphens on either side and capital letters.",
        ),
        (_is_path(stripped), "a path or the name of a file", _GIVE_CONTENT),
        (
            is_base64(stripped),
            "base64 of something else",
            "Decode it, and look what it is: base64 --decode encoded.txt",
        ),
    ):
        if applies:
            return Recognised(name, fix)
    return Recognised("something else", give)


def recognise_block(block: pem.Block, *, wanted: Wanted) -> Recognised:
    """Recognise a PEM block of another kind than the one that was wanted."""
    name = "a certificate" if block.is_certificate else _BLOCKS.get(block.label)
    fix = _FIXES.get(block.label, f"Give the {wanted} instead.")
    return Recognised(name or f"a block labelled {block.label}", fix)


def holds_private_key(text: str) -> bool:
    """Whether a text that can't be read holds what looks like the beginning of a private key."""
    for number, line in enumerate(_BASE64_LINES.finditer(text)):
        if number == _MOST_LINES:
            break
        content = text[line.start() : line.start() + _ENOUGH]
        if kind_of(base64_content.beginning(content)) in _PRIVATE:
            return True
    return False


def is_foreign_key(block: pem.Block) -> bool:
    """Whether a block is the private key of another program, by its label, and in its own format."""
    return block.is_private_key and (
        block.label in _BLOCKS
        or (block.label not in LABELS and not block.problem and kind_of(block.der) not in _PRIVATE)
    )


def is_private_key(block: pem.Block) -> bool:
    """Whether a block is a private key, whatever its label says and however damaged it is."""
    return block.is_private_key or kind_of(block.der or block.beginning) in _PRIVATE


def _is_path(text: str) -> bool:
    if len(text) > _LONGEST_PATH or "\n" in text or is_base64(text):
        return False
    return bool(_PATH.search(text))
