"""Decrypt private keys in PKCS#8 (RFC 5958, 3) and in OpenSSL's traditional format."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server_certificate.der import SEQUENCE, definite, whole
from server_certificate.reading.decryption import openssl_bundle, traditional_encryption
from server_certificate.reading.decryption.encryption import (
    encrypted_parts,
    parse_scheme,
    try_encodings,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from server_certificate import pem
    from server_certificate.budget import Budget
    from server_certificate.der import Value
    from server_certificate.reading.decryption.encoded_passphrase import EncodedPassphrase


def decrypt(block: pem.Block, secrets: Iterable[EncodedPassphrase], budget: Budget) -> bytes:
    """
    Decrypt the private key of a block.

    Args:
        block: The block.
        secrets: The encodings of the passphrase, most likely first.
        budget: The budget for the work.

    Returns:
        The decrypted key, in the format that was encrypted.

    Raises:
        BudgetExceededError: The work exceeds the budget.
        DerError: It is damaged.
        UnknownEncryptionError: The encryption is not supported.
        WrongPassphraseError: The passphrase is wrong.
    """
    armor = block.armor
    if armor is not None:
        return try_encodings(
            secrets, lambda secret: traditional_encryption.decrypt(armor, secret, budget)
        )[0]
    value = whole(definite(block.der, budget), SEQUENCE)
    return decrypt_pkcs8(value, secrets, budget)[0]


def decrypt_pkcs8(
    value: Value, secrets: Iterable[EncodedPassphrase], budget: Budget
) -> tuple[bytes, EncodedPassphrase]:
    """
    Decrypt a private key in PKCS#8.

    Args:
        value: The EncryptedPrivateKeyInfo, with definite lengths throughout.
        secrets: The encodings of the passphrase, most likely first.
        budget: The budget for the work.

    Returns:
        The key in PKCS#8, and the encoding of the passphrase that worked.

    Raises:
        BudgetExceededError: The work exceeds the budget.
        DerError: It is damaged.
        UnknownEncryptionError: The encryption is not supported.
        WrongPassphraseError: The passphrase is wrong.
    """
    algorithm, cipher_text = encrypted_parts(value)
    scheme = parse_scheme(algorithm)

    def attempt(secret: EncodedPassphrase) -> bytes:
        if scheme.is_for_openssl:
            return openssl_bundle.decrypt_key(value.encoded, scheme, cipher_text, secret, budget)
        return scheme.decrypt(cipher_text, secret, budget)

    return try_encodings(secrets, attempt)
