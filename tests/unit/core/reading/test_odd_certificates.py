"""Certificates that OpenSSL reads and a strict parser refuses; OpenSSL is asked about each."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from hypothesis import given, settings
from hypothesis import strategies as st

from dev.certificates import odd
from dev.certificates.authority import NOW, Authority, to_pkcs7
from dev.certificates.keys import KeyType
from dev.certificates.odd import ODD, ODD_RSA, REFUSED, Change, Verdict, changed
from dev.certificates.trees import Node, Template, identifier
from server_certificate import pem
from server_certificate.assessment import Criteria, Given, Input, assess
from server_certificate.certificates.signatures import Signatures
from server_certificate.der import DerError
from server_certificate.description import describe
from server_certificate.findings import Severity
from server_certificate.reading.certificates import UnsupportedCertificateError, load_certificate
from server_certificate.reading.reader import read
from support.certificates import loaded
from support.findings import codes, only
from support.openssl import needs_openssl, openssl

if TYPE_CHECKING:
    from pathlib import Path

    from server_certificate.assessment import Assessment

ROOT, RSA_ROOT = Authority.root(), Authority.root(key_type=KeyType.RSA)
LEAF, RSA_LEAF = ROOT.leaf(), RSA_ROOT.leaf(key_type=KeyType.RSA)
EVERY = {**ODD, **ODD_RSA, **REFUSED}


def make(name: str) -> tuple[Authority, bytes]:
    """Return who signed one of the odd leaves, and the leaf."""
    if name in ODD_RSA:
        return RSA_ROOT, changed(RSA_LEAF.certificate, RSA_ROOT, ODD_RSA[name].change)
    return ROOT, with_change(EVERY[name].change)


def with_change(change: Change) -> bytes:
    """Return a leaf that is changed."""
    return changed(LEAF.certificate, ROOT, change)


def assess_now(der: bytes, above: str) -> Assessment:
    """Assess a leaf and its chain."""
    certificate = Input.of_text(pem.encode("CERTIFICATE", der))
    return assess(Given(certificate=certificate, chain=Input.of_text(above)), Criteria(at=NOW))


@pytest.mark.parametrize("name", [*ODD, *ODD_RSA])
def test_what_openssl_reads_is_accepted(name: str) -> None:
    """It can be uploaded unchanged, its signature is verified, and one warning has the reason."""
    root, der = make(name)
    result = assess_now(der, root.pem)
    found = only(result.findings)
    assert found.code in {"encoding-unusual", "version-too-low"}
    assert (found.severity, found.subject) == (Severity.WARNING, "certificate")
    assert EVERY[name].clause in found.message
    assert result.leaf is not None
    certificate = result.leaf.certificate
    assert (certificate.der, certificate.algorithms_agree) == (der, True)
    assert Signatures().certifies(loaded(root), certificate)
    assert not Signatures().certifies(loaded(root.namesake()), certificate)
    assert describe(certificate, Signatures()).subject_alternative_names == ("www.example.com",)


@pytest.mark.parametrize("name", REFUSED)
def test_what_openssl_refuses_is_not_read(name: str) -> None:
    """The finding has the actual reason."""
    _, der = make(name)
    with pytest.raises(DerError, match=re.escape(REFUSED[name].clause)):
        load_certificate(der)


@needs_openssl
@pytest.mark.parametrize("name", EVERY)
def test_openssl_says_so(name: str, tmp_path: Path) -> None:
    """OpenSSL reads and verifies what is read here, and refuses what is refused."""
    root, der = make(name)
    leaf, above = tmp_path / "leaf.der", tmp_path / "root.pem"
    leaf.write_bytes(der)
    above.write_text(root.pem)
    verify = ("verify", "-attime", str(int(NOW.timestamp())), "-CAfile", str(above), str(leaf))
    verdict = Verdict.REFUSED
    if _succeeds("x509", "-in", str(leaf), "-noout"):
        verdict = Verdict.VERIFIED if _succeeds(*verify) else Verdict.NOT_VERIFIED
    assert verdict is EVERY[name].verdict


def _succeeds(*arguments: str) -> bool:
    try:
        openssl(*arguments)
    except subprocess.CalledProcessError:
        return False
    return True


@pytest.mark.parametrize(
    "change",
    [
        ODD["asterisk"].change,
        ODD["ECDSA with NULL"].change,
        ODD["indefinite length"].change,
        odd.critical(b"\1", odd.CONSTRAINTS),
        odd.content_of(odd.CONSTRAINTS, b"\x30\x03\1\1\1"),
    ],
    ids=range(5),
)
def test_odd_authorities(change: Change) -> None:
    """An authority may be as odd as a leaf; what it issued has its name, and is certified by it."""
    issuer = ROOT.intermediate()
    above = changed(issuer.certificate, ROOT, change)

    def issued(template: Template) -> None:
        like = Template.of(issuer.certificate)
        change(like)
        template.issuer.parts = like.subject.parts

    leaf = changed(issuer.leaf().certificate, issuer, issued)
    result = assess_now(leaf, pem.encode("CERTIFICATE", above) + ROOT.pem)
    assert result.accepted
    assert [element.certificate.der for element in result.chain] == [above, ROOT.der]
    assert ("encoding-unusual", "chain[0]") in {(f.code, f.subject) for f in result.findings}


def test_versions_that_know_no_extensions() -> None:
    """Version 1 is a default; one that is written out, and has extensions, is wrong twice."""
    assert codes(assess_now(with_change(odd.version(b"\0")), ROOT.pem).findings) == [
        "encoding-unusual",
        "version-too-low",
    ]


@pytest.mark.parametrize("name", ["indefinite length", "critical FALSE"])
def test_files_and_bundles(name: str) -> None:
    """A certificate in DER and one in PKCS#12 or PKCS#7 is read as leniently as one in PEM."""
    _, der = make(name)
    contents = read(Input(der), subject="certificate")
    assert [element.certificate.der for element in contents.certificates] == [der]
    assert codes(contents.findings) == ["der"]


@pytest.mark.parametrize("padding", [b"\0", b"\n", b"\r\n", b"\0" * 100, b"\x1a"])
def test_padding_is_left_out(padding: bytes) -> None:
    """OpenSSL ignores what comes after a certificate; white space and zeros are left out."""
    contents = read(
        Input.of_text(pem.encode("CERTIFICATE", LEAF.der + padding)), subject="certificate"
    )
    assert only(contents.findings).code == "padded"
    assert only(contents.findings).severity is Severity.FIXABLE
    assert [element.certificate.der for element in contents.certificates] == [LEAF.der]


def test_serial_numbers_of_old_roots() -> None:
    """Some roots have the number 0, and name it as their issuer's; the library warns of that."""
    content = x509.AuthorityKeyIdentifier(None, [x509.DirectoryName(x509.Name([]))], 1)
    octets = content.public_bytes()
    assert octets.endswith(b"\x82\1\1")
    # Any extension will do to be replaced.
    as_it_was = odd.content_of(odd.CONSTRAINTS, octets[:-1] + b"\0")

    def change(template: Template) -> None:
        as_it_was(template)
        template.extension(odd.CONSTRAINTS).parts[0] = identifier("2.5.29.35")

    certificate = load_certificate(with_change(change))
    found = certificate.extensions.value(x509.AuthorityKeyIdentifier)
    assert found is not None
    assert found.authority_cert_serial_number == 0


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b" \x1a"])
def test_white_space_behind_anything_in_der(end: bytes) -> None:
    """A line end that a transfer appended is left out, and reported."""
    issued, word = ROOT.leaf(), "word"
    keys = (issued.key_der(), issued.key_der(password=word))
    for content in (*keys, issued.pkcs12(word), to_pkcs7(issued, encoding="DER")):
        bundle = Given(bundle=Input(content + end), passphrase=word)
        result = assess(bundle, Criteria(at=NOW))
        assert "padded" in codes(result.findings)
        assert "unreadable" not in codes(result.findings)
        assert result.leaf or result.private_key


@pytest.mark.parametrize("behind", [b"\5\0", LEAF.der, b"x"])
def test_anything_else_behind_a_certificate_is_not_dropped(behind: bytes) -> None:
    """Trailing octets other than padding are an error, because they may be content."""
    contents = read(
        Input.of_text(pem.encode("CERTIFICATE", LEAF.der + behind)), subject="certificate"
    )
    assert codes(contents.findings) == ["unreadable"]
    assert contents.certificates == ()


@pytest.mark.parametrize(
    ("algorithm", "clause"),
    [
        (
            [identifier("1.2.840.10045.2.1"), identifier("1.2.156.10197.1.301")],
            "on an unknown curve, SM2 (1.2.156.10197.1.301)",
        ),
        ([identifier("1.2.840.10045.2.1"), Node(0x05)], "on an unnamed curve"),
        (
            [identifier("1.2.643.7.1.1.1.1"), Node(0x30)],
            "of an unknown type, GOST R 34.10-2012 (1.2.643.7.1.1.1.1)",
        ),
        ([identifier("1.3.6.1.4.1.99999.1")], "of an unknown type, 1.3.6.1.4.1.99999.1"),
    ],
)
def test_keys_of_unknown_kinds(algorithm: list[Node], clause: str) -> None:
    """A certificate with an unknown kind of key is not reported as damaged."""
    der = with_change(odd.public_key(*algorithm, bits=b"\4" + bytes(64)))
    with pytest.raises(UnsupportedCertificateError) as caught:
        load_certificate(der)
    assert str(caught.value) == f"its public key is {clause}"
    result = assess_now(der, ROOT.pem)
    assert codes(result.findings) == ["certificate-unsupported"]
    assert not result.accepted


@pytest.mark.parametrize("bits", [b"", b"\4", b"\4" + bytes(64), b"\2" + bytes(32)])
def test_damaged_keys(bits: bytes) -> None:
    """An invalid key of a known kind is damaged."""
    curve = identifier("1.2.840.10045.3.1.7")
    der = with_change(odd.public_key(identifier("1.2.840.10045.2.1"), curve, bits=bits))
    if bits == b"\2" + bytes(32):
        der = with_change(odd.public_key(identifier("1.2.840.10045.2.1"), curve, bits=bits[:-1]))
    with pytest.raises(DerError, match="or its public key are damaged"):
        load_certificate(der)


@pytest.mark.parametrize("bits", [b"", bytes(31), bytes(33)])
def test_public_keys_of_a_wrong_length(bits: bytes) -> None:
    """An Ed25519 key has 32 octets."""
    with pytest.raises(DerError, match="or its public key are damaged"):
        load_certificate(with_change(odd.public_key(identifier("1.3.101.112"), bits=bits)))


@pytest.mark.parametrize(
    ("inner", "outer", "agree"),
    [
        ([], [], True),
        ([Node(0x05)], [Node(0x05)], True),
        ([Node(0x05)], [], False),
        ([], [Node(0x05)], False),
    ],
)
def test_algorithms_inside_and_outside(inner: list[Node], outer: list[Node], agree: bool) -> None:  # noqa: FBT001 (a case)
    """Both algorithms are compared by their original octets."""
    der = with_change(odd.parameters(lambda template: template.algorithm, *inner))
    tree = Node.of(der)
    tree.parts[1].parts[1:] = outer
    assert load_certificate(tree.encoded()).algorithms_agree is agree


def test_another_algorithm_inside() -> None:
    """A certificate that the library reads as it is may name two algorithms, too."""

    def change(template: Template) -> None:
        template.algorithm.parts[0] = identifier("1.2.840.10045.4.3.3")

    tree = Node.of(with_change(change))
    tree.parts[1].parts[0] = identifier("1.2.840.10045.4.3.2")
    assert not load_certificate(tree.encoded()).algorithms_agree
    assert load_certificate(LEAF.der).algorithms_agree


@needs_openssl
@pytest.mark.parametrize(
    ("curve", "name"),
    [
        ("secp224r1", "secp224r1"),
        ("prime256v1", "secp256r1"),
        ("secp384r1", "secp384r1"),
        ("secp521r1", "secp521r1"),
        ("secp256k1", "secp256k1"),
    ],
)
@pytest.mark.parametrize("form", ["uncompressed", "compressed"])
def test_curves_that_openssl_spells_out(curve: str, name: str, form: str, tmp_path: Path) -> None:
    """Each named curve is recognized by the explicit parameters that OpenSSL writes."""
    key, made = tmp_path / "key.pem", tmp_path / "certificate.pem"
    words = ["-name", curve, "-genkey", "-noout", "-param_enc", "explicit", "-conv_form", form]
    openssl("ecparam", *words, "-out", str(key))
    openssl("req", "-x509", "-key", str(key), "-subj", "/CN=x", "-out", str(made))
    (block,) = pem.parse(made.read_text()).blocks
    certificate = load_certificate(block.der)
    assert certificate.public_key.curve.name == name  # type: ignore[union-attr]
    assert Signatures().is_self_signed(certificate)


def test_another_curve_is_not_taken_for_a_named_one() -> None:
    """Parameters with another base point are refused, because anyone could forge its keys."""

    def change(template: Template) -> None:
        odd.explicit_curve()(template)
        base = template.public_key.parts[0].parts[1].parts[3]
        base.content = template.public_key.parts[1].content[1:]

    with pytest.raises(UnsupportedCertificateError):
        load_certificate(with_change(change))


MADE = [make(name)[1] for name in EVERY]


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(MADE),
    st.lists(st.tuples(st.integers(0, 600), st.integers(0, 255)), min_size=1, max_size=4),
)
def test_damage_raises_nothing(der: bytes, changes: list[tuple[int, int]]) -> None:
    """A certificate with changed octets is either read and described, or reported."""
    octets = bytearray(der)
    for place, octet in changes:
        octets[place % len(octets)] = octet
    contents = read(Input(bytes(octets)), subject="certificate")
    assert contents.certificates or contents.findings
    for element in contents.certificates:
        describe(element.certificate, Signatures())
        assert isinstance(element.certificate.algorithms_agree, bool)
        assert isinstance(tuple(element.certificate.extensions), tuple)
