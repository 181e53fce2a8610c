"""
RC2 (RFC 2268), decrypting only: what Windows and old OpenSSL encrypt certificates in PKCS#12 with.

The library knows no RC2 with keys of 40 bits. It hides nothing, and nothing is ever encrypted with
it here; the certificates that it is for are public.
"""

from __future__ import annotations

import struct

MAX_OCTETS = 256 * 1024
"""Longer texts are not decrypted: they would take seconds, and hold hundreds of certificates."""

_TABLE = bytes.fromhex(
    "d978f9c419ddb5ed28e9fd794aa0d89dc67e37832b76538e624c6488448bfba2"
    "179a59f587b34f1361456d8d09817d32bd8f40eb86b77b0bf09521225c6b4e82"
    "54d66593ce60b21c7356c014a78cf1dc1275ca1f3bbee4d1423dd430a33cb626"
    "6fbf0eda4669075727f21d9bbc944303f811c7f690ef3ee706c3d52fc8661ed7"
    "08e8eade8052eef784aa72ac354d6a2a961ad2715a1549744b9fd05e0418a4ec"
    "c2e0416e0f51cbcc2491af50a1f47039997c3a8523b8b47afc02365b25559731"
    "2d5dfa98e38a92ae05df2910676cbac9d300e6cfe19ea82c6316013f58e289a9"
    "0d38341bab33ffb0bb480c5fb9b1cd2ec5f3db47e5a59c770aa62068fe7fc1ad"
)
_WORD = 0xFFFF
_ROTATIONS = (1, 2, 3, 5)
_BLOCK = 8


def decrypt(cipher_text: bytes, *, key: bytes, vector: bytes) -> bytes:
    """
    Decrypt in CBC mode; as many bits of the key count as it has.

    Raises:
        ValueError: The text is no number of whole blocks, or longer than ``MAX_OCTETS``.
    """
    if not cipher_text or len(cipher_text) % _BLOCK or len(cipher_text) > MAX_OCTETS:
        raise ValueError(f"RC2 is decrypted in blocks of {_BLOCK}, up to {MAX_OCTETS:,} octets.")
    words = _expanded(key)
    plain = bytearray()
    for start in range(0, len(cipher_text), _BLOCK):
        block = cipher_text[start : start + _BLOCK]
        plain += bytes(one ^ other for one, other in zip(_block(block, words), vector, strict=True))
        vector = block
    return bytes(plain)


def _expanded(key: bytes) -> tuple[int, ...]:
    """Expand a key to 64 words (RFC 2268, 2)."""
    length = len(key)
    octets = bytearray(key)
    while len(octets) < len(_TABLE) // 2:
        octets.append(_TABLE[(octets[-1] + octets[-length]) & 0xFF])
    octets[128 - length] = _TABLE[octets[128 - length]]
    for index in range(127 - length, -1, -1):
        octets[index] = _TABLE[octets[index + 1] ^ octets[index + length]]
    return struct.unpack("<64H", octets)


def _block(block: bytes, words: tuple[int, ...]) -> bytes:
    """Decrypt one block (RFC 2268, 4)."""
    state = list(struct.unpack("<4H", block))
    position = 63
    for rounds in (5, 6, 5):
        for _ in range(rounds):
            for index in (3, 2, 1, 0):
                rotation, word = _ROTATIONS[index], state[index]
                word = (word >> rotation | word << (16 - rotation)) & _WORD
                before = state[index - 1]
                mixed = (before & state[index - 2]) + (~before & state[index - 3])
                state[index] = (word - words[position] - mixed) & _WORD
                position -= 1
        if position >= 0:
            for index in (3, 2, 1, 0):
                state[index] = (state[index] - words[state[index - 1] & 63]) & _WORD
    return struct.pack("<4H", *state)
