"""Keys in OpenSSL's traditional format, whose PEM headers specify the encryption (RFC 1421 and 1423)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from typing import TYPE_CHECKING

from server_certificate.der import DerError
from server_certificate.reading.decryption.ciphers import CIPHERS
from server_certificate.reading.decryption.encoded_passphrase import (
    UnknownEncryptionError,
)
from server_certificate.reading.decryption.encryption import decrypted

if TYPE_CHECKING:
    from server_certificate.budget import Budget
    from server_certificate.reading.decryption.encoded_passphrase import EncodedPassphrase

_DEK_INFO = re.compile(r"DEK-Info:[ \t]*+([A-Za-z0-9-]{1,40}+)(?:,[ \t]*+([0-9A-Fa-f]*+))?[ \t]*+")
_SALT_LENGTH = 8


def decrypt(armor: str, secret: EncodedPassphrase, budget: Budget) -> bytes:
    """
    Decrypt a block.

    Args:
        armor: The whole block, with lines stripped of white space.
        secret: The passphrase.
        budget: The budget for parsing the result.

    Raises:
        BudgetExceededError: It has too many values.
        DerError: The headers or the base64 are damaged.
        UnknownEncryptionError: The cipher is not supported.
        WrongPassphraseError: The padding shows that the passphrase is wrong.
    """
    lines = armor.splitlines()[1:-1]
    found = [match for line in lines if (match := _DEK_INFO.fullmatch(line))]
    if len(found) != 1:
        raise DerError("the header with the encryption algorithm is missing or damaged")
    name, vector = found[0].group(1).upper(), found[0].group(2) or ""
    cipher = CIPHERS.get(name)
    if cipher is None:
        raise UnknownEncryptionError(name)
    if len(vector) != 2 * cipher.block_length:
        raise DerError("its initialization vector has the wrong length for its cipher")
    body = [line for line in lines if ":" not in line]
    try:
        cipher_text = base64.b64decode("".join(body), validate=True)
    except (binascii.Error, ValueError):
        raise DerError("its content is not base64") from None
    salt = bytes.fromhex(vector)
    key = _derived(secret.octets, salt[:_SALT_LENGTH], cipher.key_length)
    return decrypted(cipher, name, cipher_text, key=key, vector=salt, budget=budget)


def _derived(secret: bytes, salt: bytes, length: int) -> bytes:
    """Derive a key like OpenSSL's EVP_BytesToKey with one iteration of MD5."""
    derived = block = b""
    while len(derived) < length:
        block = hashlib.md5(block + secret + salt, usedforsecurity=False).digest()
        derived += block
    return derived[:length]
