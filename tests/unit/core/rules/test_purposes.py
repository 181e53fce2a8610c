"""Rules about the purposes that certificates name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cryptography import x509

from dev.certificates.extended import Extension, authority, server
from server_certificate.findings import Severity
from server_certificate.rules.purposes import check_purposes
from support.certificates import chain_of, leaf_of
from support.findings import codes, only, places
from support.openssl import needs_openssl, openssl_verifies

if TYPE_CHECKING:
    from pathlib import Path

    from dev.certificates.authority import Issued
    from server_certificate.findings import Finding

ROOT = authority("Root")
SERVERS, CLIENTS, ANY = "1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2", "2.5.29.37.0"
NETSCAPE, MICROSOFT = "2.16.840.1.113730.4.1", "1.3.6.1.4.1.311.10.3.3"
MAIL, UNKNOWN = "1.3.6.1.5.5.7.3.4", "1.2.3.4"


def purposes(*dotted: str) -> Extension:
    """Return an extended key usage."""
    return x509.ExtendedKeyUsage([x509.ObjectIdentifier(one) for one in dotted]), False


def check(leaf: Issued) -> tuple[Finding, ...]:
    """Check the purposes of a leaf and its chain."""
    return tuple(check_purposes(leaf_of(leaf), chain_of(leaf)))


def test_no_purposes() -> None:
    """A certificate without the extension is valid for every purpose."""
    assert check(server(ROOT)) == ()


@needs_openssl
@pytest.mark.parametrize(
    ("usages", "of_issuer", "of_leaf"),
    [
        ([SERVERS], [], []),
        ([CLIENTS, SERVERS], [], []),
        ([ANY, SERVERS], [], []),
        ([CLIENTS], ["issuer-not-for-servers"], ["not-for-servers"]),
        ([MAIL, UNKNOWN], ["issuer-not-for-servers"], ["not-for-servers"]),
        ([ANY], ["not-for-servers"], ["not-for-servers"]),
    ],
)
def test_purposes(
    usages: list[str], of_issuer: list[str], of_leaf: list[str], tmp_path: Path
) -> None:
    """An authority's purposes apply to the certificates below it, as in OpenSSL."""
    leaf = server(authority("Issuer", purposes(*usages), issuer=ROOT))
    assert codes(check(leaf)) == of_issuer
    assert openssl_verifies(leaf, tmp_path, "-purpose", "sslserver") == (not of_issuer)
    leaf = server(ROOT, purposes(*usages))
    assert codes(check(leaf)) == of_leaf
    assert openssl_verifies(leaf, tmp_path, "-purpose", "sslserver") == (not of_leaf)


@needs_openssl
@pytest.mark.parametrize("usages", [[NETSCAPE], [MICROSOFT, CLIENTS]])
def test_server_gated_crypto(usages: list[str], tmp_path: Path) -> None:
    """An old CA may have server-gated crypto purposes; a leaf with only these gets a warning."""
    leaf = server(authority("Issuer", purposes(*usages), issuer=ROOT))
    assert check(leaf) == ()
    assert openssl_verifies(leaf, tmp_path, "-purpose", "sslserver")
    assert codes(check(server(ROOT, purposes(*usages)))) == ["not-for-servers"]


def test_any_purpose_is_a_warning() -> None:
    """Any purpose includes servers (RFC 5280), so only some clients refuse it."""
    leaf = server(authority("Issuer", purposes(ANY), issuer=ROOT), purposes(ANY))
    found = check(leaf)
    assert places(found) == [("not-for-servers", "certificate"), ("not-for-servers", "chain[0]")]
    assert {one.severity for one in found} == {Severity.WARNING}
    assert found[1].message == (
        "'CN=Issuer' doesn't list servers among its purposes: its extended key usage is"
        " anyExtendedKeyUsage; clients that use OpenSSL reject it."
    )


def test_purposes_are_named() -> None:
    """The message gives the actual purposes by name or OID; roots are checked, too."""
    found = only(check(server(ROOT, purposes(CLIENTS))))
    assert (found.subject, found.severity) == ("certificate", Severity.WARNING)
    assert found.message == (
        "'CN=www.example.com' is not for servers: its extended key usage is clientAuth."
    )
    found = only(check(server(authority("Root", purposes(CLIENTS, UNKNOWN)))))
    assert (found.subject, found.severity) == ("chain[0]", Severity.ERROR)
    assert found.message == (
        "'CN=Root' is not a CA for servers: its extended key usage is clientAuth, 1.2.3.4; clients"
        " reject the chain."
    )
