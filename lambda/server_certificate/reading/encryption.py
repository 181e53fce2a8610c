"""
Password-based encryption: that of PKCS#12 (RFC 7292, appendices B and C) and PBES2 (RFC 8018).

The library decrypts keys and whole bundles only, and neither bounds the work nor tells what it
leaves out; bundles are therefore opened here.
"""

from __future__ import annotations

import hashlib
import math
from typing import TYPE_CHECKING

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.decrepit.ciphers import algorithms as outdated
from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from server_certificate.reading import rc2
from server_certificate.reading.old_der import Value, content_of, parts

if TYPE_CHECKING:
    from collections.abc import Callable

    from cryptography.hazmat.primitives.ciphers import CipherAlgorithm

_PBES2 = bytes.fromhex("2a864886f70d01050d")
_PBKDF2 = bytes.fromhex("2a864886f70d01050c")
_SCRYPT = bytes.fromhex("2b06010401da47040b")
_OF_PKCS12 = bytes.fromhex("2a864886f70d010c01")

_DIGESTS = {
    bytes.fromhex("2a864886f70d0207"): "sha1",
    bytes.fromhex("2a864886f70d0208"): "sha224",
    bytes.fromhex("2a864886f70d0209"): "sha256",
    bytes.fromhex("2a864886f70d020a"): "sha384",
    bytes.fromhex("2a864886f70d020b"): "sha512",
}
"""HMACs that PBKDF2 derives keys with (RFC 8018, B.1)."""

_CIPHERS: dict[bytes, tuple[Callable[[bytes], CipherAlgorithm], int]] = {
    bytes.fromhex("608648016503040102"): (algorithms.AES, 16),
    bytes.fromhex("608648016503040116"): (algorithms.AES, 24),
    bytes.fromhex("60864801650304012a"): (algorithms.AES, 32),
    bytes.fromhex("2a864886f70d0307"): (outdated.TripleDES, 24),
}
"""Ciphers of PBES2 in CBC mode, and the octets of their keys (RFC 8018, B.2)."""

_KEY_LENGTHS = {1: 16, 2: 5, 3: 24, 4: 16, 5: 16, 6: 5}
"""Octets of the keys of RC4, triple DES and RC2 in PKCS#12, by the end of their identifiers."""

_RC4, _RC2 = {1, 2}, {5, 6}

_INTEGER, _SEQUENCE = 0x02, 0x30

_BLOCK = 64
"""Octets of a block of SHA-1."""

_UNKNOWN = "it is encrypted in an unknown way"


class UnknownEncryptionError(ValueError):
    """Something is encrypted in a way that is not known here."""


class WrongPassphraseError(ValueError):
    """The passphrase does not decrypt it, or it is damaged."""


def decrypt(octets: bytes, algorithm: Value, cipher_text: bytes, passphrase: str | None) -> bytes:
    """
    Decrypt what a passphrase encrypts.

    Args:
        octets: What the algorithm stands in.
        algorithm: The AlgorithmIdentifier. The caller has seen to it that its work is bounded.
        cipher_text: What is to be decrypted.
        passphrase: The passphrase; None is another than an empty one in PKCS#12.

    Raises:
        UnknownEncryptionError: The algorithm is none of those in use.
        WrongPassphraseError: The padding shows that the passphrase is another.
    """
    try:
        identifier, parameters = _two(octets, algorithm)
        kind = content_of(octets, identifier)
        if kind == _PBES2:
            return _by_pbes2(octets, parameters, cipher_text, passphrase or "")
        if kind[:-1] == _OF_PKCS12 and kind[-1] in _KEY_LENGTHS:
            return _by_pkcs12(octets, parameters, cipher_text, passphrase, kind[-1])
    except (UnknownEncryptionError, UnsupportedAlgorithm):
        raise UnknownEncryptionError(_UNKNOWN) from None
    except (ValueError, MemoryError):
        raise WrongPassphraseError("the passphrase does not open it") from None
    raise UnknownEncryptionError(_UNKNOWN)


def is_slow(octets: bytes, algorithm: Value) -> bool:
    """Tell whether an algorithm derives its keys as PKCS#12 does, which no library does for us."""
    (identifier, *_) = parts(octets, algorithm)
    return content_of(octets, identifier).startswith(_OF_PKCS12)


def _by_pbes2(octets: bytes, parameters: Value, cipher_text: bytes, passphrase: str) -> bytes:
    derivation, scheme = _two(octets, parameters)
    name, vector = (content_of(octets, part) for part in _two(octets, scheme))
    if name not in _CIPHERS:
        raise UnknownEncryptionError(_UNKNOWN)
    make, length = _CIPHERS[name]
    method, settings = _two(octets, derivation)
    key = _derived(octets, content_of(octets, method), settings, passphrase, length)
    return _unpadded(_decrypted(Cipher(make(key), modes.CBC(vector)), cipher_text), len(vector))


def _derived(octets: bytes, method: bytes, settings: Value, passphrase: str, length: int) -> bytes:
    values = list(parts(octets, settings))
    salt = content_of(octets, values[0]) if values else b""
    numbers = [_number(octets, value) for value in values[1:4] if value.tag == _INTEGER]
    secret = passphrase.encode("utf-8", errors="surrogatepass")
    if method == _SCRYPT and len(numbers) == len(("n", "r", "p")):
        n, r, p = numbers
        memory = 128 * r * (n + p + 2)
        return hashlib.scrypt(secret, salt=salt, n=n, r=r, p=p, maxmem=memory + 2**20, dklen=length)
    if method == _PBKDF2 and numbers:
        digest = "sha1"
        if values[-1].tag == _SEQUENCE:
            (pseudorandom, *_) = parts(octets, values[-1])
            digest = _DIGESTS.get(content_of(octets, pseudorandom), "")
        if digest:
            return hashlib.pbkdf2_hmac(digest, secret, salt, numbers[0], length)
    raise UnknownEncryptionError(_UNKNOWN)


def _by_pkcs12(
    octets: bytes, parameters: Value, cipher_text: bytes, passphrase: str | None, number: int
) -> bytes:
    salt_value, count = _two(octets, parameters)
    salt, iterations = content_of(octets, salt_value), _number(octets, count)
    secret = b""
    if passphrase is not None:
        secret = passphrase.encode("utf-16-be", errors="surrogatepass") + b"\0\0"
    key = _stretched(secret, salt, iterations, purpose=1, length=_KEY_LENGTHS[number])
    if number in _RC4:
        return _decrypted(Cipher(outdated.ARC4(key), None), cipher_text)
    vector = _stretched(secret, salt, iterations, purpose=2, length=8)
    if number in _RC2:
        return _unpadded(rc2.decrypt(cipher_text, key=key, vector=vector), len(vector))
    triple = outdated.TripleDES(key + key[: 24 - len(key)])  # of two keys, the first comes again
    return _unpadded(_decrypted(Cipher(triple, modes.CBC(vector)), cipher_text), len(vector))


def _decrypted(cipher: Cipher[modes.CBC] | Cipher[None], cipher_text: bytes) -> bytes:
    decryptor = cipher.decryptor()
    return decryptor.update(cipher_text) + decryptor.finalize()


def _unpadded(plain: bytes, block: int) -> bytes:
    unpadder = padding.PKCS7(8 * block).unpadder()
    return unpadder.update(plain) + unpadder.finalize()


def _stretched(secret: bytes, salt: bytes, iterations: int, *, purpose: int, length: int) -> bytes:
    """Derive octets as RFC 7292, B.2 does, with SHA-1; purpose 1 is a key, 2 a vector."""
    if iterations < 1:
        raise ValueError("Iterations are counted from one.")
    salt, secret = _filled(salt), _filled(secret)
    block = bytearray(salt + secret)
    derived = b""
    while len(derived) < length:
        digest = hashlib.sha1(bytes([purpose]) * _BLOCK + block, usedforsecurity=False).digest()
        for _ in range(iterations - 1):
            digest = hashlib.sha1(digest, usedforsecurity=False).digest()
        derived += digest
        addend = int.from_bytes((digest * 4)[:_BLOCK]) + 1
        for start in range(0, len(block), _BLOCK):
            total = int.from_bytes(block[start : start + _BLOCK]) + addend
            block[start : start + _BLOCK] = (total % 2 ** (8 * _BLOCK)).to_bytes(_BLOCK)
    return derived[:length]


def _filled(octets: bytes) -> bytes:
    """Repeat octets until they fill blocks."""
    length = _BLOCK * math.ceil(len(octets) / _BLOCK)
    return (octets * (length // max(len(octets), 1) + 1))[:length]


def _two(octets: bytes, whole: Value) -> tuple[Value, Value]:
    one, other, *_ = parts(octets, whole)
    return one, other


def _number(octets: bytes, value: Value) -> int:
    return int.from_bytes(content_of(octets, value))
