"""Private keys and bundles that would take for ever if they were opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dev.certificates.forms import PASSPHRASE
from server_certificate import pem
from server_certificate.reading.loading import MAX_ITERATIONS
from support import bombs
from support.findings import codes
from support.hostile_input import LEAF, judge

if TYPE_CHECKING:
    from tests.unit.core.reading.conftest import Count

    from server_certificate.assessment import Assessment

# A net, not a measurement: what is bounded takes a second, what is not takes minutes.
pytestmark = pytest.mark.timeout(60)

MANY = 20_000_000


def test_keys_beyond_the_size_are_not_loaded(count: Count) -> None:
    """A private key that IAM would not take for its length isn't even loaded."""
    key = pem.encode("PRIVATE KEY", b"\x30\x82\x30\x00" + b"\x02" * 0x3000)
    judged = judge(above=LEAF.chain_pem(), private_key=key)
    assert codes(judged.findings) == ["too-large"]
    assert count.loads == []


def _refused_unopened(judged: Assessment, count: Count) -> None:
    assert "too-many-iterations" in codes(judged.findings)
    assert count.loads == []
    assert not judged.accepted


@pytest.mark.parametrize("passphrase", [None, "", PASSPHRASE])
@pytest.mark.parametrize("iterations", [MAX_ITERATIONS + 1, MANY, 2**31 - 1, 2**200])
def test_too_many_iterations_are_not_begun(
    count: Count, iterations: int, passphrase: str | None
) -> None:
    """A key or bundle that asks for more work than is done is refused before any is done."""
    bag = bombs.locked_bag(iterations)
    _refused_unopened(judge(bundle=bombs.bundle_of(bag), passphrase=passphrase), count)
    _refused_unopened(
        judge(bundle=bombs.bundle_of(bombs.locked_bag(1), bag), passphrase=passphrase), count
    )
    key = bombs.locked_key(iterations)
    _refused_unopened(judge(private_key=key, passphrase=passphrase), count)
    armoured = pem.encode("ENCRYPTED PRIVATE KEY", key)
    _refused_unopened(judge(private_key=armoured, passphrase=passphrase), count)


def test_as_many_iterations_as_are_done(count: Count) -> None:
    """With exactly the limit, the passphrase is tried."""
    judge(bundle=bombs.bundle_of(bombs.locked_bag(MAX_ITERATIONS)), passphrase=PASSPHRASE)
    assert set(count.loads) == {"decrypt"}


@pytest.mark.parametrize(
    ("n", "r", "p"), [(2**20, 1, 1), (2**14, 8, 16), (2**31, 8, 1), (2, 1, 2**20), (2, 2**20, 1)]
)
def test_scrypt_is_bounded(count: Count, n: int, r: int, p: int) -> None:
    """Whichever parameter of scrypt is large, in time or memory, nothing is derived."""
    _refused_unopened(judge(private_key=bombs.key_by_scrypt(n, r, p), passphrase=""), count)


def test_iterations_in_fragments(count: Count) -> None:
    """A number of iterations that stands in fragments, as BER allows, is found or not begun."""
    bag = bombs.locked_bag(MANY)
    bundle = bombs.bundle_in_fragments(bag, bombs.place_of(MANY, bag))
    judged = judge(bundle=bundle, passphrase=PASSPHRASE)
    assert not judged.accepted
    assert count.loads == []


def test_iterations_add_up(count: Count) -> None:
    """Many bags of one bundle with few iterations each are as much work as one with many."""
    bags = [bombs.locked_bag(MAX_ITERATIONS // 10)] * 50
    _refused_unopened(judge(bundle=bombs.bundle_of(*bags), passphrase=PASSPHRASE), count)


def test_many_encrypted_keys_are_not_all_opened(count: Count) -> None:
    """Of a bundle with many encrypted keys, of which none can be the one, few are opened."""
    key = pem.encode("ENCRYPTED PRIVATE KEY", bombs.locked_key(MAX_ITERATIONS))
    judge(bundle=(LEAF.pem + key * 100).encode(), passphrase=PASSPHRASE)
    assert len(count.loads) <= 2


def test_iterations_within_encryption() -> None:
    """What only shows once the bundle is opened, which needs no passphrase, is bounded, too."""
    bag = bombs.bag_of(LEAF.key_der(), "", 2 * MAX_ITERATIONS)
    bundle = bombs.bundle_within_encryption(bag, passphrase="")
    assert "too-many-iterations" in codes(judge(bundle=bundle).findings)


def test_chance_refuses_no_key(count: Count) -> None:
    """What is encrypted looks like anything, and is not taken for a number of iterations."""
    ciphers = [
        b"\x04\x01\x00\x02\x04\x7f\xff\xff\xff",
        b"\x30\x0b\x04\x01\x00\x02\x04\x7f\xff\xff\xff\x00\x00",
        b"\x30\x80" * 80,
    ]
    for number, cipher in enumerate(ciphers, 1):
        key = bombs.locked_key(2_048, content=cipher.ljust(160, b"\x01"))
        judge(private_key=key, passphrase=PASSPHRASE)
        assert len(count.loads) == number


def test_scrypt_beyond_the_memory_of_the_library() -> None:
    """Parameters of scrypt that the library itself refuses raise nothing."""
    judged = judge(private_key=bombs.key_by_scrypt(2**19, 1, 1), passphrase=PASSPHRASE)
    assert not judged.accepted


@pytest.mark.parametrize("passphrase", ["\0", "correct\0horse"])
def test_a_passphrase_with_a_nul(passphrase: str, capfd: pytest.CaptureFixture[str]) -> None:
    """No library is asked what it thinks of a NUL character in a passphrase."""
    for bundle in (LEAF.pkcs12(PASSPHRASE), bombs.bundle_of(bombs.locked_bag(1))):
        judged = judge(bundle=bundle, passphrase=passphrase)
        assert codes(judged.findings) == ["passphrase-wrong"]
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
def test_an_initialisation_vector_of_another_length(
    cipher: str, vector: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """What a traditional key says about its encryption is looked at before it is decrypted."""
    key = LEAF.key_pem("sec1", password=PASSPHRASE)
    head, _, rest = key.partition("DEK-Info: ")
    _, _, body = rest.partition("\n")
    judged = judge(private_key=f"{head}DEK-Info: {cipher},{vector}\n{body}", passphrase=PASSPHRASE)
    assert not judged.accepted
    assert capfd.readouterr().err == ""
