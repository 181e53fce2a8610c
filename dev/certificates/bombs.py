"""
Encrypted keys and bundles that cause any amount of work, in any place.

Built by hand (RFC 5958, 7292, 7914 and 8018), because no library writes them.
"""

from __future__ import annotations

import base64
import hashlib

from cryptography.hazmat.decrepit.ciphers.algorithms import RC2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC
from cryptography.hazmat.primitives.padding import PKCS7

from dev.certificates.trees import Node

_INTEGER, _OCTETS, _NULL, _OID, _SEQUENCE, _CONTEXT_0 = 0x02, 0x04, 0x05, 0x06, 0x30, 0xA0
_UTF8_STRING = 0x0C
_CONSTRUCTED_OCTETS, _IMPLICIT_0 = 0x24, 0x80

_PBES2 = "2a864886f70d01050d"
_PBKDF2 = "2a864886f70d01050c"
_SCRYPT = "2b06010401da47040b"
_HMAC_SHA256 = "2a864886f70d0209"
_AES_256_CBC = "60864801650304012a"
_DATA = "2a864886f70d010701"
_ENCRYPTED_DATA = "2a864886f70d010706"
_CERTIFICATE_BAG = "2a864886f70d010c0a0103"
_X509 = "2a864886f70d01091601"
_SHROUDED_KEY_BAG = "2a864886f70d010c0a0102"
_BY_3DES, _BY_RC2 = "2a864886f70d010c0103", "2a864886f70d010c0105"
_SHA1 = "2b0e03021a"

_SALT = bytes(8)
_IV = bytes(16)


def encrypted_key(key: bytes, passphrase: str | bytes, iterations: int) -> bytes:
    """Encrypt a key in PKCS#8 with PBKDF2, with any number of iterations."""
    algorithm, content = encrypted(key, passphrase, iterations)
    return sequence(algorithm, _value(_OCTETS, content))


def traditional(key: bytes, passphrase: str) -> str:
    """Encrypt an RSA key in OpenSSL's traditional form (RFC 1423)."""
    secret = hashlib.md5(passphrase.encode() + _IV[:8], usedforsecurity=False).digest()
    cipher_text = _by_aes(key, secret)
    lines = base64.encodebytes(cipher_text).decode()
    header = f"Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,{_IV.hex()}\n\n"
    label = "RSA PRIVATE KEY-----\n"
    return f"-----BEGIN {label}{header}{lines}-----END {label}"


def key_by_scrypt(n: int, r: int, p: int) -> bytes:
    """Write what looks like a key, encrypted with scrypt and these parameters."""
    cost = sequence(_value(_OCTETS, _SALT), _integer(n), _integer(r), _integer(p))
    algorithm = _algorithm(sequence(_oid(_SCRYPT), cost))
    return sequence(algorithm, _value(_OCTETS, bytes(160)))


def locked_key(
    iterations: int, *, content: bytes = bytes(160), is_salt_text: bool = False
) -> bytes:
    """
    Write what looks like an encrypted key in PKCS#8, with any number of iterations.

    Args:
        iterations: The iterations of PBKDF2.
        content: The encrypted content.
        is_salt_text: Whether the salt is a text, which isn't valid. Default: octets.
    """
    algorithm = _by_pbkdf2(iterations, _UTF8_STRING if is_salt_text else _OCTETS)
    return sequence(algorithm, _value(_OCTETS, content))


def locked_key_of_pkcs12(iterations: int, *, is_salt_text: bool = False) -> bytes:
    """Write the same for the key derivation of PKCS#12 (RFC 7292, B.2) instead of PBKDF2."""
    salt = _value(_UTF8_STRING if is_salt_text else _OCTETS, _SALT)
    algorithm = sequence(_oid(_BY_3DES), sequence(salt, _integer(iterations)))
    return sequence(algorithm, _value(_OCTETS, bytes(160)))


def locked_bag(iterations: int) -> bytes:
    """Write a bag of a PKCS#12 bundle with such a key."""
    return shrouded(locked_key(iterations))


def bag_of(key: bytes, passphrase: str, iterations: int) -> bytes:
    """Write a bag of a PKCS#12 bundle with a key that really is encrypted."""
    return shrouded(encrypted_key(key, passphrase, iterations))


def certificate_bag(der: bytes) -> bytes:
    """Write a bag of a PKCS#12 bundle with a certificate."""
    certificate = sequence(_oid(_X509), _value(_CONTEXT_0, _value(_OCTETS, der)))
    return sequence(_oid(_CERTIFICATE_BAG), _value(_CONTEXT_0, certificate))


def bundle_of(*bags: bytes) -> bytes:
    """Write a PKCS#12 bundle of unencrypted bags."""
    return _bundle(_value(_OCTETS, sequence(_open(_value(_OCTETS, sequence(*bags))))))


def bundle_in_fragments(bag: bytes, cut: int) -> bytes:
    """Write a PKCS#12 bundle whose only bag is in two fragments, as BER allows."""
    content = sequence(bag)
    place = len(content) - len(bag) + cut
    fragments = _value(_OCTETS, content[:place]) + _value(_OCTETS, content[place:])
    return _bundle(_value(_OCTETS, sequence(_open(_value(_CONSTRUCTED_OCTETS, fragments)))))


def bundle_within_encryption(*bags: bytes, passphrase: str) -> bytes:
    """Write a PKCS#12 bundle whose bags are encrypted again, with one iteration."""
    safe = _encrypted_safe(*encrypted(sequence(*bags), passphrase, 1))
    return _bundle(_value(_OCTETS, sequence(safe)))


def bundle_with_mac(iterations: int, *bags: bytes) -> bytes:
    """Write a PKCS#12 bundle whose MAC has any number of iterations, and doesn't match."""
    digest = sequence(sequence(_oid(_SHA1), _value(_NULL, b"")), _value(_OCTETS, bytes(20)))
    mac = sequence(digest, _value(_OCTETS, _SALT), _integer(iterations))
    return _bundle(_value(_OCTETS, sequence(_open(_value(_OCTETS, sequence(*bags))))), mac)


def bundle_in_rc2(*safes: bytes, passphrase: str) -> bytes:
    """
    Write a PKCS#12 bundle of safes that are encrypted with 128-bit RC2 (RFC 7292, C).

    Args:
        safes: The bags of each.
        passphrase: The passphrase for key and vector, with one iteration of SHA-1.
    """
    algorithm = sequence(_oid(_BY_RC2), sequence(_value(_OCTETS, _SALT), _integer(1)))
    block = 64
    filled = (passphrase.encode("utf-16-be") + b"\0\0") * block
    size = -(-(2 * len(passphrase) + 2) // block) * block
    key, vector = (
        hashlib.sha1(bytes([number]) * block + _SALT * 8 + filled[:size], usedforsecurity=False)
        for number in (1, 2)
    )
    cipher = Cipher(RC2(key.digest()[:16]), modes.CBC(vector.digest()[:8]))
    encrypted = (
        _encrypted_safe(algorithm, _by_cipher(sequence(safe), cipher, 8)) for safe in safes
    )
    return _bundle(_value(_OCTETS, sequence(*encrypted)))


def place_of(number: int, octets: bytes) -> int:
    """Return where an integer begins."""
    return octets.index(_integer(number))


def encrypted(content: bytes, passphrase: str | bytes, iterations: int) -> tuple[bytes, bytes]:
    """Encrypt octets with PBKDF2, and return the algorithm and the result."""
    derivation = PBKDF2HMAC(hashes.SHA256(), 32, _SALT, iterations)
    secret = passphrase.encode() if isinstance(passphrase, str) else passphrase
    return _by_pbkdf2(iterations), _by_aes(content, derivation.derive(secret))


def _by_aes(content: bytes, key: bytes) -> bytes:
    return _by_cipher(content, Cipher(algorithms.AES(key), modes.CBC(_IV)), 16)


def _by_cipher(content: bytes, cipher: Cipher[modes.CBC], block_length: int) -> bytes:
    padder, encryptor = PKCS7(8 * block_length).padder(), cipher.encryptor()
    padded = padder.update(content) + padder.finalize()
    return encryptor.update(padded) + encryptor.finalize()


def _by_pbkdf2(iterations: int, salt: int = _OCTETS) -> bytes:
    digest = sequence(_oid(_HMAC_SHA256), _value(_NULL, b""))
    cost = sequence(_value(salt, _SALT), _integer(iterations), digest)
    return _algorithm(sequence(_oid(_PBKDF2), cost))


def _algorithm(derivation: bytes) -> bytes:
    cipher = sequence(_oid(_AES_256_CBC), _value(_OCTETS, _IV))
    return sequence(_oid(_PBES2), sequence(derivation, cipher))


def shrouded(key: bytes) -> bytes:
    """Write a bag of a PKCS#12 bundle with a key that is encrypted in PKCS#8."""
    return sequence(_oid(_SHROUDED_KEY_BAG), _value(_CONTEXT_0, key))


def _encrypted_safe(algorithm: bytes, content: bytes) -> bytes:
    inner = sequence(_oid(_DATA), algorithm, _value(_IMPLICIT_0, content))
    return sequence(_oid(_ENCRYPTED_DATA), _value(_CONTEXT_0, sequence(_integer(0), inner)))


def _open(content: bytes) -> bytes:
    return sequence(_oid(_DATA), _value(_CONTEXT_0, content))


def _bundle(safes: bytes, mac: bytes = b"") -> bytes:
    return sequence(_integer(3), _open(safes), mac)


def sequence(*values: bytes) -> bytes:
    """Write a sequence."""
    return _value(_SEQUENCE, b"".join(values))


def _integer(number: int) -> bytes:
    return _value(_INTEGER, number.to_bytes(number.bit_length() // 8 + 1))


def _oid(content: str) -> bytes:
    return _value(_OID, bytes.fromhex(content))


def _value(tag: int, content: bytes) -> bytes:
    return Node(tag, content).encoded()
