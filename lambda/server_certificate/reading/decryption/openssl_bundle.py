"""
What only OpenSSL decrypts, such as RC2 with 40 bits in bundles from Windows, and ARIA.

``cryptography`` has no primitives for these ciphers, but lets OpenSSL open whole PKCS#12 bundles.
So one key, or one safe, is put into a bundle of its own. OpenSSL does not name what it leaves out
there, and carries out every derivation that it finds; both is seen to here.
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
from server_certificate.reading.decryption.pkcs12_derivation import Purpose, derive
from server_certificate.reading.decryption.secret import (
    UnknownEncryptionError,
    WrongPassphraseError,
)

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.serialization.pkcs12 import PKCS12KeyAndCertificates

    from server_certificate.budget import Budget
    from server_certificate.reading.decryption.encryption import Scheme
    from server_certificate.reading.decryption.secret import Secret

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
"""Some key for Ed25519 in PKCS#8."""

_SPARE = 64
"""Octets of what the library leaves out of a bag: the identifier of its key, a mark of trust."""


@dataclass(frozen=True, slots=True)
class Safe:
    """What OpenSSL found in a safe."""

    certificates: list[bytes]
    """Certificates in DER."""

    is_complete: bool
    """Whether they make up the safe; if not, it holds something else, and nobody knows what."""


def open_key(
    encrypted: bytes, scheme: Scheme, cipher_text: bytes, secret: Secret, budget: Budget
) -> bytes:
    """
    Decrypt a private key.

    Args:
        encrypted: The EncryptedPrivateKeyInfo.
        scheme: How it is encrypted.
        cipher_text: What is encrypted of it.
        secret: The passphrase.
        budget: What the work is taken from.

    Returns:
        The key in PKCS#8.

    Raises:
        BudgetExceededError: It takes more than is left.
        UnknownEncryptionError: The key is of a kind that is never put into bundles.
        WrongPassphraseError: It does not open.
    """
    scheme.spend(budget)
    # OpenSSL looks into an RSA key for its primes, and can't be kept from it here.
    budget.spend_validation(len(cipher_text))
    opened = _opened(_open_safe(_bag(_SHROUDED_KEY_BAG, encrypted)), scheme, secret, budget)
    if opened.key is None:
        raise UnknownEncryptionError(scheme.name)
    return opened.key.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def open_safe(
    content_info: bytes, scheme: Scheme, cipher_text: bytes, secret: Secret, budget: Budget
) -> Safe:
    """
    Decrypt a safe with certificates.

    Args:
        content_info: The ContentInfo.
        scheme: How it is encrypted.
        cipher_text: What is encrypted of it.
        secret: The passphrase.
        budget: What the work is taken from.

    Raises:
        DerivationExceededError: It takes more iterations than are left.
        WrongPassphraseError: It does not open.
    """
    scheme.spend(budget)
    # OpenSSL decrypts one key of a bundle, so none in the safe, whose iterations nobody counted.
    key = _open_safe(_bag(_KEY_BAG, _OTHER_KEY))
    opened = _opened(key + content_info, scheme, secret, budget)
    found = [*([opened.cert] if opened.cert else []), *opened.additional_certs]
    certificates = [held.certificate.public_bytes(serialization.Encoding.DER) for held in found]
    expected = sum(
        len(_bag(_CERTIFICATE_BAG, _certificate(octets))) + len(_name(held.friendly_name))
        for held, octets in zip(found, certificates, strict=True)
    )
    most = expected + _SPARE * (len(certificates) + 1)
    return Safe(certificates, is_complete=bool(certificates) and len(cipher_text) <= most)


def _opened(
    safes: bytes, scheme: Scheme, secret: Secret, budget: Budget
) -> PKCS12KeyAndCertificates:
    content = encode(SEQUENCE, safes)
    password = scheme.password(secret)
    if b"\0" in password:
        # To OpenSSL, it would end the passphrase.
        raise WrongPassphraseError("the passphrase does not open it")
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
        # Keys that are on no curve of the library's, or belong to no certificate, such as X25519.
        raise UnknownEncryptionError(scheme.name) from None
    except ValueError:
        raise WrongPassphraseError("the passphrase does not open it") from None


def _mac(content: bytes, secret: Secret, budget: Budget) -> bytes:
    """Say which of the two empty passphrases is meant: OpenSSL tries both against the MAC."""
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
    """Write a name, which the library returns in UTF-8, as an attribute."""
    if name is None:
        return b""
    characters = name.decode("utf-8", "replace").encode("utf-16-be")
    return encode(SEQUENCE, _FRIENDLY_NAME, encode(SET, encode(_BMP_STRING, characters)))


def _certificate(octets: bytes) -> bytes:
    return encode(SEQUENCE, _X509, encode(CONTEXT_0, encode(OCTET_STRING, octets)))
