"""
Commands that convert an input by hand, with the user's own file names.

They are the commands of the IAM user guide, "Managing server certificates in IAM" and its
troubleshooting section, and their equivalents for keys other than RSA.
"""

from __future__ import annotations

import re
import shlex
from pathlib import PurePath
from typing import TYPE_CHECKING, Literal

from cryptography.hazmat.primitives.asymmetric import ec, rsa

if TYPE_CHECKING:
    from server_certificate.inputs import Input

KeyKind = Literal["rsa", "ec", "pkey"]
"""The openssl command for a type of key; ``pkey`` supports all types."""

_OUTLAWED = re.compile(
    b"|".join(
        re.escape(bytes.fromhex(identifier))
        for identifier in (
            *(f"2a864886f70d010c01{number:02x}" for number in (1, 2, 5, 6)),
            *(f"2a864886f70d0105{number:02x}" for number in (3, 6, 10, 11)),
            "2a864886f70d0302",  # RC2
            "2b0e030207",  # DES
            "2b0601040197550102",  # Blowfish
            "2a864886f67d07420a",  # CAST5
            "2a831a8c9a440104",  # SEED
        )
    )
    + b"|DEK-Info: (?:RC|DES-[CO]|DESX|BF|CAST|IDEA|SEED)"
)
"""
Encryption that OpenSSL 3 only supports with its legacy provider: RC4 and RC2 in PKCS#12 (RFC 7292,
appendix C), PBES1 (RFC 8018, A.3), and ciphers in PBES2 and in the headers of traditional keys.
"""


def key_kind_of(key: object) -> KeyKind:
    """Return the openssl command for a private or public key."""
    if isinstance(key, rsa.RSAPrivateKey | rsa.RSAPublicKey):
        return "rsa"
    on_curve = isinstance(key, ec.EllipticCurvePrivateKey | ec.EllipticCurvePublicKey)
    return "ec" if on_curve else "pkey"


def certificate_from_der(given: Input, *, is_chain: bool = False) -> str:
    """Return the command that converts a certificate from DER to PEM."""
    name = "certificate-chain" if is_chain else "certificate"
    source, target = _names(given, f"{name}.der", f"{name}.pem")
    return f"openssl x509 -inform DER -in {source} -outform PEM -out {target}"


def key_from_der(given: Input, kind: KeyKind) -> str:
    """Return the command that converts a private key from DER to PEM."""
    source, target = _names(given, "private-key.der", "private-key.pem")
    return f"openssl {kind} -inform DER -in {source} -outform PEM -out {target}"


def decrypted_key(given: Input, kind: KeyKind, *, encrypted: bytes, der: bool = False) -> str:
    """
    Return the command that decrypts a private key; it prompts for the passphrase.

    Args:
        given: The input.
        kind: The type of the key.
        encrypted: The key in DER, or its PEM block.
        der: Whether the input is in DER.
    """
    source, target = _names(given, "encrypted-private-key.pem", "private-key.pem")
    legacy = " -provider legacy -provider default" if _OUTLAWED.search(encrypted) else ""
    return f"openssl {kind}{' -inform DER' if der else ''} -in {source} -out {target}{legacy}"


def certificates_from_pkcs7(given: Input, *, der: bool) -> str:
    """Return the command that extracts the certificates from a PKCS#7 bundle."""
    source, target = _names(given, "bundle.p7b", "bundle.pem")
    return f"openssl pkcs7{' -inform DER' if der else ''} -in {source} -print_certs -out {target}"


def bundle_from_pkcs12(
    given: Input, part: Literal["", "-nokeys", "-nocerts"] = "", *, is_chain: bool = False
) -> str:
    """Return the command that extracts everything from a PKCS#12 bundle, or one part."""
    certificates = "certificate-chain.pem" if is_chain else "certificate.pem"
    usual = {"": "bundle.pem", "-nokeys": certificates, "-nocerts": "private-key.pem"}[part]
    source, target = _names(given, "bundle.p12", usual)
    legacy = "-legacy" if _OUTLAWED.search(given.content) else ""
    options = [option for option in (part, legacy) if option]
    return " ".join(["openssl pkcs12 -in", source, "-out", target, "-nodes", *options])


def source_of(given: Input, usual: str) -> str:
    """Return the name of an input's file, quoted for a shell, or a default name."""
    return _names(given, usual, "")[0]


def _names(given: Input, usual_source: str, target: str) -> tuple[str, str]:
    # This quoting doesn't work for names with control characters.
    source = given.file if given.file and given.file.isprintable() else usual_source
    if PurePath(source).name == target:
        target = f"converted-{target}"
    # A name that begins with a hyphen would be parsed as an option.
    return shlex.quote(f"./{source}" if source.startswith("-") else source), target
