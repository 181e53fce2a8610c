"""Rules about which authority may issue which certificates."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest
from cryptography import x509

from dev.certificates.authority import DAY, NOW, Authority, Fault, Issued, self_signed
from dev.certificates.extended import Extension, authority, server
from dev.certificates.issuing import sign, subject
from dev.certificates.keys import KeyType
from server_certificate.certificates.signatures import Signatures
from server_certificate.findings import Finding, Severity
from server_certificate.rules.issuers import check_issuers
from support.certificates import chain_of, leaf_of
from support.findings import codes, only, places
from support.openssl import needs_openssl, openssl_verifies

if TYPE_CHECKING:
    from pathlib import Path

ROOT = Authority.root("Root")


_PLACE_OF_CERT_SIGN = 5


def check(leaf: Issued, *, root: bool = True) -> tuple[Finding, ...]:
    """Check the chain of a leaf."""
    return tuple(check_issuers(leaf_of(leaf), chain_of(leaf, root=root), Signatures()))


def test_chains_as_they_should_be() -> None:
    """Authorities that may issue certificates have no findings."""
    assert check(self_signed()) == ()
    assert check(ROOT.leaf()) == ()
    assert check(ROOT.intermediate("A").intermediate("B").leaf()) == ()
    assert check(ROOT.intermediate("A").intermediate("B").leaf(), root=False) == ()


@pytest.mark.parametrize(
    ("fault", "code", "words"),
    [
        (Fault.NO_AUTHORITY, "issuer-not-ca", "basic constraints say CA:FALSE;"),
        (Fault.VERSION_1, "issuer-not-ca", "is of X.509 version 1, which can't mark"),
        (Fault.MAY_NOT_SIGN, "issuer-may-not-sign", "key usage lacks keyCertSign;"),
    ],
)
def test_intermediates_that_may_not_issue(fault: Fault, code: str, words: str) -> None:
    """Each is an error that names the certificate, because every client refuses the chain."""
    chained = ROOT.intermediate("Odd", fault=fault).intermediate("Next").leaf()
    found = only(check(chained))
    assert (found.code, found.subject, found.severity) == (code, "chain[1]", Severity.ERROR)
    assert "'CN=Odd'" in found.message
    assert words in found.message
    assert found.fix.endswith(".")


@pytest.mark.parametrize(
    ("fault", "found"),
    [
        (None, []),
        (Fault.VERSION_1, []),
        (Fault.NO_AUTHORITY, ["issuer-not-ca"]),
        (Fault.MAY_NOT_SIGN, ["issuer-may-not-sign"]),
        (Fault.DAMAGED, ["needed-extension-unreadable"]),
    ],
)
def test_roots(fault: Fault | None, found: list[str]) -> None:
    """Only a self-signed root of version 1 may lack basic constraints."""
    assert codes(check(Authority.root(fault=fault).leaf())) == found


@needs_openssl
@pytest.mark.parametrize("may_sign", [None, True])
def test_roots_of_version_3_without_basic_constraints(
    *, may_sign: bool | None, tmp_path: Path
) -> None:
    """A version 3 certificate must say that it is a CA, in one of the ways that OpenSSL accepts."""
    key = KeyType.P256.generate()
    builder = x509.CertificateBuilder(subject("Root"), subject("Root"), key.public_key())
    if may_sign:
        usage = x509.KeyUsage(*(place == _PLACE_OF_CERT_SIGN for place in range(9)))
        builder = builder.add_extension(usage, critical=True)
    certificate = sign(
        builder.add_extension(IDENTIFIER[0], critical=False),
        validity=(NOW - DAY, NOW + DAY),
        signer=key,
        signer_type=KeyType.P256,
    )
    leaf = Authority(certificate, key, KeyType.P256, NOW).leaf()
    assert codes(check(leaf)) == ([] if may_sign else ["issuer-not-ca"])
    assert openssl_verifies(leaf, tmp_path) == bool(may_sign)


def test_an_intermediate_at_the_end_is_not_a_root() -> None:
    """The last element needs basic constraints, too, unless it signed itself."""
    leaf = ROOT.intermediate(fault=Fault.VERSION_1).leaf()
    assert places(check(leaf, root=False)) == [("issuer-not-ca", "chain[0]")]


def test_a_root_that_is_not_last() -> None:
    """A version 1 root is tolerated only as the last certificate of a chain."""
    old = Authority.root("Old", fault=Fault.VERSION_1)
    leaf = old.leaf()
    above = dataclasses.replace(leaf, issuers=(*leaf.issuers, ROOT.certificate))
    assert places(check(above)) == [("issuer-not-ca", "chain[0]")]


@pytest.mark.parametrize(
    ("allowed", "found"),
    [(0, ["path-length-exceeded"]), (1, ["path-length-exceeded"]), (2, []), (None, [])],
)
def test_path_length_of_a_root(allowed: int | None, found: list[str]) -> None:
    """A limit counts the authorities between, and neither the root nor the leaf."""
    root = Authority.root("Limited", path_length=allowed)
    leaf = root.intermediate("A").intermediate("B").leaf()
    assert codes(check(leaf)) == found


def test_path_length_of_an_intermediate() -> None:
    """A path length of 0 allows leaves only, and the message names the certificate beyond it."""
    issuer = ROOT.intermediate("Issuer", path_length=0)
    assert check(issuer.leaf()) == ()
    found = only(check(issuer.intermediate("One").leaf()))
    assert (found.code, found.subject) == ("path-length-exceeded", "chain[1]")
    assert found.severity is Severity.ERROR
    assert found.message == (
        "'CN=Issuer' allows 0 CAs between itself and the leaf, but there is 1: 'CN=One'; clients"
        " reject the chain."
    )
    wider = ROOT.intermediate("Issuer", path_length=1).intermediate("One").intermediate("Two")
    found = only(check(wider.leaf()))
    assert found.message == (
        "'CN=Issuer' allows 1 CA between itself and the leaf, but there are 2: 'CN=One', 'CN=Two';"
        " clients reject the chain."
    )
    assert found.fix.endswith("or have this CA certificate reissued with a path length of 2.")


def test_authorities_that_issued_themselves_do_not_count() -> None:
    """A roll-over of keys, name and issuer the same, needs no room in the limit."""
    root = Authority.root("Limited", path_length=1)
    leaf = root.intermediate("Limited").intermediate("Issuer").leaf()
    assert check(leaf) == ()


@needs_openssl
@pytest.mark.parametrize(
    ("fault", "path_length"),
    [
        (None, None),
        (None, 1),
        (None, 0),
        (Fault.NO_AUTHORITY, None),
        (Fault.VERSION_1, None),
        (Fault.MAY_NOT_SIGN, None),
    ],
)
def test_openssl_agrees(fault: Fault | None, path_length: int | None, tmp_path: Path) -> None:
    """OpenSSL refuses what is found here, and nothing else."""
    issuer = Authority.root("Root", path_length=path_length).intermediate("A").intermediate("B")
    leaf = issuer.intermediate("C", fault=fault).leaf() if fault else issuer.leaf()
    assert openssl_verifies(leaf, tmp_path) == (check(leaf) == ())


def names_key(
    identifier: bytes | None, *, issuer: str | None = None, serial: int | None = None
) -> Extension:
    """Return an authority key identifier."""
    names = None if issuer is None else [x509.DirectoryName(subject(issuer))]
    return x509.AuthorityKeyIdentifier(identifier, names, serial), False


IDENTIFIER = (x509.SubjectKeyIdentifier(b"right"), False)


@needs_openssl
@pytest.mark.parametrize(
    ("named", "what"),
    [
        (names_key(b"right"), ""),
        (names_key(b"wrong"), "a different key identifier"),
        (names_key(None, issuer="Root", serial=1), "a different serial number"),
    ],
)
def test_key_identifiers(named: Extension, what: str, tmp_path: Path) -> None:
    """A different key identifier is a warning, because only OpenSSL refuses it."""
    leaf = server(authority("Issuer", IDENTIFIER, issuer=authority("Root")), named)
    found = check(leaf)
    assert codes(found) == (["key-identifier-mismatch"] if what else [])
    assert all(what in one.message and one.severity is Severity.WARNING for one in found)
    assert openssl_verifies(leaf, tmp_path) == (not what)


def test_an_issuer_named_by_its_own_issuer_and_number() -> None:
    """The issuer and serial number must be those in the issuer's own certificate."""
    issuer = authority("Issuer", IDENTIFIER, issuer=authority("Root"))
    serial = issuer.certificate.serial_number
    assert check(server(issuer, names_key(None, issuer="Root", serial=serial))) == ()
    found = only(check(server(issuer, names_key(None, issuer="Issuer", serial=serial))))
    assert "has a different issuer" in found.message


def test_an_issuer_without_an_identifier() -> None:
    """If the issuer has no key identifier, nothing is compared."""
    assert check(server(authority("Root"), names_key(b"any"))) == ()
