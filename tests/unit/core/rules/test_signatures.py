"""Rules about how a leaf and its chain are signed."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest
from cryptography import x509

from dev.certificates.authority import Authority, Fault, Issued, self_signed
from dev.certificates.der import with_damaged_signature, with_other_algorithm_inside
from dev.certificates.extended import authority, server
from dev.certificates.keys import KeyType
from server_certificate.certificates.signatures import Signatures
from server_certificate.findings import Finding, Severity
from server_certificate.rules.signatures import check_signatures
from support.certificates import chain_of, leaf_of
from support.findings import codes, only, places
from support.openssl import needs_openssl, openssl_verifies

if TYPE_CHECKING:
    from pathlib import Path

ROOT = Authority.root("Root")
RSA_ROOT = Authority.root("Root", key_type=KeyType.RSA)


def signatures(leaf: Issued) -> tuple[Finding, ...]:
    """Check how leaf and chain are signed."""
    return tuple(check_signatures(leaf_of(leaf), chain_of(leaf), Signatures()))


def test_signatures_as_they_should_be() -> None:
    """Common signatures have no findings."""
    for leaf in (ROOT.leaf(), self_signed(), ROOT.intermediate().leaf()):
        assert signatures(leaf) == ()


@pytest.mark.parametrize(("fault", "algorithm"), [(Fault.SHA1, "SHA1-RSA"), (Fault.MD5, "MD5-RSA")])
def test_a_weak_signature(fault: Fault, algorithm: str) -> None:
    """A signature that uses a broken digest is reported, and with what."""
    found = only(signatures(RSA_ROOT.leaf(fault=fault)))
    assert (found.code, found.subject) == ("weak-signature", "certificate")
    assert found.severity is Severity.WARNING
    assert f"'CN=www.example.com' is signed with {algorithm}," in found.message


def test_a_signature_older_than_the_library() -> None:
    """MD2 is reported as well, although the library can't verify it."""
    sha256, md2 = (b"\x2a\x86\x48\x86\xf7\x0d\x01\x01" + last for last in (b"\x0b", b"\x02"))
    leaf = x509.load_der_x509_certificate(RSA_ROOT.leaf().der.replace(sha256, md2))
    found = only(check_signatures(leaf_of(leaf), (), Signatures()))
    assert "is signed with MD2-RSA," in found.message


def test_weak_signatures_in_the_chain() -> None:
    """Every element counts, but for one that signed itself."""
    root = Authority.root("Root", key_type=KeyType.RSA, fault=Fault.SHA1)
    good = root.intermediate("Good", key_type=KeyType.RSA)
    bad = good.intermediate("Bad", fault=Fault.SHA1)
    assert places(signatures(bad.leaf())) == [("weak-signature", "chain[0]")]
    assert signatures(good.leaf()) == ()
    assert places(signatures(bad.leaf(fault=Fault.SHA1)))[0] == ("weak-signature", "certificate")


def test_a_weak_signature_of_a_leaf_by_itself() -> None:
    """A leaf's signature is checked even if the leaf signed itself."""
    leaf = self_signed(key_type=KeyType.RSA, fault=Fault.SHA1)
    assert places(signatures(leaf)) == [("weak-signature", "certificate")]


@needs_openssl
def test_algorithms_that_differ_in_the_leaf(tmp_path: Path) -> None:
    """Every client refuses a leaf that names one algorithm inside and another outside."""
    leaf = RSA_ROOT.leaf()
    changed = with_other_algorithm_inside(leaf.certificate, RSA_ROOT.private_key)
    tampered = dataclasses.replace(leaf, certificate=changed)
    found = only(signatures(tampered))
    assert (found.code, found.subject) == ("signature-algorithms-differ", "certificate")
    assert found.severity is Severity.ERROR
    assert found.rule.acknowledged
    assert "is signed with SHA256-RSA, but its signed part names a different" in found.message
    assert not openssl_verifies(tampered, tmp_path)


@needs_openssl
def test_algorithms_that_differ_in_an_intermediate(tmp_path: Path) -> None:
    """Elements of the chain count as well."""
    leaf = RSA_ROOT.intermediate("Issuer").leaf()
    issuer = with_other_algorithm_inside(leaf.issuers[0], RSA_ROOT.private_key)
    tampered = dataclasses.replace(leaf, issuers=(issuer, *leaf.issuers[1:]))
    assert places(signatures(tampered)) == [("signature-algorithms-differ", "chain[0]")]
    assert not openssl_verifies(tampered, tmp_path)


def test_algorithms_that_differ_in_what_signed_itself() -> None:
    """Roots and leaves that signed themselves are checked, too."""
    root = with_other_algorithm_inside(RSA_ROOT.certificate, RSA_ROOT.private_key)
    leaf = dataclasses.replace(RSA_ROOT.leaf(), issuers=(root,))
    assert places(signatures(leaf)) == [("signature-algorithms-differ", "chain[0]")]
    alone = self_signed(key_type=KeyType.RSA)
    changed = with_other_algorithm_inside(alone.certificate, alone.private_key)
    tampered = dataclasses.replace(alone, certificate=changed)
    assert places(signatures(tampered)) == [("signature-algorithms-differ", "certificate")]


def test_a_root_that_was_changed() -> None:
    """A last element that names itself as its issuer must have signed itself."""
    leaf = ROOT.leaf()
    root = with_damaged_signature(ROOT.certificate)
    found = only(signatures(dataclasses.replace(leaf, issuers=(root,))))
    assert (found.code, found.subject) == ("self-signature-wrong", "chain[0]")
    assert found.severity is Severity.ERROR
    assert "'CN=Root' names itself as its issuer" in found.message


def test_a_leaf_that_was_changed() -> None:
    """A leaf that names itself as its issuer must have signed itself, too."""
    leaf = self_signed()
    tampered = dataclasses.replace(leaf, certificate=with_damaged_signature(leaf.certificate))
    assert places(signatures(tampered)) == [("self-signature-wrong", "certificate")]


def test_a_root_with_another_key() -> None:
    """A root with another key has a wrong self-signature."""
    key = KeyType.P256.generate()
    forged = authority("Root", issuer=authority("Root"), key=key)
    assert codes(signatures(server(forged))) == []
    alone = dataclasses.replace(forged, issuers=())
    assert places(signatures(server(alone))) == [("self-signature-wrong", "chain[0]")]


def test_a_new_key_that_the_old_one_signed() -> None:
    """A root with a new key, signed with the old key, is accepted."""
    old, new = b"old", b"new"
    root = authority("Root", (x509.SubjectKeyIdentifier(old), False))
    renewed = authority(
        "Root",
        (x509.SubjectKeyIdentifier(new), False),
        (x509.AuthorityKeyIdentifier(old, None, None), False),
        issuer=root,
    )
    assert signatures(server(dataclasses.replace(renewed, issuers=()))) == ()
