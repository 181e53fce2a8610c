"""Rules about critical extensions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cryptography import x509

from dev.certificates.extended import Extension, authority, server
from server_certificate.findings import Finding, Severity
from server_certificate.rules.critical import check_critical_extensions
from support.certificates import chain_of, leaf_of
from support.findings import codes, only, places
from support.openssl import needs_openssl, openssl_verifies

if TYPE_CHECKING:
    from pathlib import Path

    from dev.certificates.authority import Issued

ROOT = authority("Root")
ANY_POLICY = x509.PolicyInformation(x509.ObjectIdentifier("2.5.29.32.0"), None)


def unknown(dotted: str = "1.3.6.1.4.1.99999.1", *, critical: bool = True) -> Extension:
    """Return an unknown extension."""
    return x509.UnrecognizedExtension(x509.ObjectIdentifier(dotted), b"\x05\x00"), critical


def check(leaf: Issued) -> tuple[Finding, ...]:
    """Check leaf and chain."""
    return tuple(check_critical_extensions((leaf_of(leaf), *chain_of(leaf))))


@needs_openssl
@pytest.mark.parametrize(
    "extension",
    [
        (x509.KeyUsage(*[True] + [False] * 8), True),
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (x509.ExtendedKeyUsage([x509.ObjectIdentifier("1.3.6.1.5.5.7.3.1")]), True),
        (x509.CertificatePolicies([ANY_POLICY]), True),
        (x509.PolicyConstraints(None, 1), True),
        (x509.InhibitAnyPolicy(1), True),
        unknown(critical=False),
    ],
)
def test_extensions_that_every_client_processes(extension: Extension, tmp_path: Path) -> None:
    """Known critical extensions and unknown extensions that aren't critical are accepted."""
    leaf = server(ROOT, extension)
    assert check(leaf) == ()
    assert openssl_verifies(leaf, tmp_path)


@needs_openssl
@pytest.mark.parametrize(
    "extension",
    [
        unknown(),
        (x509.SubjectKeyIdentifier(b"id"), True),
        (x509.AuthorityKeyIdentifier(b"id", None, None), True),
        (x509.IssuerAlternativeName([x509.DNSName("a.example.com")]), True),
    ],
)
def test_extensions_that_no_client_processes(extension: Extension, tmp_path: Path) -> None:
    """Every client refuses what it does not know if it is critical; some must never be."""
    leaf = server(ROOT, extension)
    found = only(check(leaf))
    assert (found.code, found.subject) == ("critical-extension-unknown", "certificate")
    assert found.severity is Severity.ERROR
    assert found.rule.acknowledged
    assert extension[0].oid.dotted_string in found.message
    assert not openssl_verifies(leaf, tmp_path)


@needs_openssl
def test_issuers_count_as_well(tmp_path: Path) -> None:
    """An unknown critical extension of any element makes clients reject the chain."""
    leaf = server(authority("Issuer", unknown(), issuer=ROOT))
    assert places(check(leaf)) == [("critical-extension-unknown", "chain[0]")]
    assert not openssl_verifies(leaf, tmp_path)
    leaf = server(authority("Root", unknown("2.5.29.99")))
    assert places(check(leaf)) == [("critical-extension-unknown", "chain[0]")]


def test_each_extension_is_named() -> None:
    """Several of them are several findings."""
    leaf = server(ROOT, unknown("1.2.3.4"), unknown("1.2.3.5"))
    assert [one.message.count("1.2.3.") for one in check(leaf)] == [1, 1]


@pytest.mark.parametrize(
    ("extension", "clients"),
    [
        ((x509.TLSFeature([x509.TLSFeatureType.status_request]), True), "only Firefox"),
        ((x509.OCSPNoCheck(), True), "only OpenSSL and Firefox"),
        (unknown("1.3.6.1.5.5.7.1.7"), "only OpenSSL"),
        (unknown("2.5.29.33"), "only OpenSSL, Go and Chrome"),
    ],
)
def test_extensions_that_some_clients_process(extension: Extension, clients: str) -> None:
    """If clients differ, it is a warning that names those that accept the extension."""
    found = only(check(server(ROOT, extension)))
    assert (found.code, found.severity) == ("critical-extension-unusual", Severity.WARNING)
    assert clients in found.message


@needs_openssl
def test_a_precertificate(tmp_path: Path) -> None:
    """A precertificate is refused: it is not a valid certificate."""
    leaf = server(ROOT, (x509.PrecertPoison(), True))
    found = only(check(leaf))
    assert (found.code, found.severity) == ("precertificate", Severity.ERROR)
    assert "is a precertificate for Certificate Transparency" in found.message
    assert not openssl_verifies(leaf, tmp_path)


def test_a_poison_that_is_not_critical() -> None:
    """Clients pass over what they don't know if it is not critical."""
    assert codes(check(server(ROOT, (x509.PrecertPoison(), False)))) == []
