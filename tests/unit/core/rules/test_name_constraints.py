"""The rule about name constraints."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from dev.certificates.extended import Extension, authority, server
from dev.certificates.issuing import subject
from server_certificate.findings import Finding, Severity
from server_certificate.rules.name_constraints import check_name_constraints
from support.certificates import chain_of, leaf_of
from support.findings import codes, only, places
from support.openssl import needs_openssl, openssl_verifies

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from dev.certificates.authority import Issued

ROOT = authority("Root")


def general(text: str) -> x509.GeneralName:
    """Return a name by its kind and value: ``DNS:example.com``, ``IP:192.0.2.0/24``."""
    kind, _, value = text.partition(":")
    address = ipaddress.ip_network if "/" in value else ipaddress.ip_address
    make: dict[str, Callable[[], x509.GeneralName]] = {
        "DNS": lambda: x509.DNSName(value),
        "email": lambda: x509.RFC822Name(value),
        "URI": lambda: x509.UniformResourceIdentifier(value),
        "IP": lambda: x509.IPAddress(address(value)),
        "RID": lambda: x509.RegisteredID(x509.ObjectIdentifier(value)),
        "other": lambda: x509.OtherName(x509.ObjectIdentifier(value), b"\x05\x00"),
        "dir": lambda: x509.DirectoryName(name(value)),
    }
    return make[kind]()


def name(text: str) -> x509.Name:
    """Return a directory name: ``O=Example,CN=www``."""
    return x509.Name.from_rfc4514_string(",".join(reversed(text.split(","))))


def constraints(*, permitted: str = "", excluded: str = "") -> Extension:
    """Return name constraints; names are separated by blanks."""
    return (
        x509.NameConstraints(
            [general(one) for one in permitted.split()] or None,
            [general(one) for one in excluded.split()] or None,
        ),
        True,
    )


def check(leaf: Issued) -> tuple[Finding, ...]:
    """Check the names of a leaf and its chain."""
    return tuple(check_name_constraints(leaf_of(leaf), chain_of(leaf)))


def issued(names: str, limits: Extension, *, common_name: str | x509.Name = "") -> Issued:
    """Issue a leaf with alternative names, separated by blanks, below a constrained authority."""
    issuer = authority("Issuer", limits, issuer=ROOT)
    alternatives = tuple(general(one) for one in names.split())
    critical = x509.SubjectAlternativeName(alternatives), True
    return server(issuer, *([critical] if names else []), name=common_name, names=())


@needs_openssl
@pytest.mark.parametrize(
    ("permitted", "names", "allowed"),
    [
        ("DNS:example.com", "DNS:example.com", True),
        ("DNS:example.com", "DNS:www.example.com DNS:a.b.example.com", True),
        ("DNS:example.com", "DNS:WWW.Example.COM", True),
        ("DNS:example.com", "DNS:*.example.com", True),
        ("DNS:example.com", "DNS:www.example.com DNS:www.example.org", False),
        ("DNS:example.com", "DNS:wwwexample.com", False),
        ("DNS:example.com", "DNS:com", False),
        ("DNS:www.example.com", "DNS:*.example.com", False),
        ("DNS:.example.com", "DNS:www.example.com", True),
        ("DNS:.example.com", "DNS:example.com", False),
        ("DNS:example.org DNS:example.com", "DNS:www.example.com", True),
        ("DNS:", "DNS:www.example.com", True),
        ("DNS:example.com", "IP:192.0.2.1", True),
        ("IP:192.0.2.0/24", "DNS:www.example.com", True),
        ("IP:192.0.2.0/24", "IP:192.0.2.255", True),
        ("IP:192.0.2.0/24", "IP:192.0.3.0", False),
        ("IP:192.0.2.0/24", "IP:2001:db8::1", False),
        ("IP:0.0.0.0/0", "IP:198.51.100.1", True),
        ("IP:192.0.2.7/32 IP:192.0.2.8/32", "IP:192.0.2.8", True),
        ("IP:2001:db8::/32", "IP:2001:db8:1::1", True),
        ("IP:2001:db8::/32", "IP:2001:db9::1", False),
        ("email:example.com", "email:me@example.com", True),
        ("email:example.com", "email:me@Example.COM", True),
        ("email:example.com", "email:me@mail.example.com", False),
        ("email:.example.com", "email:me@mail.example.com", True),
        ("email:me@example.com", "email:me@example.com", True),
        ("email:me@example.com", "email:you@example.com", False),
        ("URI:example.com", "URI:https://example.com/path", True),
        ("URI:example.com", "URI:https://www.example.com:8443/", False),
        ("URI:.example.com", "URI:https://www.example.com:8443/", True),
        ("URI:example.com", "URI:urn:uuid:1", False),
        ("dir:O=Example", "dir:O=Example,CN=www", True),
        ("dir:O=Example", "dir:O=EXAMPLE,CN=www", True),
        ("dir:O=Example", "dir:O=Other,CN=www", False),
        ("dir:O=Example,OU=A", "dir:O=Example", False),
        ("RID:1.2.3", "DNS:www.example.com", True),
        ("RID:1.2.3", "RID:1.2.3", False),
        ("other:1.2.3", "other:1.2.3", False),
    ],
)
def test_permitted_names(permitted: str, names: str, allowed: bool, tmp_path: Path) -> None:  # noqa: FBT001
    """If there are permitted subtrees of a kind, all names of the kind are in one of them."""
    leaf = issued(names, constraints(permitted=permitted))
    assert codes(check(leaf)) == ([] if allowed else ["name-constraints-violated"])
    assert openssl_verifies(leaf, tmp_path) == allowed


@needs_openssl
@pytest.mark.parametrize(
    ("excluded", "names", "allowed"),
    [
        ("DNS:example.org", "DNS:www.example.com", True),
        ("DNS:example.com", "DNS:www.example.com", False),
        ("DNS:example.com", "DNS:EXAMPLE.com", False),
        ("DNS:.example.com", "DNS:example.com", True),
        ("DNS:", "DNS:www.example.com", False),
        ("IP:192.0.2.0/24", "IP:192.0.2.1", False),
        ("IP:192.0.2.0/24", "IP:192.0.1.1", True),
        ("IP:::/0", "IP:192.0.2.1", True),
        ("email:example.com", "email:me@example.com", False),
        ("URI:.example.com", "URI:https://www.example.com/", False),
        ("dir:O=Example", "dir:O=Example,CN=www", False),
        ("dir:O=Example", "dir:CN=www,O=Example", True),
        ("email:example.com", "email:nobody", False),
        ("other:1.2.3", "other:1.2.3", False),
        ("other:1.2.3", "other:1.2.4", True),
    ],
)
def test_excluded_names(excluded: str, names: str, allowed: bool, tmp_path: Path) -> None:  # noqa: FBT001
    """No name may be in an excluded subtree."""
    leaf = issued(names, constraints(excluded=excluded))
    assert codes(check(leaf)) == ([] if allowed else ["name-constraints-violated"])
    assert openssl_verifies(leaf, tmp_path) == allowed


@pytest.mark.parametrize("host", ["192.0.2.1", "[2001:db8::1]", ""])
def test_uris_without_a_domain_name(host: str) -> None:
    """A URI that can't be compared is refused by any constraint; OpenSSL isn't as strict."""
    uri = f"URI:https://{host}/"
    limits = (constraints(excluded="URI:.example.com"), constraints(permitted="URI:.example.com"))
    for limit in limits:
        assert codes(check(issued(uri, limit))) == ["name-constraints-violated"]


def test_an_exception_within_what_is_permitted() -> None:
    """An excluded name is refused even within a permitted subtree."""
    limits = constraints(permitted="DNS:example.com", excluded="DNS:secret.example.com")
    assert check(issued("DNS:www.example.com", limits)) == ()
    assert codes(check(issued("DNS:a.secret.example.com", limits))) == ["name-constraints-violated"]


@pytest.mark.parametrize(
    ("names", "allowed"), [("DNS:*.example.com", False), ("DNS:*.example.org", True)]
)
def test_wildcards_for_an_excluded_name(names: str, allowed: bool) -> None:  # noqa: FBT001
    """Chrome and Go refuse a wildcard that covers an excluded name; OpenSSL doesn't check."""
    leaf = issued(names, constraints(excluded="DNS:www.example.com"))
    assert (check(leaf) == ()) == allowed


@needs_openssl
@pytest.mark.parametrize(
    ("common_name", "names", "allowed"),
    [
        ("www.example.org", "", False),
        ("www.example.com", "", True),
        ("A server", "", True),
        ("www.example.org", "DNS:www.example.com", True),
    ],
)
def test_common_names(common_name: str, names: str, allowed: bool, tmp_path: Path) -> None:  # noqa: FBT001
    """The common name counts as a DNS name if there is no alternative name, and looks like one."""
    leaf = issued(names, constraints(permitted="DNS:example.com"), common_name=common_name)
    assert codes(check(leaf)) == ([] if allowed else ["name-constraints-violated"])
    assert openssl_verifies(leaf, tmp_path) == allowed


@needs_openssl
def test_subjects(tmp_path: Path) -> None:
    """Directory names and e-mail addresses apply to the subject as well."""
    limits = constraints(permitted="dir:O=Example")
    assert check(issued("DNS:a.example.com", limits, common_name=name("O=Example,CN=a"))) == ()
    leaf = issued("DNS:a.example.com", limits, common_name=name("O=Other,CN=a"))
    assert codes(check(leaf)) == ["name-constraints-violated"]
    assert not openssl_verifies(leaf, tmp_path)
    address = x509.Name([x509.NameAttribute(NameOID.EMAIL_ADDRESS, "me@example.org")])
    leaf = issued("DNS:a.example.com", constraints(permitted="email:a.b"), common_name=address)
    assert codes(check(leaf)) == ["name-constraints-violated"]
    assert not openssl_verifies(leaf, tmp_path)


def test_the_sentence() -> None:
    """The message names the authority, some of the names, and the certificate."""
    names = "DNS:a.org DNS:b.org DNS:c.org DNS:d.org DNS:a.example.com"
    found = only(check(issued(names, constraints(permitted="DNS:example.com"))))
    assert (found.subject, found.severity) == ("certificate", Severity.ERROR)
    assert found.rule.acknowledged
    assert found.message == (
        "'CN=Issuer' (chain[0]) may not issue certificates for 'a.org', 'b.org', 'c.org' and 1"
        " more, which 'a.org' contains; clients reject the chain."
    )


@needs_openssl
def test_intermediates_are_constrained_as_well(tmp_path: Path) -> None:
    """Names of authorities below count, and constraints of every authority above, roots included."""
    root = authority("Root", constraints(permitted="dir:O=Example"))
    leaf = server(authority(name("O=Other"), issuer=root), name="")
    assert places(check(leaf)) == [("name-constraints-violated", "chain[0]")]
    assert not openssl_verifies(leaf, tmp_path)
    leaf = server(authority(name("O=Example,CN=A"), issuer=root), name=name("O=Example"))
    assert check(leaf) == ()
    assert openssl_verifies(leaf, tmp_path)


@needs_openssl
def test_authorities_that_issued_themselves_are_not(tmp_path: Path) -> None:
    """A new key of the constrained authority itself is excepted; the leaf below it is not."""
    limits = constraints(permitted="DNS:example.com", excluded="dir:CN=Root")
    root = authority("Root", limits, (x509.SubjectKeyIdentifier(b"old"), False))
    # Without identifiers, OpenSSL takes one key for the other.
    by_old, by_new = (
        (x509.AuthorityKeyIdentifier(key, None, None), False) for key in (b"old", b"new")
    )
    renewed = authority("Root", (x509.SubjectKeyIdentifier(b"new"), False), by_old, issuer=root)
    leaf = server(renewed, by_new, name="", names=(x509.DNSName("www.example.com"),))
    assert check(leaf) == ()
    assert openssl_verifies(leaf, tmp_path)
    leaf = server(renewed, by_new, name="", names=(x509.DNSName("www.example.org"),))
    assert places(check(leaf)) == [("name-constraints-violated", "certificate")]


def test_constraints_of_the_leaf_apply_to_nothing() -> None:
    """A leaf's own name constraints have no effect."""
    assert check(server(ROOT, constraints(permitted="DNS:example.org"))) == ()


def test_too_many_names_and_constraints() -> None:
    """The number of comparisons is limited, as in clients."""
    many = tuple(x509.DNSName(f"{number}.example.com") for number in range(2_000))
    issuer = authority("Issuer", (x509.NameConstraints(many, None), True), issuer=ROOT)
    found = only(check(server(issuer, name=subject(""), names=many)))
    assert (found.code, found.subject) == ("name-constraints-violated", "chain[0]")
    assert "takes more than 250,000 comparisons; clients give up." in found.message
