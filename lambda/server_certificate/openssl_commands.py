"""
The commands that fix an input by hand, with the user's own file names.

They are those of the IAM user guide, "Managing server certificates in IAM" and its troubleshooting
section, and their equivalents for keys other than RSA.
"""

from __future__ import annotations

import shlex
from pathlib import PurePath
from typing import TYPE_CHECKING, Literal

from cryptography.hazmat.primitives.asymmetric import ec, rsa

if TYPE_CHECKING:
    from server_certificate.inputs import Input

KeyKind = Literal["rsa", "ec", "pkey"]
"""The openssl command for a kind of key; ``pkey`` takes every kind."""

_OUTLAWED_CIPHERS = tuple(
    bytes.fromhex(head) + bytes([number])
    for head, numbers in (
        ("2a864886f70d010c01", (1, 2, 5, 6)),
        ("2a864886f70d0105", (3, 6, 10, 11)),
    )
    for number in numbers
)
"""
RC4 and RC2 in PKCS#12 (RFC 7292, appendix C), and PBES1 (RFC 8018, A.3), which OpenSSL 3 opens with
``-legacy`` only.
"""

_OUTLAWED = (
    "RC2",
    "RC4",
    "RC5",
    "DES-CBC",
    "DES-CFB",
    "BF",
    "CAST",
    "IDEA",
    "SEED",
    "MD5",
    "SHA-1",
)
"""What the names of ciphers begin with that are in OpenSSL's legacy provider."""


def key_kind_of(key: object) -> KeyKind:
    """Return the kind of a private or public key."""
    if isinstance(key, rsa.RSAPrivateKey | rsa.RSAPublicKey):
        return "rsa"
    on_curve = isinstance(key, ec.EllipticCurvePrivateKey | ec.EllipticCurvePublicKey)
    return "ec" if on_curve else "pkey"


def certificate_from_der(given: Input, *, is_chain: bool = False) -> str:
    """Return the command that makes PEM of a certificate in DER, next to the file of the other."""
    name = "certificate-chain" if is_chain else "certificate"
    source, target = _names(given, f"{name}.der", f"{name}.pem")
    return f"openssl x509 -inform DER -in {source} -outform PEM -out {target}"


def key_from_der(given: Input, kind: KeyKind) -> str:
    """Return the command that makes PEM of a private key in DER."""
    source, target = _names(given, "private-key.der", "private-key.pem")
    return f"openssl {kind} -inform DER -in {source} -outform PEM -out {target}"


def decrypted_key(
    given: Input, kind: KeyKind, *, der: bool = False, cipher: str | None = None
) -> str:
    """Return the command that decrypts a private key; it asks for the passphrase."""
    source, target = _names(given, "encrypted-private-key.pem", "private-key.pem")
    is_outlawed = cipher is not None and cipher.startswith(_OUTLAWED)
    legacy = " -provider legacy -provider default" if is_outlawed else ""
    return f"openssl {kind}{' -inform DER' if der else ''} -in {source} -out {target}{legacy}"


def certificates_from_pkcs7(given: Input, *, der: bool) -> str:
    """Return the command that takes the certificates out of a PKCS#7 bundle."""
    source, target = _names(given, "bundle.p7b", "bundle.pem")
    return f"openssl pkcs7{' -inform DER' if der else ''} -in {source} -print_certs -out {target}"


def bundle_from_pkcs12(
    given: Input, part: Literal["", "-nokeys", "-nocerts"] = "", *, is_chain: bool = False
) -> str:
    """Return the command that takes a PKCS#12 bundle apart, or only one side of it."""
    certificates = "certificate-chain.pem" if is_chain else "certificate.pem"
    usual = {"": "bundle.pem", "-nokeys": certificates, "-nocerts": "private-key.pem"}[part]
    source, target = _names(given, "bundle.p12", usual)
    options = [option for option in (part, _legacy(given)) if option]
    return " ".join(["openssl pkcs12 -in", source, "-out", target, "-nodes", *options])


def source_of(given: Input, usual: str) -> str:
    """Return the name of an input's file as a shell takes it; a usual one where it has none."""
    return _names(given, usual, "")[0]


def _legacy(given: Input) -> str:
    return "-legacy" if any(cipher in given.content for cipher in _OUTLAWED_CIPHERS) else ""


def _names(given: Input, usual_source: str, target: str) -> tuple[str, str]:
    # No shell takes a name with control characters as it is quoted here.
    source = given.file if given.file and given.file.isprintable() else usual_source
    if PurePath(source).name == target:
        target = f"converted-{target}"
    # A name that begins with a hyphen would be taken for an option.
    return shlex.quote(f"./{source}" if source.startswith("-") else source), target
