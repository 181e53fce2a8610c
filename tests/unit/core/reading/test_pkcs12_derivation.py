"""
The key derivation of PKCS#12, against published vectors and ``openssl kdf``.

RFC 7292 has no test vectors; OpenSSL and Bouncy Castle use those of S. N. Henson.
"""

from __future__ import annotations

import pytest

from server_certificate.budget import MAX_ITERATIONS, Budget, DerivationExceededError
from server_certificate.der import DerError
from server_certificate.reading.decryption.pkcs12_derivation import Purpose, derive

SECRET = "seä".encode("utf-16-be") + b"\0\0"
SALT = bytes(range(1, 9))


@pytest.mark.parametrize(
    ("digest", "purpose", "derived"),
    [
        (
            "sha1",
            Purpose.KEY,
            "d81a912fd3241c4fe3dc3691abd5807ef892b131ff93666cf1844eba8c7af56aa3299fcb3d4a06db",
        ),
        (
            "sha1",
            Purpose.VECTOR,
            "75a5fd79b194f4fec1a90e17c94f51ff61030c2fe9385d607a72eef7fcb6b75ec4b394dc1dd42acf",
        ),
        (
            "sha1",
            Purpose.MAC,
            "3e90c0e7f5877e167225ff0f6ca1aff9545a3510edf50f4bd08091f4923d8f8c07aa406ab1516b99",
        ),
        (
            "sha256",
            Purpose.MAC,
            "25a4bcd33922b5d5dee725b0c14519b1d92ad8157cf530c7aeba8592e9b2a4cd7a7bce3b14a6086b",
        ),
        (
            "sha512",
            Purpose.MAC,
            "8c0589838a22231dc3f084d38b3d373d9caf883e1a605dfe67230eebb242aa5024c5d9f0bf143c74",
        ),
        (
            "sha3_256",
            Purpose.MAC,
            "120e9b1bb5a4790b438b23c9ab3b253e659ccd4fdb69d935942ed11da7b156cb00e504d5450f49bd",
        ),
        (
            "sha512_256",
            Purpose.MAC,
            "7097863354f48438bde671f149d6d142c366dae27f16f48a366c300cfa89841b60fc9913af67d39a",
        ),
    ],
)
def test_openssl_derives_the_same(digest: str, purpose: Purpose, derived: str) -> None:
    """Several blocks of every kind of digest: ``openssl kdf -keylen 40 ... PKCS12KDF``."""
    octets = derive(SECRET, SALT, 1000, purpose=purpose, length=40, digest=digest, budget=Budget())
    assert octets.hex() == derived


@pytest.mark.parametrize(
    ("word", "salt", "purpose", "derived"),
    [
        ("smeg", "0a58cf64530d823f", 1, "8aaae6297b6cb04642ab5b077851284eb7128f1a2a7fbca3"),
        ("smeg", "0a58cf64530d823f", 2, "79993dfe048d3b76"),
        ("smeg", "642b99ab44fb4b1f", 1, "f3a95fec48d7711e985cfe67908c5ab79fa3d7c5caa5d966"),
        ("smeg", "642b99ab44fb4b1f", 2, "c0a38d64a79bea1d"),
        ("smeg", "3d83c0e4546ac140", 3, "8d967d88f6caa9d714800ab3d48051d63f73a312"),
        ("queeg", "05dec959acff72f7", 1, "ed2034e36328830ff09df1e1a07dd357185dac0d4f9eb3d4"),
        ("queeg", "05dec959acff72f7", 2, "11dedad7758d4860"),
        ("queeg", "1682c0fc5b3f7ec5", 1, "483dd6e919d7de2e8e648ba8f862f3fbfbdc2bcb2c02957f"),
        ("queeg", "1682c0fc5b3f7ec5", 2, "9d461d1b00355c50"),
        ("queeg", "263216fcc2fab31c", 3, "5ec4c7a80df652294c3925b6489a7ab857c83476"),
    ],
)
def test_published_vectors(word: str, salt: str, purpose: int, derived: str) -> None:
    """The published vectors for SHA-1 have one iteration or a thousand."""
    octets = derive(
        word.encode("utf-16-be") + b"\0\0",
        bytes.fromhex(salt),
        1 if word == "smeg" else 1000,
        purpose=Purpose(purpose),
        length=len(derived) // 2,
        digest="sha1",
        budget=Budget(),
    )
    assert octets.hex() == derived


def test_work_is_spent_before_it_is_done() -> None:
    """Each block costs all iterations, and SHA-512 costs twice as much."""

    def spend(iterations: int, *, length: int, digest: str = "sha1") -> None:
        purpose = Purpose.KEY
        derive(
            b"", SALT, iterations, purpose=purpose, length=length, digest=digest, budget=Budget()
        )

    spend(1000, length=40)
    for iterations, length, digest in (
        (MAX_ITERATIONS + 1, 20, "sha1"),
        (MAX_ITERATIONS // 2 + 1, 21, "sha1"),
        (MAX_ITERATIONS // 2 + 1, 64, "sha512"),
        (2**63, 20, "sha1"),
    ):
        with pytest.raises(DerivationExceededError):
            spend(iterations, length=length, digest=digest)


def test_long_salts_are_refused() -> None:
    """A long salt is refused, because every block processes it octet by octet."""
    with pytest.raises(DerError, match="salt"):
        derive(b"", bytes(2000), 1, purpose=Purpose.KEY, length=20, digest="sha1", budget=Budget())
