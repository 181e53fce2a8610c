"""Encrypted private keys, PKCS#8 (RFC 5958, 3) and OpenSSL's traditional form, in one way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server_certificate.der import SEQUENCE, definite, whole
from server_certificate.reading.decryption import openssl_bundle, traditional_encryption
from server_certificate.reading.decryption.encryption import (
    encrypted_parts,
    first_that_opens,
    scheme_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from server_certificate import pem
    from server_certificate.budget import Budget
    from server_certificate.der import Value
    from server_certificate.reading.decryption.secret import Secret


def decrypt(block: pem.Block, secrets: Iterable[Secret], budget: Budget) -> bytes:
    """
    Decrypt the private key of a block.

    Args:
        block: The block.
        secrets: The ways to write the passphrase, the likeliest first.
        budget: What the work is taken from.

    Returns:
        The key in the form that was encrypted.

    Raises:
        BudgetExceededError: It takes more than is left.
        DerError: It is damaged.
        UnknownEncryptionError: It is encrypted in a way that is not known.
        WrongPassphraseError: The passphrase is another.
    """
    armour = block.armour
    if armour is not None:
        return first_that_opens(
            secrets, lambda secret: traditional_encryption.decrypt(armour, secret, budget)
        )[0]
    value = whole(definite(block.der, budget), SEQUENCE)
    return decrypt_pkcs8(value, secrets, budget)[0]


def decrypt_pkcs8(value: Value, secrets: Iterable[Secret], budget: Budget) -> tuple[bytes, Secret]:
    """
    Decrypt a private key in PKCS#8.

    Args:
        value: The EncryptedPrivateKeyInfo, with definite lengths throughout.
        secrets: The ways to write the passphrase, the likeliest first.
        budget: What the work is taken from.

    Returns:
        The key in PKCS#8, and what opened it.

    Raises:
        BudgetExceededError: It takes more than is left.
        DerError: It is damaged.
        UnknownEncryptionError: It is encrypted in a way that is not known.
        WrongPassphraseError: The passphrase is another.
    """
    algorithm, cipher_text = encrypted_parts(value)
    scheme = scheme_of(algorithm)

    def attempt(secret: Secret) -> bytes:
        if scheme.is_for_openssl:
            return openssl_bundle.open_key(value.encoded, scheme, cipher_text, secret, budget)
        return scheme.decrypt(cipher_text, secret, budget)

    return first_that_opens(secrets, attempt)
