"""The ciphers that ``cryptography`` supports, by their OpenSSL names."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.hazmat.decrepit.ciphers import algorithms as outdated
from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

if TYPE_CHECKING:
    from collections.abc import Callable

    from cryptography.hazmat.primitives.ciphers import CipherAlgorithm


@dataclass(frozen=True, slots=True)
class BlockCipher:
    """A cipher in CBC mode."""

    make: Callable[[bytes], CipherAlgorithm]
    """Creates the primitive from a key."""

    key_length: int
    """The length of the key in bytes."""

    block_length: int
    """The length of a block and of the initialization vector in bytes."""

    def decrypt(self, cipher_text: bytes, *, key: bytes, vector: bytes) -> bytes:
        """
        Decrypt, and remove the PKCS#7 padding.

        Raises:
            ValueError: The padding is invalid: the key is wrong, or the content is damaged.
            UnsupportedAlgorithm: OpenSSL was built without the cipher.
        """
        decryptor = Cipher(self.make(key), modes.CBC(vector)).decryptor()
        plain = decryptor.update(cipher_text) + decryptor.finalize()
        unpadder = padding.PKCS7(8 * self.block_length).unpadder()
        return unpadder.update(plain) + unpadder.finalize()


def _single_des(key: bytes) -> CipherAlgorithm:
    return outdated.TripleDES(key * 3)


def _double_des(key: bytes) -> CipherAlgorithm:
    return outdated.TripleDES(key + key[:8])


def _camellia(key: bytes) -> CipherAlgorithm:
    # Camellia moved between modules; the old name still works, with a warning.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return (getattr(outdated, "Camellia", None) or algorithms.Camellia)(key)


CIPHERS = {
    "AES-128-CBC": BlockCipher(algorithms.AES, 16, 16),
    "AES-192-CBC": BlockCipher(algorithms.AES, 24, 16),
    "AES-256-CBC": BlockCipher(algorithms.AES, 32, 16),
    "DES-EDE3-CBC": BlockCipher(outdated.TripleDES, 24, 8),
    "DES-EDE-CBC": BlockCipher(_double_des, 16, 8),
    "DES-CBC": BlockCipher(_single_des, 8, 8),
    "CAMELLIA-128-CBC": BlockCipher(_camellia, 16, 16),
    "CAMELLIA-192-CBC": BlockCipher(_camellia, 24, 16),
    "CAMELLIA-256-CBC": BlockCipher(_camellia, 32, 16),
    "SEED-CBC": BlockCipher(outdated.SEED, 16, 16),
    "IDEA-CBC": BlockCipher(outdated.IDEA, 16, 8),
    "CAST5-CBC": BlockCipher(outdated.CAST5, 16, 8),
    "BF-CBC": BlockCipher(outdated.Blowfish, 16, 8),
    "SM4-CBC": BlockCipher(algorithms.SM4, 16, 16),
}
"""Ciphers by name."""
