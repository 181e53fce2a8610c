"""An unreadable extension is named, and the others are read."""

from __future__ import annotations

from ipaddress import ip_network
from typing import TYPE_CHECKING

import pytest
from cryptography import x509

from dev.certificates import odd
from dev.certificates.authority import Authority
from dev.certificates.odd import Change, changed
from dev.certificates.trees import Node, Template, identifier
from server_certificate.certificates.located_certificate import LocatedCertificate
from server_certificate.certificates.subject_names import dns_names
from server_certificate.reading.certificates import load_certificate
from server_certificate.rules.extensions import check_extensions
from support.findings import only, places

if TYPE_CHECKING:
    from server_certificate.certificates.certificate import Certificate

ROOT = Authority.root()
LEAF = ROOT.leaf("www.example.com", "192.0.2.1")


def with_change(change: Change) -> Certificate:
    """Return a leaf that is changed, as it is loaded."""
    return load_certificate(changed(LEAF.certificate, ROOT, change))


def damaged(dotted: str) -> Change:
    """Write NULL as the content of an extension."""
    return odd.content_of(dotted, b"\x05\x00")


def names_of(*names: Node) -> tuple[str, ...]:
    """Return what is read of a subject alternative name."""
    return dns_names(with_change(odd.alternative_names(*names)))


@pytest.mark.parametrize("dotted", [odd.KEY_USAGE, odd.NAMES, odd.CONSTRAINTS, odd.PURPOSES])
def test_one_damaged_extension_hides_no_other(dotted: str) -> None:
    """Only the damaged extension is unreadable, and its criticality is still known."""
    extensions = with_change(damaged(dotted)).extensions
    assert extensions.unreadable == (dotted,)
    assert extensions.critical == (odd.CONSTRAINTS, odd.KEY_USAGE)
    kinds = {
        odd.KEY_USAGE: x509.KeyUsage,
        odd.NAMES: x509.SubjectAlternativeName,
        odd.CONSTRAINTS: x509.BasicConstraints,
        odd.PURPOSES: x509.ExtendedKeyUsage,
    }
    for other, kind in kinds.items():
        assert extensions.is_unreadable(kind) is (other == dotted)
        assert (extensions.value(kind) is None) is (other == dotted)


def test_several_damaged_extensions() -> None:
    """One finding names all of them, by their common names."""

    def change(template: Template) -> None:
        damaged(odd.KEY_USAGE)(template)
        damaged(odd.PURPOSES)(template)
        template.extensions.parts.append(
            Node(0x30, parts=[identifier("2.5.29.30"), Node(0x04, b"\xff")])
        )

    found = only(check_extensions([LocatedCertificate(with_change(change), "certificate")]))
    assert found.code == "needed-extension-unreadable"
    assert found.message == (
        "the extensions keyUsage, extKeyUsage, nameConstraints of 'CN=www.example.com' can't be"
        " read; clients reject the certificate."
    )


@pytest.mark.parametrize(
    ("is_critical", "code"),
    [(True, "needed-extension-unreadable"), (False, "extension-unreadable")],
)
def test_an_extension_that_clients_can_do_without(*, is_critical: bool, code: str) -> None:
    """Clients may ignore an unreadable extension unless it is critical."""

    def change(template: Template) -> None:
        critical = [Node(0x01, b"\xff")] if is_critical else []
        parts = [identifier("2.5.29.36"), *critical, Node(0x04, b"\x05\x00")]
        template.extensions.parts.append(Node(0x30, parts=parts))

    found = check_extensions([LocatedCertificate(with_change(change), "chain[0]")])
    assert places(found) == [(code, "chain[0]")]


def test_an_extension_that_is_there_twice() -> None:
    """A duplicate extension is reported, and the first one counts."""

    def change(template: Template) -> None:
        template.extensions.parts.append(template.extension(odd.NAMES))

    certificate = with_change(change)
    assert certificate.extensions.repeated == (odd.NAMES,)
    assert certificate.extensions.unreadable == ()
    assert dns_names(certificate) == ("www.example.com", "192.0.2.1")
    found = check_extensions([LocatedCertificate(certificate, "chain[1]")])
    assert places(found) == [("extension-repeated", "chain[1]")]


def test_critical_extensions_nobody_knows() -> None:
    """Critical extensions are listed in order, known or not."""

    def change(template: Template) -> None:
        for dotted in ("1.2.3.4", "1.3.6.1.4.1.11129.2.4.3"):
            parts = [identifier(dotted), Node(0x01, b"\xff"), Node(0x04, b"\x05\x00")]
            template.extensions.parts.append(Node(0x30, parts=parts))

    listed = (odd.CONSTRAINTS, odd.KEY_USAGE, "1.2.3.4", "1.3.6.1.4.1.11129.2.4.3")
    assert with_change(change).extensions.critical == listed
    as_well = with_change(lambda template: (change(template), damaged(odd.NAMES)(template)))
    assert as_well.extensions.critical == listed


def test_names_of_every_kind() -> None:
    """DNS names and IP addresses are read, whatever other names there are."""
    dns, address = Node(0x82, b"a.example.com"), Node(0x87, b"\xc0\0\2\1")
    others = [
        Node(0xA3, parts=[Node(0x30)]),
        Node(0xA5, parts=[Node(0xA1, parts=[Node(0x0C, b"x")])]),
        Node(0xA0),
        Node(0xA0, parts=[identifier("1.2.3"), Node(0xA0, parts=[Node(0x0C, b"x")])]),
        Node(0x82, b"\xe4.example"),
        Node(0x81, b"\xff"),
        Node(0x86, b"\xff"),
        Node(0x87, b"12345678"),
        Node(0x88, b""),
        Node(0x88, b"\x80\1"),
        Node(0xA4, parts=[odd.attribute("2.5.4.3", Node(0x13, b"*"))]),
        Node(0xA4, parts=[Node(0x30, parts=[odd.attribute("2.5.4.3", Node(0x13, b"*"))])]),
        Node(0xBE),
    ]
    for other in others:
        assert names_of(other, dns, other, address) == ("a.example.com", "192.0.2.1")
    assert names_of(dns, *others, address) == ("a.example.com", "192.0.2.1")


@pytest.mark.parametrize("content", [b"", b"\xff", b"\x30\x05\x82", b"\x02\x01\x01", b"\x04\x00"])
def test_invalid_lists_of_names(content: bytes) -> None:
    """An invalid subject alternative name can't be read."""
    certificate = with_change(odd.content_of(odd.NAMES, content))
    assert certificate.extensions.unreadable == (odd.NAMES,)
    assert dns_names(certificate) == ()


def with_constraints(*bases: Node) -> Certificate:
    """Return a leaf with permitted subtrees."""
    subtrees = [Node(0x30, parts=[base, Node(0x80, b"\0")]) for base in bases]
    content = Node(0x30, parts=[Node(0xA0, parts=subtrees)]).encoded()

    def change(template: Template) -> None:
        parts = [identifier("2.5.29.30"), Node(0x04, content)]
        template.extensions.parts.append(Node(0x30, parts=parts))

    return with_change(change)


@pytest.mark.parametrize(
    ("base", "read", "oddity"),
    [
        (Node(0x82, b"example.com"), x509.DNSName("example.com"), None),
        (
            Node(0x87, b"\x0a\1\2\3\xff\xff\0\0"),
            x509.IPAddress(ip_network("10.1.0.0/16")),
            "its nameConstraints has a network with bits outside its mask",
        ),
        (
            Node(0x82, b"*.example.com"),
            x509.DNSName("."),
            "its nameConstraints has a DNS name with an asterisk, which matches no name",
        ),
    ],
)
def test_subtrees_that_clients_read(base: Node, read: x509.GeneralName, oddity: str | None) -> None:
    """The minimum may be spelled out, and each base means what it means to OpenSSL."""
    certificate = with_constraints(base)
    constraints = certificate.extensions.value(x509.NameConstraints)
    assert constraints is not None
    assert constraints.permitted_subtrees == [read]
    default = "its nameConstraints contains a default value that DER omits"
    assert certificate.extensions.oddities == ((default, oddity) if oddity else (default,))


@pytest.mark.parametrize("base", [Node(0x87, b"\x0a\0\0\0"), Node(0x82, b"\xff")])
def test_subtrees_that_nobody_reads(base: Node) -> None:
    """An address without a mask and an invalid string make the extension unreadable."""
    assert with_constraints(base).extensions.unreadable == ("2.5.29.30",)


def test_a_path_length_without_authority() -> None:
    """The path length of a certificate that is not a CA's is ignored, as in OpenSSL."""
    content = Node(0x30, parts=[Node(0x02, b"\0")]).encoded()
    extensions = with_change(odd.content_of(odd.CONSTRAINTS, content)).extensions
    constraints = extensions.value(x509.BasicConstraints)
    assert constraints is not None
    assert (constraints.ca, constraints.path_length) == (False, None)
    assert extensions.oddities == (
        "its basicConstraints has a path length although it says CA:FALSE",
    )
