"""Private keys and bundles that would take forever to open."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dev.certificates import bombs, floods
from dev.certificates.forms import PASSPHRASE
from server_certificate import pem
from server_certificate.budget import MAX_ITERATIONS, MAX_PRIVATE_KEYS
from support import bundles
from support.findings import codes
from support.hostile_input import LEAF, checked

if TYPE_CHECKING:
    from tests.unit.core.reading.conftest import Count

    from server_certificate.assessment import Assessment

# A net, not a measurement: what is bounded takes a second, what is not takes minutes.
pytestmark = pytest.mark.timeout(60)

MANY = 20_000_000


@pytest.mark.parametrize("length", [2_000, 300_000])
def test_keys_beyond_the_size_are_not_loaded(length: int) -> None:
    """A private key that is too long for IAM isn't even loaded, encrypted or not."""
    plain = floods.long_key(length)
    for key in (
        pem.encode("RSA PRIVATE KEY", plain),
        bombs.traditional(plain, PASSPHRASE),
        pem.encode("ENCRYPTED PRIVATE KEY", bombs.encrypted_key(plain, PASSPHRASE, 1)),
    ):
        result = checked(above=LEAF.chain_pem(), private_key=key, passphrase=PASSPHRASE)
        assert "too-large" in codes(result.findings)
        assert result.private_key is None


def _refused_unopened(result: Assessment, count: Count) -> None:
    assert "too-many-iterations" in codes(result.findings)
    assert count.loads == []
    assert not result.accepted


@pytest.mark.parametrize("passphrase", ["", PASSPHRASE])
@pytest.mark.parametrize("iterations", [MAX_ITERATIONS + 1, MANY, 2**31 - 1, 2**63])
def test_too_many_iterations_are_not_begun(count: Count, iterations: int, passphrase: str) -> None:
    """A key or bundle that asks for more work than is done is refused before any is done."""
    bag = bombs.locked_bag(iterations)
    _refused_unopened(checked(bundle=bombs.bundle_of(bag), passphrase=passphrase), count)
    _refused_unopened(checked(bundle=bombs.bundle_of(bag)), count)
    key = bombs.locked_key(iterations)
    _refused_unopened(checked(private_key=key, passphrase=passphrase), count)
    armored = pem.encode("ENCRYPTED PRIVATE KEY", key)
    _refused_unopened(checked(private_key=armored, passphrase=passphrase), count)
    mac = bundles.bundle(bundles.safe(bag), word=PASSPHRASE, iterations=iterations)
    _refused_unopened(checked(bundle=mac, passphrase=passphrase), count)


@pytest.mark.parametrize("iterations", [2**64, 2**200, 10**6_000], ids=range(3))
def test_invalid_numbers_of_iterations(count: Count, iterations: int) -> None:
    """An iteration count of more than 64 bits makes a key unreadable, and nothing is derived."""
    key = bombs.locked_key(iterations)
    result = checked(private_key=key, passphrase=PASSPHRASE)
    assert "unreadable" in codes(result.findings)
    assert count.loads == []


def test_as_many_iterations_as_are_done(count: Count) -> None:
    """At exactly the maximum iteration count, the passphrase is tried, and nothing else."""
    bundle = bombs.bundle_of(bombs.locked_bag(MAX_ITERATIONS))
    result = checked(bundle=bundle, passphrase=PASSPHRASE)
    assert count.loads == ["PBKDF2HMAC"]
    assert codes(result.findings) == ["passphrase-wrong"]


@pytest.mark.parametrize(
    ("n", "r", "p"),
    [(2**20, 1, 1), (2**14, 8, 16), (2**31, 8, 1), (2, 1, 2**20), (2, 2**20, 1), (2**60, 1, 1)],
)
def test_scrypt_is_bounded(count: Count, n: int, r: int, p: int) -> None:
    """Nothing is derived if any parameter of scrypt is too large, in time or memory."""
    _refused_unopened(checked(private_key=bombs.key_by_scrypt(n, r, p), passphrase=""), count)


@pytest.mark.parametrize(("n", "r", "p"), [(3, 1, 1), (1, 1, 1), (2, 0, 1)])
def test_scrypt_with_invalid_parameters(n: int, r: int, p: int) -> None:
    """The function is not defined for them, which is damage."""
    result = checked(private_key=bombs.key_by_scrypt(n, r, p), passphrase=PASSPHRASE)
    assert "unreadable" in codes(result.findings)


def test_longer_keys_and_slower_digests_cost_more(count: Count) -> None:
    """PBKDF2 starts again for each block of its digest, and SHA-512 takes longer."""
    key = bombs.locked_key(MAX_ITERATIONS // 2 + 1)
    checked(private_key=key, passphrase=PASSPHRASE)
    assert count.loads == ["PBKDF2HMAC"]
    count.loads.clear()
    sha256 = bytes.fromhex("2a864886f70d0209")
    for other in ("2a864886f70d0207", "2a864886f70d020b"):
        changed = key.replace(sha256, bytes.fromhex(other))
        _refused_unopened(checked(private_key=changed, passphrase=PASSPHRASE), count)


def test_iterations_in_fragments(count: Count) -> None:
    """An iteration count in fragments, which BER allows, is found."""
    bag = bombs.locked_bag(MANY)
    bundle = bombs.bundle_in_fragments(bag, bombs.place_of(MANY, bag))
    _refused_unopened(checked(bundle=bundle, passphrase=PASSPHRASE), count)


def test_iterations_add_up(count: Count) -> None:
    """The iterations of all encrypted keys in an input count towards one budget."""
    key = pem.encode("ENCRYPTED PRIVATE KEY", bombs.locked_key(MAX_ITERATIONS // 3))
    result = checked(bundle=(LEAF.pem + key * 100).encode(), passphrase=PASSPHRASE)
    assert len(count.loads) == 3
    assert "too-many-iterations" in codes(result.findings)


def test_iterations_within_encryption() -> None:
    """Iteration counts within an encrypted bundle are limited, too."""
    bag = bombs.locked_bag(2 * MAX_ITERATIONS)
    bundle = bombs.bundle_within_encryption(bag, passphrase="")
    assert "too-many-iterations" in codes(checked(bundle=bundle).findings)


@pytest.mark.parametrize("word", ["correct", None])
def test_many_private_keys_are_not_all_loaded(word: str | None, count: Count) -> None:
    """At most ten of thousands of private keys are loaded."""
    key = LEAF.key_pem() if word is None else pem.encode("PRIVATE KEY", bombs.locked_key(1))
    result = checked(bundle=(LEAF.pem + key * 4_000).encode(), passphrase=word)
    assert "too-many-blocks" in codes(result.findings)
    assert len(count.loads) == (0 if word is None else MAX_PRIVATE_KEYS)
    assert not result.accepted


def test_valid_keys_are_never_refused_at_random(count: Count) -> None:
    """Ciphertext is random, and never mistaken for an iteration count."""
    ciphers = [
        b"\x04\x01\x00\x02\x04\x7f\xff\xff\xff",
        b"\x30\x0b\x04\x01\x00\x02\x04\x7f\xff\xff\xff\x00\x00",
        b"\x30\x80" * 80,
    ]
    for number, cipher in enumerate(ciphers, 1):
        key = bombs.locked_key(2_048, content=cipher.ljust(160, b"\x01"))
        checked(private_key=key, passphrase=PASSPHRASE)
        assert len(count.loads) == number


@pytest.mark.parametrize("passphrase", ["\0", "correct\0horse"])
def test_a_passphrase_with_a_nul(passphrase: str, capfd: pytest.CaptureFixture[str]) -> None:
    """A passphrase with a NUL character is refused before any library sees it."""
    for bundle in (LEAF.pkcs12(PASSPHRASE), bombs.bundle_of(bombs.locked_bag(1))):
        result = checked(bundle=bundle, passphrase=passphrase)
        assert codes(result.findings) == ["passphrase-wrong"]
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    ("cipher", "vector"),
    [
        ("AES-256-CBC", ""),
        ("AES-256-CBC", "00"),
        ("AES-256-CBC", "A" * 28),
        ("AES-256-CBC", "A" * 34),
        ("AES-256-CBC", "Z" * 32),
        ("AES-256-GCM", "A" * 24),
        ("DES-EDE3-CBC", "A" * 12),
        ("DES-EDE3-CBC", "A" * 18),
        ("", ""),
    ],
)
def test_an_initialization_vector_of_another_length(
    cipher: str, vector: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """The headers of an encrypted traditional key are checked before it is decrypted."""
    key = LEAF.key_pem("sec1", password=PASSPHRASE)
    head, _, rest = key.partition("DEK-Info: ")
    _, _, body = rest.partition("\n")
    result = checked(
        private_key=f"{head}DEK-Info: {cipher},{vector}\n{body}", passphrase=PASSPHRASE
    )
    assert not result.accepted
    assert capfd.readouterr().err == ""
