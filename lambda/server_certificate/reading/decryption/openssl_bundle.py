"""
Decryption that only OpenSSL supports, such as 40-bit RC2 in bundles from Windows, and ARIA.

``cryptography`` has no primitives for these ciphers, but lets OpenSSL decrypt whole PKCS#12
bundles. So one key or one safe at a time is put into a temporary bundle. OpenSSL ignores unknown
content silently and performs every key derivation that it finds. This module handles both.
"""

from __future__ import annotations

import hmac
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12

from server_certificate.der import (
    CONTEXT_0,
    INTEGER,
    NULL,
    OBJECT_IDENTIFIER,
    OCTET_STRING,
    SEQUENCE,
    SET,
    encode,
)
from server_certificate.reading.decryption.encoded_passphrase import (
    UnknownEncryptionError,
    WrongPassphraseError,
)
from server_certificate.reading.decryption.pkcs12_derivation import Purpose, derive

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.serialization.pkcs12 import PKCS12KeyAndCertificates

    from server_certificate.budget import Budget
    from server_certificate.reading.decryption.encoded_passphrase import EncodedPassphrase
    from server_certificate.reading.decryption.encryption import Scheme

_DATA = encode(OBJECT_IDENTIFIER, bytes.fromhex("2a864886f70d010701"))
_KEY_BAG, _SHROUDED_KEY_BAG, _CERTIFICATE_BAG = (
    encode(OBJECT_IDENTIFIER, bytes.fromhex("2a864886f70d010c0a01") + bytes([number]))
    for number in (1, 2, 3)
)
_FRIENDLY_NAME = encode(OBJECT_IDENTIFIER, bytes.fromhex("2a864886f70d010914"))
_BMP_STRING = 0x1E
_X509 = encode(OBJECT_IDENTIFIER, bytes.fromhex("2a864886f70d01091601"))
_SHA1 = encode(SEQUENCE, encode(OBJECT_IDENTIFIER, bytes.fromhex("2b0e03021a")), encode(NULL, b""))
_SALT = bytes(8)

_OTHER_KEY = bytes.fromhex("302e020100300506032b657004220420") + bytes(32)
"""A dummy Ed25519 key in PKCS#8."""

_SPARE = 64
"""The size of the attributes that the library drops from a bag: a key identifier, a trust flag."""


@dataclass(frozen=True, slots=True)
class Safe:
    """The content that OpenSSL found in a safe."""

    certificates: list[bytes]
    """Certificates in DER."""

    is_complete: bool
    """Whether the safe contains nothing else. If not, the rest is unknown."""


def decrypt_key(
    encrypted: bytes, scheme: Scheme, cipher_text: bytes, secret: EncodedPassphrase, budget: Budget
) -> bytes:
    """
    Decrypt a private key.

    Args:
        encrypted: The EncryptedPrivateKeyInfo.
        scheme: The encryption scheme.
        cipher_text: The encrypted content.
        secret: The passphrase.
        budget: The budget for the work.

    Returns:
        The key in PKCS#8.

    Raises:
        BudgetExceededError: The work exceeds the budget.
        UnknownEncryptionError: Bundles don't support this type of key.
        WrongPassphraseError: The passphrase is wrong.
    """
    scheme.spend(budget)
    # OpenSSL checks the primes of an RSA key, which can't be disabled here.
    budget.spend_validation(len(cipher_text))
    opened = _opened(_open_safe(_bag(_SHROUDED_KEY_BAG, encrypted)), scheme, secret, budget)
    if opened.key is None:
        raise UnknownEncryptionError(scheme.name)
    return opened.key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def decrypt_safe(
    content_info: bytes,
    scheme: Scheme,
    cipher_text: bytes,
    secret: EncodedPassphrase,
    budget: Budget,
) -> Safe:
    """
    Decrypt a safe with certificates.

    Args:
        content_info: The ContentInfo.
        scheme: The encryption scheme.
        cipher_text: The encrypted content.
        secret: The passphrase.
        budget: The budget for the work.

    Raises:
        DerivationExceededError: The iterations exceed the budget.
        WrongPassphraseError: The passphrase is wrong.
    """
    scheme.spend(budget)
    # OpenSSL decrypts only the first key of a bundle, so it skips those in the safe, whose cost is
    # unknown.
    key = _open_safe(_bag(_KEY_BAG, _OTHER_KEY))
    opened = _opened(key + content_info, scheme, secret, budget)
    found = [*([opened.cert] if opened.cert else []), *opened.additional_certs]
    certificates = [
        certificate.certificate.public_bytes(serialization.Encoding.DER) for certificate in found
    ]
    expected = sum(
        len(_bag(_CERTIFICATE_BAG, _certificate(octets))) + len(_name(certificate.friendly_name))
        for certificate, octets in zip(found, certificates, strict=True)
    )
    most = expected + _SPARE * (len(certificates) + 1)
    return Safe(certificates, is_complete=bool(certificates) and len(cipher_text) <= most)


def _opened(
    safes: bytes, scheme: Scheme, secret: EncodedPassphrase, budget: Budget
) -> PKCS12KeyAndCertificates:
    content = encode(SEQUENCE, safes)
    password = scheme.password(secret)
    if b"\0" in password:
        # OpenSSL would truncate the passphrase there.
        raise WrongPassphraseError("the passphrase doesn't decrypt it")
    bundle = encode(
        SEQUENCE,
        encode(INTEGER, b"\3"),
        encode(SEQUENCE, _DATA, encode(CONTEXT_0, encode(OCTET_STRING, content))),
        _mac(content, secret, budget) if secret.is_empty else b"",
    )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return pkcs12.load_pkcs12(bundle, password)
    except (UnsupportedAlgorithm, TypeError):
        # Keys on an unsupported curve, or of a type that the library doesn't accept in PKCS#12,
        # such as X25519.
        raise UnknownEncryptionError(scheme.name) from None
    except ValueError:
        raise WrongPassphraseError("the passphrase doesn't decrypt it") from None


def _mac(content: bytes, secret: EncodedPassphrase, budget: Budget) -> bytes:
    """Return a MAC that selects one of the two empty passphrases, both of which OpenSSL tries."""
    key = derive(
        secret.utf16, _SALT, 1, purpose=Purpose.MAC, length=20, digest="sha1", budget=budget
    )
    value = encode(OCTET_STRING, hmac.digest(key, content, "sha1"))
    return encode(SEQUENCE, encode(SEQUENCE, _SHA1, value), encode(OCTET_STRING, _SALT))


def _open_safe(bag: bytes) -> bytes:
    return encode(SEQUENCE, _DATA, encode(CONTEXT_0, encode(OCTET_STRING, encode(SEQUENCE, bag))))


def _bag(identifier: bytes, content: bytes) -> bytes:
    return encode(SEQUENCE, identifier, encode(CONTEXT_0, content))


def _name(name: bytes | None) -> bytes:
    """Encode a name, which the library returns in UTF-8, as an attribute."""
    if name is None:
        return b""
    characters = name.decode("utf-8", "replace").encode("utf-16-be")
    return encode(SEQUENCE, _FRIENDLY_NAME, encode(SET, encode(_BMP_STRING, characters)))


def _certificate(octets: bytes) -> bytes:
    return encode(SEQUENCE, _X509, encode(CONTEXT_0, encode(OCTET_STRING, octets)))
