"""Names in certificates."""

from __future__ import annotations

from cryptography import x509
from cryptography.x509.oid import NameOID

from dev.certificates.authority import Authority
from server_certificate import pem
from server_certificate.certificates.subject_names import dns_names, issuer_of, name_of, quoted_name
from server_certificate.reading.reader import read_certificates
from support.certificates import loaded

ROOT = Authority.root("Root")


def test_names_and_addresses() -> None:
    """DNS names come first, then addresses of both families."""
    leaf = ROOT.leaf("a.example.com", "192.0.2.1", "*.example.com", "2001:db8::1")
    assert dns_names(loaded(leaf)) == (
        "a.example.com",
        "*.example.com",
        "192.0.2.1",
        "2001:db8::1",
    )


def test_no_alternative_names() -> None:
    """The common name is not among the alternative names."""
    assert dns_names(loaded(ROOT)) == ()


def test_damaged_extensions_hold_no_names() -> None:
    """Unreadable extensions don't prevent the upload of a certificate that IAM may accept."""
    der = ROOT.leaf("a.example.com").der.replace(
        b"\x82\x0da.example.com", b"\x82\x0da\xff.example.co"
    )
    (certificate,), findings = read_certificates(pem.encode("CERTIFICATE", der), subject="chain")
    assert findings == ()
    assert dns_names(certificate) == ()


def test_names_for_sentences() -> None:
    """Subject and issuer are quoted in the form of RFC 4514."""
    leaf = ROOT.leaf("a.example.com")
    assert (name_of(loaded(leaf)), issuer_of(loaded(leaf))) == (
        "'CN=a.example.com'",
        "'CN=Root'",
    )


def test_a_hostile_name_stays_on_its_line() -> None:
    """Line feeds and escape sequences in a name are not written to logs."""
    name = name_of(loaded(Authority.root("a\n\x1b[31mb")))
    assert name == "'CN=a��[31mb'"


def test_a_name_without_anything() -> None:
    """A certificate without any name can still be spoken of."""
    assert name_of(loaded(Authority.root(""))) == "'(no subject)'"


def test_a_long_name_is_cut() -> None:
    """A name does not fill the report."""
    unit = x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "x" * 64)
    quoted = quoted_name(x509.Name([unit] * 50))
    assert len(quoted) == 202
    assert quoted.endswith("…'")
