"""Keys that OpenSSL encrypts in its traditional form: the PEM block says how (RFC 1421 and 1423)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from typing import TYPE_CHECKING

from server_certificate.der import DerError
from server_certificate.reading.decryption.ciphers import CIPHERS
from server_certificate.reading.decryption.encryption import decrypted
from server_certificate.reading.decryption.secret import (
    UnknownEncryptionError,
)

if TYPE_CHECKING:
    from server_certificate.budget import Budget
    from server_certificate.reading.decryption.secret import Secret

_DEK_INFO = re.compile(r"DEK-Info:[ \t]*+([A-Za-z0-9-]{1,40}+)(?:,[ \t]*+([0-9A-Fa-f]*+))?[ \t]*+")
_SALT_LENGTH = 8


def decrypt(armour: str, secret: Secret, budget: Budget) -> bytes:
    """
    Decrypt a block.

    Args:
        armour: The whole block, in lines without white space around them.
        secret: The passphrase.
        budget: What looking at what comes out is taken from.

    Raises:
        BudgetExceededError: It has too many values.
        DerError: Its headers or its base64 are damaged.
        UnknownEncryptionError: The cipher is not known here.
        WrongPassphraseError: The padding shows that the passphrase is another.
    """
    lines = armour.splitlines()[1:-1]
    found = [match for line in lines if (match := _DEK_INFO.fullmatch(line))]
    if len(found) != 1:
        raise DerError("the header that says how it is encrypted is missing or damaged")
    name, vector = found[0].group(1).upper(), found[0].group(2) or ""
    cipher = CIPHERS.get(name)
    if cipher is None:
        raise UnknownEncryptionError(name)
    if len(vector) != 2 * cipher.block_length:
        raise DerError("its initialisation vector has another length than its cipher needs")
    body = [line for line in lines if ":" not in line]
    try:
        cipher_text = base64.b64decode("".join(body), validate=True)
    except (binascii.Error, ValueError):
        raise DerError("its content is not base64") from None
    salt = bytes.fromhex(vector)
    key = _derived(secret.octets, salt[:_SALT_LENGTH], cipher.key_length)
    return decrypted(cipher, name, cipher_text, key=key, vector=salt, budget=budget)


def _derived(secret: bytes, salt: bytes, length: int) -> bytes:
    """Derive a key as EVP_BytesToKey of OpenSSL does: MD5, once, of all that came before."""
    derived = block = b""
    while len(derived) < length:
        block = hashlib.md5(block + secret + salt, usedforsecurity=False).digest()
        derived += block
    return derived[:length]
