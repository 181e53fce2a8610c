"""
Encrypted keys and bundles that ask for work: as much as one likes, and where one likes.

Put together by hand (RFC 5958, 7292, 7914 and 8018), for no library writes such things.
"""

from __future__ import annotations

import base64
import hashlib

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC
from cryptography.hazmat.primitives.padding import PKCS7

_INTEGER, _OCTETS, _NULL, _OID, _SEQUENCE, _CONTEXT_0 = 0x02, 0x04, 0x05, 0x06, 0x30, 0xA0
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

_SALT = bytes(8)
_IV = bytes(16)


def encrypted_key(key: bytes, passphrase: str | bytes, iterations: int) -> bytes:
    """Encrypt a key in PKCS#8 by PBKDF2, carried out, however many iterations it takes."""
    algorithm, content = encrypted(key, passphrase, iterations)
    return sequence(algorithm, _value(_OCTETS, content))


def traditional(key: bytes, passphrase: str) -> str:
    """Encrypt an RSA key as OpenSSL's traditional form has it (RFC 1423)."""
    secret = hashlib.md5(passphrase.encode() + _IV[:8], usedforsecurity=False).digest()
    cipher_text = _by_aes(key, secret)
    lines = base64.encodebytes(cipher_text).decode()
    header = f"Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,{_IV.hex()}\n\n"
    label = "RSA PRIVATE KEY-----\n"
    return f"-----BEGIN {label}{header}{lines}-----END {label}"


def key_by_scrypt(n: int, r: int, p: int) -> bytes:
    """Write what seems to be a key, encrypted by scrypt with these parameters."""
    cost = sequence(_value(_OCTETS, _SALT), _integer(n), _integer(r), _integer(p))
    algorithm = _algorithm(sequence(_oid(_SCRYPT), cost))
    return sequence(algorithm, _value(_OCTETS, bytes(160)))


def locked_key(iterations: int, *, content: bytes = bytes(160)) -> bytes:
    """Write what seems to be a key in PKCS#8 that takes so many iterations to open."""
    return sequence(_by_pbkdf2(iterations), _value(_OCTETS, content))


def locked_bag(iterations: int) -> bytes:
    """Write a bag of a PKCS#12 bundle with such a key."""
    return _bag(locked_key(iterations))


def bag_of(key: bytes, passphrase: str, iterations: int) -> bytes:
    """Write a bag of a PKCS#12 bundle with a key that really is encrypted so."""
    return _bag(encrypted_key(key, passphrase, iterations))


def certificate_bag(der: bytes) -> bytes:
    """Write a bag of a PKCS#12 bundle with a certificate."""
    certificate = sequence(_oid(_X509), _value(_CONTEXT_0, _value(_OCTETS, der)))
    return sequence(_oid(_CERTIFICATE_BAG), _value(_CONTEXT_0, certificate))


def bundle_of(*bags: bytes) -> bytes:
    """Write a PKCS#12 bundle of bags that stand there openly."""
    return _bundle(_value(_OCTETS, sequence(_open(_value(_OCTETS, sequence(*bags))))))


def bundle_in_fragments(bag: bytes, cut: int) -> bytes:
    """Write a PKCS#12 bundle whose only bag stands there in two fragments, as BER allows."""
    content = sequence(bag)
    place = len(content) - len(bag) + cut
    fragments = _value(_OCTETS, content[:place]) + _value(_OCTETS, content[place:])
    return _bundle(_value(_OCTETS, sequence(_open(_value(_CONSTRUCTED_OCTETS, fragments)))))


def bundle_within_encryption(*bags: bytes, passphrase: str) -> bytes:
    """Write a PKCS#12 bundle whose bags are encrypted once more, with one iteration."""
    algorithm, content = encrypted(sequence(*bags), passphrase, 1)
    inner = sequence(_oid(_DATA), algorithm, _value(_IMPLICIT_0, content))
    safe = sequence(_oid(_ENCRYPTED_DATA), _value(_CONTEXT_0, sequence(_integer(0), inner)))
    return _bundle(_value(_OCTETS, sequence(safe)))


def place_of(number: int, octets: bytes) -> int:
    """Return where an integer begins."""
    return octets.index(_integer(number))


def encrypted(content: bytes, passphrase: str | bytes, iterations: int) -> tuple[bytes, bytes]:
    """Encrypt octets by PBKDF2, carried out, and return how, and what comes out."""
    derivation = PBKDF2HMAC(hashes.SHA256(), 32, _SALT, iterations)
    secret = passphrase.encode() if isinstance(passphrase, str) else passphrase
    return _by_pbkdf2(iterations), _by_aes(content, derivation.derive(secret))


def _by_aes(content: bytes, key: bytes) -> bytes:
    padder, encryptor = PKCS7(128).padder(), Cipher(algorithms.AES(key), modes.CBC(_IV)).encryptor()
    padded = padder.update(content) + padder.finalize()
    return encryptor.update(padded) + encryptor.finalize()


def _by_pbkdf2(iterations: int) -> bytes:
    digest = sequence(_oid(_HMAC_SHA256), _value(_NULL, b""))
    cost = sequence(_value(_OCTETS, _SALT), _integer(iterations), digest)
    return _algorithm(sequence(_oid(_PBKDF2), cost))


def _algorithm(derivation: bytes) -> bytes:
    cipher = sequence(_oid(_AES_256_CBC), _value(_OCTETS, _IV))
    return sequence(_oid(_PBES2), sequence(derivation, cipher))


def _bag(key: bytes) -> bytes:
    return sequence(_oid(_SHROUDED_KEY_BAG), _value(_CONTEXT_0, key))


def _open(content: bytes) -> bytes:
    return sequence(_oid(_DATA), _value(_CONTEXT_0, content))


def _bundle(safes: bytes) -> bytes:
    return sequence(_integer(3), _open(safes))


def sequence(*values: bytes) -> bytes:
    """Write a sequence."""
    return _value(_SEQUENCE, b"".join(values))


def _integer(number: int) -> bytes:
    return _value(_INTEGER, number.to_bytes(number.bit_length() // 8 + 1))


def _oid(content: str) -> bytes:
    return _value(_OID, bytes.fromhex(content))


def _value(tag: int, content: bytes) -> bytes:
    length = len(content)
    if length < 0x80:
        return bytes([tag, length]) + content
    octets = length.to_bytes((length.bit_length() + 7) // 8)
    return bytes([tag, 0x80 | len(octets)]) + octets + content
