"""PKCS#12 bundles put together bag by bag, as no library writes them (RFC 7292)."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

from dev.certificates import bombs
from server_certificate.budget import Budget
from server_certificate.der import encode, parts, whole
from server_certificate.reading.decryption.pkcs12_derivation import Purpose, derive
from support.openssl import openssl_octets

if TYPE_CHECKING:
    from collections.abc import Callable

_INTEGER, _OCTETS, _NULL, _OID, _SEQUENCE, _CONTEXT_0 = 0x02, 0x04, 0x05, 0x06, 0x30, 0xA0
_DATA, _ENCRYPTED_DATA = "2a864886f70d010701", "2a864886f70d010706"
_BAG = "2a864886f70d010c0a01"
_BY_RC2_40 = "2a864886f70d010c0106"
_PBKDF2, _PBMAC1 = "2a864886f70d01050c", "2a864886f70d01050e"
_HMAC_SHA256 = "2a864886f70d0209"
_SHA256 = "608648016503040201"
_SALT = bytes(range(8))


def bundle(
    *safes: bytes,
    word: str | None = None,
    iterations: int = 1,
    change: Callable[[bytes], bytes] = bytes,
    after: bytes = b"",
) -> bytes:
    """
    Write a bundle.

    Args:
        safes: Its safes.
        word: What its MAC is made with. Default: it has none.
        iterations: How many the MAC asks for; one is carried out.
        change: What is done to its content after the MAC was made. Default: nothing.
        after: What follows the safes, within the sequence of them. Default: nothing.
    """
    content = encode(_SEQUENCE, *safes, after)
    mac = b"" if word is None else mac_of(content, word, iterations)
    return encode(_SEQUENCE, encode(_INTEGER, b"\3"), _open(change(content)), mac)


def mac_of(content: bytes, word: str, iterations: int = 1) -> bytes:
    """Write the MAC of a content: SHA-256, one iteration, whatever it asks for."""
    secret = word.encode("utf-16-be") + b"\0\0"
    key = derive(secret, _SALT, 1, purpose=Purpose.MAC, length=32, digest="sha256", budget=Budget())
    algorithm = encode(_SEQUENCE, _oid(_SHA256), encode(_NULL, b""))
    value = encode(_OCTETS, hmac.digest(key, content, "sha256"))
    count = encode(_INTEGER, iterations.to_bytes(iterations.bit_length() // 8 + 1))
    return encode(_SEQUENCE, encode(_SEQUENCE, algorithm, value), encode(_OCTETS, _SALT), count)


def safe(*bags: bytes) -> bytes:
    """Write an unencrypted safe."""
    return _open(encode(_SEQUENCE, *bags))


def encrypted_safe(*bags: bytes, word: str) -> bytes:
    """Write a safe that is encrypted by AES."""
    return _encrypted(*bombs.encrypted(encode(_SEQUENCE, *bags), word, 1))


def rc2_safe(*bags: bytes, word: str) -> bytes:
    """Write a safe that is encrypted by RC2 with 40 bits; the openssl command does it."""
    secret = word.encode("utf-16-be") + b"\0\0"
    octets, vector = (
        derive(secret, _SALT, 1, purpose=purpose, length=length, digest="sha1", budget=Budget())
        for purpose, length in ((Purpose.KEY, 5), (Purpose.VECTOR, 8))
    )
    how = ["-rc2-40-cbc", "-K", octets.hex(), "-iv", vector.hex()]
    providers = ["-provider", "legacy", "-provider", "default"]
    cipher_text = openssl_octets("enc", *how, *providers, stdin=encode(_SEQUENCE, *bags))
    cost = encode(_SEQUENCE, encode(_OCTETS, _SALT), encode(_INTEGER, b"\1"))
    return _encrypted(encode(_SEQUENCE, _oid(_BY_RC2_40), cost), cipher_text)


def with_pbmac1(bundle: bytes, word: str, *, length: int = 32, kind: str = _PBKDF2) -> bytes:
    """
    Put a MAC of RFC 9579 behind a bundle that has none.

    Args:
        bundle: The bundle.
        word: What the MAC is made with.
        length: Octets of its key.
        kind: What the key derivation is called.
    """
    version, content = parts(whole(bundle))
    (octets,) = parts(parts(content)[1])
    secret = PBKDF2HMAC(hashes.SHA256(), length, _SALT, 1000).derive(word.encode())
    value = encode(_OCTETS, hmac.digest(secret, octets.content, "sha256"))
    digest = encode(_SEQUENCE, _oid(_HMAC_SHA256), encode(_NULL, b""))
    cost = [
        encode(_OCTETS, _SALT),
        encode(_INTEGER, (1000).to_bytes(2)),
        encode(_INTEGER, length.to_bytes(2)),
        digest,
    ]
    derivation = encode(_SEQUENCE, _oid(kind), encode(_SEQUENCE, *cost))
    algorithm = encode(_SEQUENCE, _oid(_PBMAC1), encode(_SEQUENCE, derivation, digest))
    # Salt and iterations of the usual MAC mean nothing here.
    mac = encode(_SEQUENCE, encode(_SEQUENCE, algorithm, value), encode(_OCTETS, b"unused"))
    return encode(_SEQUENCE, version.encoded, content.encoded, mac)


def bag(number: int, content: bytes, attributes: bytes = b"") -> bytes:
    """Write a bag of a kind, of which RFC 7292 has six."""
    kind = encode(_OID, bytes.fromhex(_BAG) + bytes([number]))
    return encode(_SEQUENCE, kind, encode(_CONTEXT_0, content), attributes)


def key(pkcs8: bytes) -> bytes:
    """Write a bag with an unencrypted key."""
    return bag(1, pkcs8)


def shrouded_key(pkcs8: bytes, word: str | bytes) -> bytes:
    """Write a bag with a key that is encrypted by AES."""
    return bag(2, bombs.encrypted_key(pkcs8, word, 1))


def certificates(*der: bytes) -> tuple[bytes, ...]:
    """Write bags with certificates."""
    return tuple(bombs.certificate_bag(each) for each in der)


def _encrypted(algorithm: bytes, cipher_text: bytes) -> bytes:
    info = encode(_SEQUENCE, _oid(_DATA), algorithm, encode(0x80, cipher_text))
    data = encode(_SEQUENCE, encode(_INTEGER, b"\0"), info)
    return encode(_SEQUENCE, _oid(_ENCRYPTED_DATA), encode(_CONTEXT_0, data))


def _open(content: bytes) -> bytes:
    holder = encode(_CONTEXT_0, encode(_OCTETS, content))
    return encode(_SEQUENCE, _oid(_DATA), holder)


def _oid(content: str) -> bytes:
    return encode(_OID, bytes.fromhex(content))
