"""Certificates that are made to keep a reader busy share one budget with the other input."""

from __future__ import annotations

import pytest

from dev.certificates import floods, odd
from dev.certificates.authority import Authority
from dev.certificates.odd import Change, changed
from dev.certificates.trees import Node, Template, identifier
from server_certificate import pem
from server_certificate.budget import Budget, BudgetExceededError
from server_certificate.certificates.located_certificate import LocatedCertificate
from server_certificate.certificates.signatures import Signatures
from server_certificate.description import describe
from server_certificate.inputs import Input
from server_certificate.reading.certificates import MAX_OCTETS, load_certificate
from server_certificate.reading.input_context import MAX_BLOCKS
from server_certificate.reading.reader import read
from server_certificate.rules.extensions import check_extensions
from support.findings import codes, only
from support.hostile_input import checked

ROOT = Authority.root()
LEAF = ROOT.leaf()


def with_change(change: Change) -> bytes:
    """Return a changed leaf."""
    return changed(LEAF.certificate, ROOT, change)


def public_key(template: Template) -> None:
    """Certify an RSA key of half a million bits."""
    numbers = [Node(0x02, b"\x7f" * 60_000), Node(0x02, b"\1\0\1")]
    bits = Node(0x30, parts=numbers).encoded()
    odd.public_key(identifier("1.2.840.113549.1.1.1"), Node(0x05), bits=bits)(template)


def as_many_as_fit(change: Change) -> str:
    """Return a certificate that is repeated up to 4 MB."""
    text = pem.encode("CERTIFICATE", with_change(change))
    return text * min(4_000_000 // len(text), MAX_BLOCKS)


SHAPES = {
    "directory names": floods.names(floods.DIRECTORY, 3_500),
    "DNS names": floods.names(Node(0x82, b"a"), 20_000),
    "DNS names that are none": floods.names(Node(0x82, b"\xff"), 20_000),
    "names that nobody knows": floods.names(Node(0xA3), 30_000),
    "one DNS name of colons": floods.names(Node(0x82, b":" * 60_000), 1),
    "one DNS name of labels": floods.names(Node(0x82, b"a." * 30_000 + b"!"), 1),
    "one DNS name of hyphens": floods.names(Node(0x82, b"a-" * 30_000), 1),
    "attributes": floods.attributes(floods.ATTRIBUTE, 4_000),
    "odd attributes": floods.attributes(odd.attribute("2.5.4.11", Node(0x13, b"*")), 4_000),
    "extensions": floods.extensions(5_000),
    "odd extensions": floods.extensions(
        5_000, like=Node(0x30, parts=[identifier("2.5.29.15"), Node(4)])
    ),
    "a long key": public_key,
    "a few directory names": floods.names(floods.DIRECTORY, 40),
    "a few attributes": floods.attributes(floods.ATTRIBUTE, 60),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_an_answer_comes_whatever_is_repeated(shape: str) -> None:
    """The part that is read is assessed and described; the benchmarks measure the time it takes."""
    text = as_many_as_fit(SHAPES[shape])
    assert checked(certificate=text).findings
    signatures = Signatures()
    for element in read(Input.of_text(text), subject="certificate").certificates:
        describe(element.certificate, signatures)


@pytest.mark.parametrize("count", [100, 2_500_000])
def test_size_of_a_certificate(count: int) -> None:
    """A certificate of more than 64 KiB isn't loaded, neither from PEM nor from DER."""
    size = MAX_OCTETS - len(LEAF.der) + count
    der = with_change(odd.common_name(0x0C, b"a" * size))
    assert len(der) > MAX_OCTETS
    for given in (Input(der), Input.of_text(pem.encode("CERTIFICATE", der))):
        found = only(read(given, subject="certificate").findings)
        assert found.code == "too-large"
        assert f"it has {len(der):,} bytes; the limit is 65,536 bytes" in found.message


def test_the_largest_certificate_that_is_read() -> None:
    """A certificate of 64 KiB is read, and reported as too large for IAM."""
    size = MAX_OCTETS - len(LEAF.der) - 20
    der = with_change(odd.common_name(0x0C, b"a" * size))
    assert codes(checked(certificate=pem.encode("CERTIFICATE", der)).findings) == [
        "chain-missing",
        "too-large",
    ]


def test_names_share_a_budget() -> None:
    """The attributes of all certificates count toward one budget."""
    der, budget = with_change(floods.attributes(floods.ATTRIBUTE, 4_000)), Budget()
    for _ in range(12):
        load_certificate(der, budget)
    with pytest.raises(BudgetExceededError):
        load_certificate(der, budget)
    found = read(Input.of_text(pem.encode("CERTIFICATE", der) * 20), subject="chain").findings
    assert set(codes(found)) == {"too-large"}
    assert found[0].subject == "chain[12]"


@pytest.mark.parametrize("shape", ["directory names", "names that nobody knows", "odd extensions"])
def test_extensions_share_a_budget(shape: str) -> None:
    """If the extensions exceed the budget, they aren't read, and that is an error."""
    der, budget = with_change(SHAPES[shape]), Budget()
    certificates = [load_certificate(der, budget) for _ in range(40)]
    assert any(certificate.extensions.problem for certificate in certificates)
    assert describe(certificates[-1], Signatures()).subject_alternative_names == ()
    assert not certificates[0].extensions.problem


def test_extensions_that_are_too_much() -> None:
    """The finding says that the extensions are not read."""
    shared = Budget()
    shared.spend_values(180_000)
    certificate = load_certificate(with_change(floods.extensions(5_000)), shared)
    (found,) = check_extensions([LocatedCertificate(certificate, "chain[1]")])
    assert (found.code, found.subject) == ("too-large", "chain[1]")
    assert "the extensions of 'CN=www.example.com' can't be read: it has more than" in found.message


@pytest.mark.parametrize("opening", [b"\x30\x80", b"\x31\x80", b"\xa0\x80", b"\x24\x80"])
def test_deep_nesting(opening: bytes) -> None:
    """Nested values are read down to a depth that no certificate has."""
    found = only(
        read(Input.of_text(pem.encode("CERTIFICATE", opening * 30_000)), subject="chain").findings
    )
    assert found.code == "unreadable"
