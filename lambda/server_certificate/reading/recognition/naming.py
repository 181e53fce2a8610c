"""Recognize what users provide instead of a certificate or private key in PEM, and how to fix it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from server_certificate.pem import base64_content
from server_certificate.pem.lines import LABELS
from server_certificate.reading.recognition.formats import RecognizedFormat
from server_certificate.reading.recognition.kinds import Kind, kind_of
from server_certificate.reading.recognition.unwrapping import is_base64

if TYPE_CHECKING:
    from server_certificate import pem

ExpectedContent = Literal[
    "certificate",
    "private key",
    "bundle of certificate and private key",
    "certificate or private key",
]
"""The expected content of an input."""

_HEAD = 4096
"""The number of characters to search for a damaged BEGIN line."""

_LONGEST_PATH = 1024

_BINARY = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\ufffd]")
_DAMAGED_ARMOR = re.compile(r"\b(BEGIN|END) [A-Z0-9 ]{0,64}(CERTIFICATE|KEY)\b", re.IGNORECASE)
_PATH = re.compile(r"/|\\|\.(?:pem|crt|cer|key|der|p12|pfx|p7b)")
# A lookbehind after the first character makes the search fast.
_BASE64_LINES = re.compile(r"M(?<![A-Za-z0-9+/]M)[A-Za-z0-9+/]{39,}+={0,2}")
_MOST_LINES = 100
_ENOUGH = 1400
"""The number of base64 characters that identify every type of private key."""

_PRIVATE = {Kind.PRIVATE_KEY, Kind.ENCRYPTED_PRIVATE_KEY}

A_PATH = "a path or the name of a file"
_GIVE_CONTENT = "Provide the content of the file instead."

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
    "AGE ENCRYPTED FILE": "a file encrypted with age",
    "ATTRIBUTE CERTIFICATE": "an attribute certificate",
    "OPENSSH PRIVATE KEY": "an OpenSSH private key",
    "SSH2 ENCRYPTED PRIVATE KEY": "an SSH2 private key",
    "TSS2 PRIVATE KEY": "a private key that is bound to a TPM",
    "PKCS#11 PROVIDER URI": "the URI of a private key in a hardware security module",
    "DH PARAMETERS": Kind.PARAMETERS.value,
    "X9.42 DH PARAMETERS": Kind.PARAMETERS.value,
    "DSA PARAMETERS": Kind.PARAMETERS.value,
    "EC PARAMETERS": "EC parameters without the private key",
}
_NEW_KEY = "Request a certificate for a new key, because this key can't be exported."
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
"""Labels of blocks that are never uploaded, but that hosting panels include in the same file."""


def recognize_text(text: str, *, expected: ExpectedContent) -> RecognizedFormat:
    """
    Recognize text without a PEM block.

    Args:
        text: Text in which ``pem.parse`` found no block.
        expected: The expected content.

    Returns:
        The format. The text is never quoted, because it may be a private key without its BEGIN
        line.
    """
    stripped = text.strip().strip("\ufeff").strip()
    give = f"Provide the {expected} in PEM."
    if not stripped:
        return RecognizedFormat("an empty text", give)
    head = stripped[:_HEAD]
    # Imported lazily: few inputs contain no PEM, and the expressions take long to compile.
    from server_certificate.reading.recognition.text_patterns import TEXT_PATTERNS  # noqa: PLC0415

    if it := next((it for it in TEXT_PATTERNS if it.applies_to(head)), None):
        return RecognizedFormat(it.name, it.fix or give, it.usual, it.is_private_key)
    for applies, name, fix in (
        (
            head.startswith(("{", "[")),
            "a JSON text",
            f"Provide the value of the field that contains the {expected}."
            if not expected.startswith("bundle")
            else (
                "Provide a JSON object with the fields certificate, privateKey and, if there is a"
                " chain, certificateChain."
            ),
        ),
        (
            bool(_BINARY.search(stripped)),
            "binary data",
            f"Copy the file again as binary data. To convert it to PEM: {_FROM_DER[expected]}",
        ),
        (
            bool(_DAMAGED_ARMOR.search(head)),
            "PEM with a damaged BEGIN line",
            "Write the BEGIN and END lines in capital letters with five hyphens on both sides.",
        ),
        (_is_path(stripped), A_PATH, _GIVE_CONTENT),
        (
            is_base64(stripped),
            "base64 of an unknown format",
            "Decode it to see what it is: base64 --decode encoded.txt",
        ),
    ):
        if applies:
            return RecognizedFormat(name, fix)
    return RecognizedFormat("text in an unknown format", give)


def recognize_block(block: pem.Block, *, expected: ExpectedContent) -> RecognizedFormat:
    """Recognize an unexpected PEM block."""
    name = "a certificate" if block.is_certificate else _BLOCKS.get(block.label)
    fix = _FIXES.get(block.label, f"Provide the {expected} instead.")
    return RecognizedFormat(name or f"a block labeled {block.label}", fix)


def holds_private_key(text: str) -> bool:
    """Return whether unreadable text contains what looks like the start of a private key."""
    for number, line in enumerate(_BASE64_LINES.finditer(text)):
        if number == _MOST_LINES:
            break
        content = text[line.start() : line.start() + _ENOUGH]
        if kind_of(base64_content.beginning(content)) in _PRIVATE:
            return True
    return False


def is_foreign_key(block: pem.Block) -> bool:
    """Return whether a block is a private key in another program's own format, by its label."""
    return block.is_private_key and (
        block.label in _BLOCKS
        or (block.label not in LABELS and not block.problem and kind_of(block.der) not in _PRIVATE)
    )


def is_private_key(block: pem.Block) -> bool:
    """Return whether a block is a private key, regardless of its label and of damage."""
    return block.is_private_key or kind_of(block.der or block.beginning) in _PRIVATE


def _is_path(text: str) -> bool:
    if len(text) > _LONGEST_PATH or "\n" in text or is_base64(text):
        return False
    return bool(_PATH.search(text))
