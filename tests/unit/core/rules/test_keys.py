"""Rules about keys: their kind, their length, and to which certificate they belong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa, x25519

from dev.certificates.authority import Authority, Issued, self_signed
from dev.certificates.der import for_pss_only
from dev.certificates.keys import KeyType, rsa_public_key
from server_certificate import pem
from server_certificate.certificates.located_certificate import LocatedCertificate
from server_certificate.findings import Finding, Severity
from server_certificate.reading.loading import load_private_key
from server_certificate.rules.keys import check_issuer_keys, check_key, check_private_key
from support.certificates import chain_of, leaf_of, loaded
from support.findings import codes, only

if TYPE_CHECKING:
    from server_certificate.material import PrivateKey

ROOT = Authority.root("Root")
ISSUER = ROOT.intermediate("Issuer")
LEAF = ISSUER.leaf()


def check(leaf: Issued) -> tuple[Finding, ...]:
    """Check the key of a leaf."""
    return tuple(check_key(leaf_of(leaf)))


def private_key_of(issued: Issued) -> PrivateKey:
    """Return a private key as it is read."""
    return load_private_key(pem.Block(label="PRIVATE KEY", der=issued.key_der()))


@pytest.mark.parametrize(
    ("bits", "found"),
    [
        (1023, ["key-size"]),
        (1024, ["weak-key"]),
        (2047, ["weak-key"]),
        (2048, []),
        (3072, []),
        (16_384, []),
        (16_385, ["key-size"]),
    ],
)
def test_lengths_of_rsa_keys(bits: int, found: list[str]) -> None:
    """IAM accepts 1,024 to 16,384 bits, and browsers require 2,048."""
    assert codes(check(ROOT.leaf(public_key=rsa_public_key(bits)))) == found


@pytest.mark.parametrize(
    ("key_type", "found"),
    [
        (KeyType.P224, ["curve-unusual"]),
        (KeyType.P256, []),
        (KeyType.P384, []),
        (KeyType.P521, ["curve-unusual"]),
        (KeyType.RSA, []),
        (KeyType.ED25519, ["key-algorithm"]),
        (KeyType.ED448, ["key-algorithm"]),
    ],
)
def test_kinds_of_keys(key_type: KeyType, found: list[str]) -> None:
    """RSA and two NIST curves are accepted everywhere, EdDSA nowhere."""
    assert codes(check(ROOT.leaf(key_type=key_type))) == found


def test_short_keys_of_authorities() -> None:
    """A chain is as strong as its weakest key, the root's included."""
    short = rsa.generate_private_key(65537, 1024)  # noqa: S505 (that is the point)
    weak = Authority.root("Weak", key_type=KeyType.RSA, key=short)
    found = only(check_issuer_keys(chain_of(weak.intermediate().leaf())))
    assert (found.code, found.subject) == ("weak-key", "chain[1]")
    assert found.message == (
        "the key of 'CN=Weak' has 1,024 bits; browsers reject RSA keys shorter than 2,048 bits."
    )
    assert found.fix == "Request a certificate from a certificate authority (CA) with a longer key."


def test_keys_that_are_for_nothing_here() -> None:
    """DSA keys, and keys that can only agree on others, are of no use to a server."""
    for key in (dsa.generate_private_key(2048), x25519.X25519PrivateKey.generate()):
        found = only(check(ROOT.leaf(public_key=key.public_key())))
        assert (found.code, found.severity) == ("key-algorithm", Severity.ERROR)


def test_rsa_keys_for_one_kind_of_signature() -> None:
    """A key that says it is for RSASSA-PSS alone is another kind than RSA."""
    certificate = for_pss_only(ROOT.leaf(key_type=KeyType.RSA).certificate, ROOT.private_key)
    found = only(check_key(leaf_of(certificate)))
    assert (found.code, found.severity) == ("key-algorithm", Severity.ERROR)
    assert found.message == (
        "the key of 'CN=www.example.com' is RSASSA-PSS 2048; IAM is known to accept only RSA and EC"
        " keys."
    )
    assert " -newkey rsa:2048 " in found.fix


def test_other_curves() -> None:
    """A curve that browsers don't support is named, and not called weak."""
    key = ec.generate_private_key(ec.SECP256K1()).public_key()
    found = only(check(ROOT.leaf(public_key=key)))
    assert (found.code, found.severity) == ("curve-unusual", Severity.WARNING)
    assert str(found) == (
        "certificate: the key of 'CN=www.example.com' is EC secp256k1; not every browser supports"
        " EC curves other than P-256 and P-384. Request a certificate for a supported key: openssl"
        " req -new -out request.pem -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout"
        " new-private-key.pem -subj '/CN=www.example.com' -addext"
        " 'subjectAltName=DNS:www.example.com'"
    )


def test_short_curves() -> None:
    """A curve of less than 224 bits is weak as well as unusual."""
    key = ec.generate_private_key(ec.SECP192R1()).public_key()
    weak, unusual = check(ROOT.leaf(public_key=key))
    assert (weak.code, unusual.code) == ("weak-key", "curve-unusual")
    assert weak.message == (
        "the key of 'CN=www.example.com' has 192 bits; browsers reject EC keys shorter than 224"
        " bits."
    )


def test_sentences_name_the_key_and_what_is_taken() -> None:
    """Each message says what the key is, which keys are accepted, and how to create one."""
    request = (
        "openssl req -new -out request.pem -newkey {} -nodes -keyout new-private-key.pem"
        " -subj '/CN=www.example.com' -addext 'subjectAltName=DNS:www.example.com'"
    )
    rsa_request = request.format("rsa:2048")
    found = only(check(ROOT.leaf(public_key=rsa_public_key(512))))
    assert (found.severity, found.subject) == (Severity.ERROR, "certificate")
    assert str(found) == (
        "certificate: the key of 'CN=www.example.com' has 512 bits; IAM accepts RSA keys of 1,024"
        f" to 16,384 bits. Request a certificate for a supported key: {rsa_request}"
    )
    found = only(check(ROOT.leaf(public_key=rsa_public_key(1024))))
    assert str(found) == (
        "certificate: the key of 'CN=www.example.com' has 1,024 bits; browsers reject RSA keys"
        f" shorter than 2,048 bits. Request a certificate for a longer key: {rsa_request}"
    )
    found = only(check(ROOT.leaf(key_type=KeyType.ED25519)))
    assert str(found) == (
        "certificate: the key of 'CN=www.example.com' is Ed25519; IAM is known to accept only RSA"
        " and EC keys. Request a certificate for a supported key: "
        + request.format("ec -pkeyopt ec_paramgen_curve:P-256")
    )


def mismatches(key: Issued, leaf: Issued = LEAF) -> tuple[Finding, ...]:
    """Compare a private key with a leaf and its chain."""
    found = check_private_key(
        private_key_of(key), leaf=loaded(leaf), others=chain_of(leaf, root=True)
    )
    return tuple(found)


def test_the_key_of_the_leaf() -> None:
    """A key that belongs to the leaf has no findings, whatever its kind."""
    for key_type in (KeyType.P256, KeyType.RSA, KeyType.ED25519):
        leaf = ROOT.leaf(key_type=key_type)
        assert mismatches(leaf, leaf) == ()


@pytest.mark.parametrize("other", [LEAF.with_other_key(), self_signed(key_type=KeyType.RSA)])
def test_another_key(other: Issued) -> None:
    """A key that belongs to nothing that was given names the leaf."""
    found = only(mismatches(other))
    assert (found.code, found.subject) == ("private-key-mismatch", "private-key")
    assert found.severity is Severity.ERROR
    assert "certificate of 'CN=www.example.com': the public keys differ." in found.message
    assert found.fix.startswith("Use the private key that the certificate was requested with")


def test_the_key_of_an_issuer() -> None:
    """A key that belongs to another of the certificates says to which."""
    assert only(mismatches(ISSUER)).fix.startswith("It belongs to 'CN=Issuer' (chain[0])")
    others = [LocatedCertificate(loaded(LEAF), "certificate[1]")]
    found = check_private_key(private_key_of(LEAF), leaf=loaded(ISSUER.leaf()), others=others)
    assert "'CN=www.example.com' (certificate[1])" in only(found).fix
