"""Signatures that are really verified."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cryptography import x509

from dev.certificates.authority import Authority, Fault, self_signed
from dev.certificates.keys import KeyType
from server_certificate.signatures import Signatures
from support.elements import loaded
from support.openssl import needs_openssl, openssl

if TYPE_CHECKING:
    from server_certificate.certificate import Certificate


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
    """A namesake with a key that could not have made the signature is no issuer."""
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
    """Old roots sign themselves with SHA-1, and are self-signed all the same."""
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
