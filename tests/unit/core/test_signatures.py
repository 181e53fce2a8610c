"""Signatures that are really verified."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519

from dev.certificates.authority import DAY, NOW, Authority, Fault, self_signed
from dev.certificates.der import with_other_scheme
from dev.certificates.extended import server
from dev.certificates.issuing import authority_builder, common_name_of, sign, subject
from dev.certificates.keys import KeyType, rsa_public_key
from server_certificate import pem
from server_certificate.budget import MAX_VERIFICATIONS, Budget
from server_certificate.certificates.signatures import Signatures
from server_certificate.description import describe
from server_certificate.findings import Severity
from support.certificates import loaded
from support.findings import only
from support.hostile_input import checked
from support.openssl import needs_openssl, openssl

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes

    from server_certificate.certificates.certificate import Certificate


class Spending(Budget):
    """A budget that notes what verifications cost."""

    def __init__(self) -> None:
        super().__init__()
        self.spent: list[int] = []

    def spend_verification(self, cost: int) -> None:
        """Note it."""
        self.spent.append(cost)


def certifies(issuer: Certificate, subject: Certificate) -> bool:
    """Ask once, with nothing known."""
    return Signatures().certifies(issuer, subject)


def is_self_signed(certificate: Certificate) -> bool:
    """Ask once, with nothing known."""
    return Signatures().is_self_signed(certificate)


@pytest.mark.parametrize("key_type", KeyType)
def test_signatures_of_every_kind_are_verified(key_type: KeyType) -> None:
    """An issuer certifies what it signed, and nothing that another of its name signed."""
    root = Authority.root(key_type=key_type)
    leaf, forged = root.leaf(), root.leaf(fault=Fault.FORGED)
    assert certifies(loaded(root), loaded(leaf))
    assert not certifies(loaded(root), loaded(forged))
    assert not certifies(loaded(root.namesake()), loaded(leaf))
    assert not certifies(loaded(leaf), loaded(root))


@pytest.mark.parametrize("key_type", [KeyType.RSA, KeyType.ED25519])
def test_keys_of_another_kind_certify_nothing(key_type: KeyType) -> None:
    """An authority of the same name is not the issuer if its key can't have made the signature."""
    leaf = Authority.root().leaf()
    assert not certifies(loaded(Authority.root(key_type=key_type)), loaded(leaf))


@needs_openssl
@pytest.mark.parametrize(
    ("digest", "key"),
    [
        ("-sha1", ["rsa:2048"]),
        ("-md5", ["rsa:2048"]),
        ("-sha1", ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]),
    ],
)
def test_outdated_digests_are_verified(digest: str, key: list[str]) -> None:
    """An old root signed with SHA-1 is recognized as self-signed, too."""
    arguments = ["-x509", digest, "-nodes", "-subj", "/CN=Old", "-keyout", "-", "-newkey", *key]
    first, second = (
        loaded(x509.load_pem_x509_certificate(openssl("req", *arguments).encode()))
        for _ in range(2)
    )
    assert is_self_signed(first)
    assert not certifies(first, second)
    for key_type in (KeyType.P256, KeyType.RSA, KeyType.ED25519):
        assert not certifies(loaded(Authority.root("Old", key_type=key_type)), first)
    assert not certifies(loaded(Authority.root("New")), first)


def test_self_signed() -> None:
    """Roots and certificates that sign themselves are self-signed, what a root issues isn't."""
    root = Authority.root()
    assert is_self_signed(loaded(root))
    assert is_self_signed(loaded(self_signed()))
    assert not is_self_signed(loaded(root.leaf()))


# What can't be verified.


def namesake_of(issuer: Authority, public_key: CertificatePublicKeyTypes) -> Certificate:
    """Give the name of an authority to another key."""
    name = common_name_of(issuer.certificate)
    builder = authority_builder(name, public_key).issuer_name(subject("Root above"))
    validity = (NOW - DAY, NOW + DAY)
    return loaded(sign(builder, validity=validity, signer=ROOT_KEY, signer_type=KeyType.P256))


ROOT_KEY = KeyType.P256.generate()
ISSUER = Authority.root("Issuer", key=ROOT_KEY)
LEAF = ISSUER.leaf()


@pytest.mark.parametrize(
    ("key", "words"),
    [
        (rsa_public_key(16_385), "its RSA key has 16,385 bits"),
        (rsa_public_key(100_001), "its RSA key has 100,001 bits"),
        (rsa_public_key(2_048, exponent=(1 << 64) + 1), "exponent of its RSA key has 65 bits"),
        (rsa_public_key(3_072, exponent=(1 << 3070) + 1), "exponent of its RSA key has 3,071 bits"),
    ],
)
def test_keys_that_are_too_large(key: CertificatePublicKeyTypes, words: str) -> None:
    """They are not used for verification, and the reason is reported."""
    signatures = Signatures()
    issuer, leaf = namesake_of(ISSUER, key), loaded(LEAF)
    assert not signatures.certifies(issuer, leaf)
    assert words in signatures.obstacle(issuer, leaf)
    assert not signatures.is_exhausted


@pytest.mark.parametrize(
    "key", [rsa_public_key(16_384), rsa_public_key(2_048, exponent=(1 << 63) + 1)]
)
def test_the_largest_keys_are_computed_with(key: CertificatePublicKeyTypes) -> None:
    """Signatures of keys up to the limit are verified."""
    root = Authority.root("Issuer", key_type=KeyType.RSA)
    signatures = Signatures()
    assert not signatures.certifies(namesake_of(root, key), loaded(root.leaf()))
    assert signatures.obstacle(namesake_of(root, key), loaded(root.leaf())) == ""


def test_an_issuer_whose_key_is_too_large_is_an_error() -> None:
    """The finding says that the signature can't be verified, not that it is wrong."""
    issuer = namesake_of(ISSUER, rsa_public_key(16_385))
    result = checked(certificate=LEAF.pem, above=pem.encode("CERTIFICATE", issuer.der))
    found = only(result.findings)
    assert (found.code, found.subject) == ("signature-not-verified", "chain")
    assert found.severity is Severity.ERROR
    assert found.message.startswith("the signature of 'CN=Issuer' on 'CN=www.example.com' can't be")


def test_a_kind_of_signature_that_is_not_supported() -> None:
    """MD2 is reported by its OID as unsupported, and not as a wrong signature."""
    sha256, md2 = (b"\x2a\x86\x48\x86\xf7\x0d\x01\x01" + last for last in (b"\x0b", b"\x02"))
    root = Authority.root(key_type=KeyType.RSA)
    leaf = loaded(x509.load_der_x509_certificate(root.leaf().der.replace(sha256, md2)))
    assert Signatures().obstacle(loaded(root), leaf) == (
        "the signature algorithm 1.2.840.113549.1.1.2 is not supported"
    )


def test_a_scheme_that_the_key_has_not() -> None:
    """A signature that says ECDSA, and was made with RSA, is wrong whatever the numbers say."""
    root = Authority.root(key_type=KeyType.RSA)
    leaf = with_other_scheme(root.leaf().certificate, root.private_key)
    assert not certifies(loaded(root), loaded(leaf))


# What verifications cost.


def test_dsa() -> None:
    """DSA is verified, and long keys cost more."""
    key = dsa.generate_private_key(2_048)
    builder = authority_builder("DSA", key.public_key()).issuer_name(subject("DSA"))
    certificate = loaded(
        builder.serial_number(1)
        .not_valid_before(NOW - DAY)
        .not_valid_after(NOW + DAY)
        .sign(key, hashes.SHA256())
    )
    assert is_self_signed(certificate)
    budget = Spending()
    assert Signatures(budget).is_self_signed(certificate)
    assert budget.spent == [4]


@pytest.mark.parametrize(
    ("key", "cost"),
    [
        (rsa_public_key(2_048), 1),
        (rsa_public_key(4_096), 1),
        (rsa_public_key(16_384), 16),
        (rsa_public_key(16_384, exponent=(1 << 63) + 1), 48),
        (ec.generate_private_key(ec.SECP256R1()).public_key(), 1),
        (ec.generate_private_key(ec.SECP384R1()).public_key(), 9),
        (ec.generate_private_key(ec.BrainpoolP512R1()).public_key(), 16),
        (ed25519.Ed25519PrivateKey.generate().public_key(), 1),
        (ed448.Ed448PrivateKey.generate().public_key(), 3),
    ],
)
def test_what_a_verification_costs(key: CertificatePublicKeyTypes, cost: int) -> None:
    """Long keys and large exponents cost more, as they do in time."""
    budget = Spending()
    Signatures(budget).certifies(namesake_of(ISSUER, key), loaded(LEAF))
    assert budget.spent == [cost]


def test_what_is_signed_costs_as_well() -> None:
    """The size of the signed content counts, because all of it is hashed."""
    large = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3"), bytes(33_000))
    budget = Spending()
    Signatures(budget).certifies(loaded(ISSUER), loaded(server(ISSUER, (large, False))))
    assert budget.spent == [3]


def test_each_pair_is_verified_once() -> None:
    """A repeated check costs nothing, and neither does one of names that don't match."""
    budget = Spending()
    signatures = Signatures(budget)
    for _ in range(3):
        assert signatures.certifies(loaded(ISSUER), loaded(LEAF))
        assert not signatures.certifies(loaded(LEAF), loaded(ISSUER))
        assert not signatures.is_self_signed(loaded(LEAF))
    assert budget.spent == [1]


def test_a_budget_that_is_spent() -> None:
    """Nothing more is verified; earlier results are kept, and the rest is unknown."""
    budget = Budget()
    signatures = Signatures(budget)
    assert signatures.is_self_signed(loaded(ISSUER))
    budget.spend_verification(MAX_VERIFICATIONS - 1)
    assert not signatures.certifies(loaded(ISSUER), loaded(LEAF))
    assert signatures.is_exhausted
    assert "too many" in signatures.obstacle(loaded(ISSUER), loaded(LEAF))
    assert signatures.is_self_signed(loaded(ISSUER))
    other = loaded(self_signed("other.example.com"))
    assert not signatures.is_self_signed(other)
    assert "too many" in signatures.obstacle(other, other)
    assert signatures.obstacle(loaded(LEAF), other) == ""
    assert describe(other, signatures).self_signed is None
    assert describe(loaded(LEAF), signatures).self_signed is False
