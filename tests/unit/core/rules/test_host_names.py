"""DNS names in the subject alternative name that clients can't use."""

from __future__ import annotations

import pytest

from dev.certificates import odd
from dev.certificates.authority import Authority
from dev.certificates.odd import changed
from dev.certificates.trees import Node
from server_certificate.certificates.located_certificate import LocatedCertificate
from server_certificate.findings import Finding, Severity
from server_certificate.reading.certificates import load_certificate
from server_certificate.rules.host_names import check_host_names
from support.findings import only

ROOT = Authority.root()
LEAF = ROOT.leaf()


def check(*names: str) -> tuple[Finding, ...]:
    """Check a leaf with these DNS names."""
    nodes = [Node(0x82, name.encode()) for name in names]
    der = changed(LEAF.certificate, ROOT, odd.alternative_names(*nodes))
    return tuple(check_host_names(LocatedCertificate(load_certificate(der), "certificate")))


def test_usable_names() -> None:
    """Host names, and names with a wildcard as the first label, have no findings."""
    names = [
        "www.example.com",
        "*.example.com",
        "localhost",
        "a-b.c",
        "xn--bcher-kva.example",
        "1.de",
    ]
    assert check(*names, "A.EXAMPLE", "a" * 63 + ".example", "123") == ()


@pytest.mark.parametrize(
    ("name", "problem", "better"),
    [
        ("192.0.2.1", "is an IP address", "the IP address '192.0.2.1'"),
        ("2001:db8::1", "is an IP address", "the IP address '2001:db8::1'"),
        ("https://www.example.com/", "is a URL", "'www.example.com'"),
        ("https://192.0.2.1:8443/", "is a URL", "the IP address '192.0.2.1'"),
        ("www.example.com:443", "has a port", "'www.example.com'"),
        (" www.example.com", "has white space around it", "'www.example.com'"),
        ("www.example.com\n", "has white space around it", "'www.example.com'"),
        ("www.example.com.", "ends with a dot", "'www.example.com'"),
        ("a_b.example.com", "has an underscore", None),
        ("", "is empty", None),
        (".example.com", "has an empty label", None),
        ("a..example.com", "has an empty label", None),
        ("a b.example.com", "has characters that host names can't have", None),
        ("me@example.com", "has characters that host names can't have", None),
        ("a/b", "has characters that host names can't have", None),
        ("*", "is a wildcard for a whole top-level domain", None),
        ("*.com", "is a wildcard for a whole top-level domain", None),
        ("www.*.com", "has a wildcard that is not the whole first label", None),
        ("w*.example.com", "has a wildcard that is not the whole first label", None),
        ("*.*.example.com", "has a wildcard that is not the whole first label", None),
        ("-a.example.com", "has a label that begins or ends with a hyphen", None),
        ("a" * 64 + ".example", "is longer than DNS allows", None),
        ("a." * 127 + "aa", "is longer than DNS allows", None),
    ],
)
def test_unusable_names(name: str, problem: str, better: str | None) -> None:
    """Each is a warning that says what clients do and suggests a name, if one is clear."""
    found = only(check("www.example.org", name))
    assert (found.code, found.severity) == ("dns-name-unusable", Severity.WARNING)
    assert f" {problem}" in found.message
    assert found.fix.startswith("Request a certificate for ")
    assert (f"for {better} instead." in found.fix) is (better is not None)


def test_every_unusable_name_is_reported() -> None:
    """Each unusable name has a finding of its own."""
    assert len(check("a_b.example", "c.", "www.example.com", "192.0.2.1")) == 3
