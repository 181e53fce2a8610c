"""
Input that would take for ever, or all memory, if every part of it were looked at again.

Work is counted here; time and memory of the whole command are measured by the benchmarks.
"""

from __future__ import annotations

import tracemalloc
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from dev.certificates.authority import NOW, Authority, to_pem, to_pkcs7
from dev.certificates.keys import rsa_public_key
from server_certificate import chain, pem
from server_certificate.assessment import Assessment, Criteria, Given, Input, assess
from server_certificate.chain import order
from server_certificate.findings import MOST_OF_A_KIND
from server_certificate.reading import pkcs12
from server_certificate.reading.demand import MAX_BLOCKS
from server_certificate.reading.loading import MAX_ITERATIONS
from support import bombs
from support.findings import codes

if TYPE_CHECKING:
    from cryptography import x509

# A net, not a measurement: what is bounded takes a second, what is not takes minutes.
pytestmark = pytest.mark.timeout(60)

unbounded = pytest.mark.xfail(strict=True, reason="not bounded so far")

LEAF = Authority.root().leaf()
BEGIN = "-----BEGIN CERTIFICATE-----"
MEBIBYTE = 1024 * 1024
MANY = 20_000_000
PASSPHRASE = "correct horse"  # noqa: S105 (it keeps nothing)


@dataclass(slots=True)
class Count:
    """How often something costly was done."""

    verifications: int = 0
    loads: list[str] = field(default_factory=list)


@pytest.fixture
def count(monkeypatch: pytest.MonkeyPatch) -> Count:
    """Count verifications of signatures; and decryptions, which fail without being tried."""
    counted = Count()
    certifies = chain.certifies

    def verify(issuer: x509.Certificate, subject: x509.Certificate) -> bool:
        counted.verifications += 1
        return certifies(issuer, subject)

    def loader(name: str) -> object:
        def load(*_: object, **__: object) -> object:
            counted.loads.append(name)
            raise ValueError

        return load

    monkeypatch.setattr(chain, "certifies", verify)
    for module, name in (
        (serialization, "load_der_private_key"),
        (serialization, "load_pem_private_key"),
        (pkcs12, "decrypt"),
    ):
        monkeypatch.setattr(module, name, loader(name))
    return counted


def judge(
    *,
    certificate: str | bytes = LEAF.pem,
    above: str | bytes | None = None,
    private_key: str | bytes | None = None,
    bundle: bytes | None = None,
    passphrase: str | None = None,
) -> Assessment:
    """Assess parts, or a bundle instead."""

    def part(content: str | bytes | None) -> Input | None:
        if content is None:
            return None
        return Input(content) if isinstance(content, bytes) else Input.of_text(content)

    given = Given(
        certificate=None if bundle else part(certificate),
        chain=part(above),
        private_key=part(private_key),
        bundle=part(bundle),
        passphrase=passphrase,
    )
    return assess(given, Criteria(at=NOW))


def filled(pattern: str) -> str:
    """Repeat a pattern up to the longest text that is read."""
    return (pattern * (pem.MAX_CHARACTERS // len(pattern) + 1))[: pem.MAX_CHARACTERS]


LONG_TEXTS = [
    LEAF.pem * 10_000,
    LEAF.pem[:300] * 10_000,
    "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n" * 10_000,
    "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n" * MAX_BLOCKS,
    filled(BEGIN),
    filled(BEGIN + "\n-----END X-----\n"),
    filled("-----BEGIN "),
    filled("-----BEGIN A-----"),
    filled("-----BEGIN A-----\n-----END A-----\n"),
    BEGIN + filled("-")[:-100],
    BEGIN + filled("-----END ")[:-100],
    filled("A"),
    filled("A "),
    filled("a/b"),
    filled("{"),
    filled('{"a":'),
    filled(" "),
    filled("\0"),
    filled("\\n"),
    filled("BEGIN "),
    filled("BEGIN A "),
    filled("BEGIN CERTIFICAT"),
    f"{BEGIN}\n{filled('A')[:-100]}\n-----END CERTIFICATE-----",
    pem.encode("CERTIFICATE", b"\x30\x84\x00\x2f\x00\x00" + b"\x30\x80" * (MEBIBYTE // 2)),
    pem.encode("CERTIFICATE", b"\x30\xfe" + b"\xff" * MEBIBYTE),
    pem.encode("PRIVATE KEY", b"\x30\x82\xff\xff" + b"\xff" * MEBIBYTE),
    pem.encode("ENCRYPTED PRIVATE KEY", b"\x30\x80" * 8_000),
    pem.encode("PKCS7", b"\x30\x80" * MEBIBYTE),
]
LONG_OCTETS = [
    b"\x30\x80" * (2 * MEBIBYTE),
    b"\x30\x84\x00\x3f\xff\xfa" + b"\x30\x00" * (2 * MEBIBYTE - 3),
    b"\x30\x84\x00\x3f\xff\xfa\x02\x01\x03\x30\x84\x00\x3f\xff\xf1" + b"\x24\x80" * (2 * MEBIBYTE),
    b"\xff" * (4 * MEBIBYTE),
    b"\x30\x82" * (2 * MEBIBYTE),
]


@pytest.mark.parametrize(
    "content",
    [*(text.encode() for text in LONG_TEXTS), *LONG_OCTETS],
    ids=range(len(LONG_TEXTS) + len(LONG_OCTETS)),
)
def test_long_inputs_end_in_a_few_findings(content: bytes) -> None:
    """Ten thousand blocks, four megabytes without a line break: some findings, and no leaf."""
    judged = judge(certificate=content, above=content, private_key=content, passphrase="")
    assert judged.public is None
    assert 3 <= len(judged.findings) <= 5 * (MOST_OF_A_KIND + 1)
    assert max(len(finding.message) for finding in judged.findings) < 500
    assert judge(bundle=content, passphrase="").public is None


@pytest.mark.parametrize(
    "pattern", ["-----BEGIN A-----\n-----END A-----\n", "A", "a/b ", "\0", "\\n", '{"a":']
)
def test_memory_is_bounded(pattern: str) -> None:
    """Reading the longest text takes a small multiple of it, whatever it is made of."""
    text = filled(pattern).encode()
    tracemalloc.start()
    try:
        judge(certificate=text, above=text, private_key=text)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 20 * pem.MAX_CHARACTERS


@pytest.mark.parametrize("part", ["certificate", "above", "private_key", "bundle"])
def test_a_hundred_megabytes_are_not_looked_into(part: str) -> None:
    """What is too large is refused by its size, the limit is named, and nothing is copied."""
    content = bytes(100 * MEBIBYTE)
    tracemalloc.start()
    try:
        judged = judge(**{part: content})  # type: ignore[arg-type]
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < MEBIBYTE
    (finding,) = (finding for finding in judged.findings if finding.code == "too-large")
    assert "104,857,600" in finding.message
    assert "4,194,304" in finding.message


@pytest.mark.parametrize(
    "pattern", ["-----BEGIN A-----", "-----BEGIN ", "-----BEGIN A-----\n-----END "]
)
def test_taking_apart_is_linear(pattern: str) -> None:
    """Blocks that never end are not searched for their end again and again."""
    assert pem.parse(pattern * 50_000).has_other_text == (pattern == "-----BEGIN ")


def test_too_many_blocks_are_not_read() -> None:
    """One block more than is read, and none is."""
    block = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n"
    judged = judge(above=block * (MAX_BLOCKS + 1))
    assert codes(judged.findings) == ["too-many-blocks"]
    assert f"{MAX_BLOCKS + 1:,}" in judged.findings[0].message


# Chains.


def _mesh(number: int) -> list[Authority]:
    """Make authorities of one name, of which each is certified by the one before it."""
    mesh = [Authority.root("Same")]
    for _ in range(number - 1):
        mesh.append(mesh[-1].intermediate("Same"))
    return mesh


def test_a_long_chain_takes_few_verifications(count: Count) -> None:
    """Each certificate of a chain is verified once, or twice: by its issuer and by itself."""
    authorities = [Authority.root("0")]
    for number in range(1, 400):
        authorities.append(authorities[-1].intermediate(str(number)))
    leaf = authorities[-1].leaf()
    judged = judge(certificate=leaf.pem, above=to_pem(*leaf.chain()[::-1]))
    assert judged.accepted
    assert [element.certificate for element in judged.chain] == list(leaf.chain())
    assert count.verifications <= 2 * 401


def test_many_authorities_of_one_name(count: Count) -> None:
    """A few authorities of one name, in two texts and the wrong order, are told apart."""
    mesh = _mesh(20)
    leaf = mesh[-1].leaf()
    judged = judge(certificate=to_pem(*mesh[8:], leaf), above=to_pem(*mesh[:8]))
    assert judged.accepted
    assert judged.public is not None
    assert judged.public.chain == leaf.chain()
    assert count.verifications <= 21 * 21


def test_thousands_of_authorities_of_one_name(count: Count) -> None:
    """With as many namesakes as are read, trying ends, and says so."""
    root = Authority.root("Same")
    cross = [root.cross_sign(root) for _ in range(40)]
    namesakes = to_pem(*cross) * (MAX_BLOCKS // 40)
    judged = judge(certificate=cross[0].leaf().pem, above=namesakes)
    assert (
        count.verifications
        <= chain.SPARE_VERIFICATIONS + chain.VERIFICATIONS_PER_CERTIFICATE * MAX_BLOCKS
    )
    assert len(judged.findings) < 5 * (MOST_OF_A_KIND + 1)


def test_namesakes_are_given_up_soon(count: Count) -> None:
    """Who signed whom among hundreds of one name is left open, and that is an error."""
    mesh = _mesh(120)
    leaf = mesh[-1].leaf()
    judged = judge(certificate=to_pem(*mesh, leaf))
    assert "too-many-namesakes" in codes(judged.findings)
    assert not judged.accepted
    assert (
        count.verifications <= chain.SPARE_VERIFICATIONS + chain.VERIFICATIONS_PER_CERTIFICATE * 121
    )


def test_questions_are_given_up_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once too many signatures were verified, it is not even asked any more who signed whom."""
    asked: list[int] = []
    certifies = chain.Signatures.certifies

    def ask(
        signatures: chain.Signatures, issuer: x509.Certificate, subject: x509.Certificate
    ) -> bool:
        asked.append(1)
        return certifies(signatures, issuer, subject)

    monkeypatch.setattr(chain.Signatures, "certifies", ask)
    mesh = _mesh(300)
    judged = judge(certificate=to_pem(*mesh[:150], *mesh[151:]))
    assert "too-many-namesakes" in codes(judged.findings)
    assert len(asked) < 20_000


def test_authorities_that_certify_each_other(count: Count) -> None:
    """Where everybody certifies everybody, a chain is found without trying all paths."""
    roots = [Authority.root("Same") for _ in range(6)]
    crossed = [
        issuer.cross_sign(subject).certificate
        for issuer in roots
        for subject in roots
        if issuer is not subject
    ]
    leaf = roots[0].leaf()
    ordered = order(leaf.certificate, crossed)
    assert order(leaf.certificate, crossed[::-1]).chain == ordered.chain
    assert len(ordered.chain) + len(ordered.unrelated) == len(crossed)
    assert count.verifications <= 2 * (len(crossed) + 1) ** 2


# Keys.


def test_the_largest_keys_of_certificates(count: Count) -> None:
    """RSA keys of 16,384 bits are judged like any other; one bit more is named."""
    root = Authority.root()
    largest = root.leaf(public_key=rsa_public_key(16_384))
    assert "key-size" not in codes(judge(certificate=largest.pem).findings)
    larger = root.leaf(public_key=rsa_public_key(16_385))
    assert "key-size" in codes(judge(certificate=larger.pem).findings)
    assert count.verifications <= 2 * 2


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


@pytest.mark.parametrize("version", [3, 5, 127])
def test_versions_that_do_not_exist(version: int) -> None:
    """A container may hold a certificate of a version that is none."""
    usual, other = b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01" + bytes([version])
    bundle = bombs.bundle_of(bombs.certificate_bag(LEAF.der))
    for container in (to_pkcs7(LEAF, encoding="DER"), bundle):
        assert "unreadable" not in codes(judge(bundle=container).findings)
        judged = judge(bundle=container.replace(usual, other))
        assert codes(judged.findings) == ["unreadable"]


@pytest.mark.parametrize("curve", [ec.SECP256R1(), ec.SECP384R1(), ec.BrainpoolP512R1()])
def test_every_curve_is_verified(curve: ec.EllipticCurve) -> None:
    """Certificates on costlier curves than usual are judged as any other."""
    key = ec.generate_private_key(curve)
    leaf = Authority.root().leaf(public_key=key.public_key())
    assert judge(certificate=leaf.pem, above=leaf.chain_pem()).accepted
