"""Digests of certificates and of contents."""

from __future__ import annotations

from cryptography.hazmat.primitives import hashes

from dev.certificates.authority import Authority
from server_certificate.fingerprint import content_fingerprint, sha256_fingerprint
from server_certificate.material import PublicMaterial
from support.certificates import public_of
from support.openssl import needs_openssl, openssl

LEAF = Authority.root().intermediate().leaf()
MATERIAL = public_of(LEAF)


@needs_openssl
def test_is_what_openssl_says() -> None:
    """The fingerprint is that of ``openssl x509 -fingerprint -sha256``."""
    said = openssl("x509", "-noout", "-fingerprint", "-sha256", stdin=LEAF.pem)
    assert said.strip().partition("=")[2] == sha256_fingerprint(MATERIAL.certificate)


def test_is_the_sha256_of_the_der_encoding() -> None:
    """Octets are in capital hexadecimal digits with colons between."""
    digest = LEAF.certificate.fingerprint(hashes.SHA256())
    assert sha256_fingerprint(MATERIAL.certificate) == ":".join(f"{octet:02X}" for octet in digest)


def test_the_same_content_has_the_same_fingerprint() -> None:
    """The same content and owner have the same fingerprint, of 64 hexadecimal digits."""
    fingerprint = content_fingerprint(MATERIAL, owner="stack")
    assert fingerprint == content_fingerprint(MATERIAL, owner="stack")
    assert len(fingerprint) == 64
    assert set(fingerprint) <= set("0123456789abcdef")


def test_everything_counts() -> None:
    """Another leaf, another chain, another order or another owner make another fingerprint."""
    issuer, root = MATERIAL.chain
    materials = [
        MATERIAL,
        PublicMaterial(MATERIAL.certificate, ()),
        PublicMaterial(MATERIAL.certificate, (issuer,)),
        PublicMaterial(MATERIAL.certificate, (root, issuer)),
        PublicMaterial(issuer, (root,)),
    ]
    fingerprints = {
        content_fingerprint(material, owner=owner) for material in materials for owner in ("a", "b")
    }
    assert len(fingerprints) == 10


def test_any_owner_has_a_fingerprint() -> None:
    """Even an owner with a lone surrogate has a fingerprint, because events may contain one."""
    fingerprints = {
        content_fingerprint(MATERIAL, owner=owner) for owner in ("", "\ud800", "\ud801")
    }
    assert len(fingerprints) == 3
