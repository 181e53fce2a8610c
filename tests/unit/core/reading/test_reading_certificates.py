"""Reading certificates from text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import NameOID

from dev.certificates.authority import NOW, SECOND, Authority, Issued, to_pem
from server_certificate import pem
from server_certificate.findings import Severity
from server_certificate.reading.input_context import MAX_BLOCKS
from server_certificate.reading.reader import read_certificates, read_private_key
from support.certificates import loaded
from support.findings import codes, only, places
from support.openssl import needs_openssl, openssl

if TYPE_CHECKING:
    from collections.abc import Callable

    from dev.certificates.keys import KeyForm


@pytest.fixture(scope="module")
def root() -> Authority:
    """A root."""
    return Authority.root()


@pytest.fixture(scope="module")
def leaf(root: Authority) -> Issued:
    """A leaf."""
    return root.leaf()


def test_reads_certificates_in_their_order(root: Authority, leaf: Issued) -> None:
    """All certificates are read, and nothing is found about a clean text."""
    assert read_certificates(to_pem(leaf, root), subject="chain") == (
        (loaded(leaf), loaded(root)),
        (),
    )


def test_crlf_is_not_reported(leaf: Issued) -> None:
    """IAM accepts CRLF, so it has no finding."""
    assert read_certificates(leaf.pem.replace("\n", "\r\n"), subject="certificate") == (
        (loaded(leaf),),
        (),
    )


@needs_openssl
def test_reads_what_openssl_prints(leaf: Issued) -> None:
    """The text that ``openssl x509 -text`` writes before the block is left out and reported."""
    certificates, findings = read_certificates(
        openssl("x509", "-text", stdin=leaf.pem), subject="certificate"
    )
    assert certificates == (loaded(leaf),)
    assert only(findings).code == "text-around"
    assert only(findings).severity is Severity.FIXABLE


def test_byte_order_mark_is_left_out(leaf: Issued) -> None:
    """IAM's pattern has no byte order mark, so it is fixed."""
    certificates, findings = read_certificates("\ufeff" + leaf.pem, subject="certificate")
    assert certificates == (loaded(leaf),)
    assert codes(findings) == ["text-around"]


def test_escaped_line_breaks_are_fixed(leaf: Issued) -> None:
    """A JSON string that was not decoded is read correctly."""
    text = leaf.pem.replace("\n", "\\n")
    certificates, findings = read_certificates(text, subject="certificate")
    assert certificates == (loaded(leaf),)
    assert codes(findings) == ["escaped-line-breaks"]
    assert r"escaped as '\n'" in only(findings).message


@pytest.mark.parametrize("label", ["X509 CERTIFICATE", "TRUSTED CERTIFICATE"])
def test_other_labels_of_certificates(leaf: Issued, label: str) -> None:
    """OpenSSL's other labels are read, and changed to the one that IAM accepts."""
    certificates, findings = read_certificates(pem.encode(label, leaf.der), subject="certificate")
    assert certificates == (loaded(leaf),)
    assert only(findings).code == "label"
    assert label in only(findings).message


@needs_openssl
def test_trust_settings_are_left_out(leaf: Issued) -> None:
    """The data that ``openssl x509 -trustout`` appends is left out and reported."""
    text = openssl("x509", "-trustout", "-addtrust", "serverAuth", stdin=leaf.pem)
    certificates, findings = read_certificates(text, subject="certificate")
    assert certificates == (loaded(leaf),)
    assert "trust settings" in only(findings).fix


@pytest.mark.parametrize("label", ["EC PARAMETERS", "DH PARAMETERS"])
def test_parameters_are_left_out(leaf: Issued, label: str) -> None:
    """Parameters next to a certificate are left out with a finding, not an error."""
    certificates, findings = read_certificates(
        pem.encode(label, b"\x06\x00") + leaf.pem, subject="certificate"
    )
    assert certificates == (loaded(leaf),)
    assert places(findings) == [("parameters-block", "certificate[0]")]
    assert only(findings).severity is Severity.FIXABLE


DH_GROUP, DSA_GROUP = (
    f"30{len(content) // 2:02x}{content}"
    for content in ("020400ffffff020102020200a0", "020500ffffffff020300ffff020103")
)
"""Parameters of three integers: prime, generator and length (PKCS#3), prime, order and generator."""


@pytest.mark.parametrize(
    ("label", "content"),
    [
        ("DH PARAMETERS", DH_GROUP),
        ("X9.42 DH PARAMETERS", DSA_GROUP),
        ("DSA PARAMETERS", DSA_GROUP),
        ("ATTRIBUTE CERTIFICATE", "3003020101"),
        ("CRL", "3003020101"),
    ],
)
def test_what_control_panels_add_is_left_out(leaf: Issued, label: str, content: str) -> None:
    """Parameters are never taken for a private key; leaving them out is reported."""
    block = pem.encode(label, bytes.fromhex(content))
    certificates, findings = read_certificates(block + leaf.pem, subject="certificate")
    assert certificates == (loaded(leaf),)
    assert only(findings).severity is Severity.FIXABLE
    key, findings = read_private_key(leaf.key_pem() + block)
    assert key is not None
    assert only(findings).severity is Severity.FIXABLE


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("TSS2 PRIVATE KEY", "a private key that is bound to a TPM"),
        ("PKCS#11 PROVIDER URI", "the URI of a private key in a hardware security module"),
    ],
)
def test_keys_that_stay_where_they_are(label: str, name: str) -> None:
    """The fix for a key in hardware is a new key, because no copy of it would work."""
    key, findings = read_private_key(pem.encode(label, b"\x30\x03\x02\x01\x01"))
    assert key is None
    assert only(findings).message == f"it is {name}, not a private key."
    assert only(findings).fix.startswith("Request a certificate for a new key,")


def _request(leaf: Issued) -> str:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "www.example.com")])
    request = x509.CertificateSigningRequestBuilder().subject_name(name)
    signed = request.sign(leaf.private_key, hashes.SHA256())
    return signed.public_bytes(serialization.Encoding.PEM).decode()


def _public_key(leaf: Issued) -> str:
    public_key = leaf.private_key.public_key()
    return public_key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).decode()


def _revocations(leaf: Issued) -> str:
    builder = x509.CertificateRevocationListBuilder().issuer_name(leaf.certificate.subject)
    crl = builder.last_update(NOW).next_update(NOW + SECOND).sign(leaf.private_key, hashes.SHA256())
    return crl.public_bytes(serialization.Encoding.PEM).decode()


@pytest.mark.parametrize(
    ("make", "name", "fix"),
    [
        (_request, "a certificate signing request", "Provide the certificate instead."),
        (_public_key, "a public key", "Provide the certificate instead."),
        (_revocations, "a certificate revocation list", "Provide the certificate instead."),
        (lambda _: pem.encode("JUNK", b"1"), "a block labeled JUNK", "Provide the certificate"),
    ],
)
def test_other_blocks_are_named(
    leaf: Issued, make: Callable[[Issued], str], name: str, fix: str
) -> None:
    """A block of another kind is an error that says what it is and what to do."""
    certificates, findings = read_certificates(make(leaf), subject="certificate")
    assert certificates == ()
    assert only(findings).code == "wrong-kind"
    assert only(findings).message == f"it is {name}, not a certificate."
    assert fix in only(findings).fix


@pytest.mark.parametrize("form", ["pkcs8", "sec1", "openssh"])
def test_private_key_among_certificates(leaf: Issued, form: KeyForm) -> None:
    """A private key among certificates is an error of its own: it may be disclosed."""
    text = leaf.pem + leaf.key_pem(form)
    certificates, findings = read_certificates(text, subject="certificate")
    assert certificates == (loaded(leaf),)
    assert places(findings) == [("private-key-among-certificates", "certificate[1]")]


@pytest.mark.parametrize(
    ("damage", "problem"),
    [
        (lambda der: der[:-1], "its content is truncated"),
        (lambda der: der[:3], "its content is truncated"),
        (lambda der: der + b"\5\0", "there are extra bytes after its content"),
        (lambda _: b"MZ", "its content is not DER"),
        (
            lambda _: b"0\x03\x02\x01\x01",
            "its content is damaged, or isn't a certificate",
        ),
    ],
)
def test_damaged_der_is_named(leaf: Issued, damage: Callable[[bytes], bytes], problem: str) -> None:
    """DER that is not a certificate is reported without the parser's vocabulary."""
    text = leaf.pem + pem.encode("CERTIFICATE", damage(leaf.der))
    certificates, findings = read_certificates(text, subject="chain")
    assert certificates == (loaded(leaf),)
    assert places(findings) == [("unreadable", "chain[1]")]
    assert problem in only(findings).message


def test_damaged_base64_is_named(leaf: Issued) -> None:
    """A broken character damages one block only, which is named."""
    _, findings = read_certificates(leaf.pem.replace("M", "!", 1), subject="certificate")
    message = "the CERTIFICATE block can't be read: its content is not base64."
    assert only(findings).message == message


def test_unknown_public_key_is_reported(leaf: Issued) -> None:
    """A certificate with an unknown public key isn't damaged, so the fix isn't a new copy."""
    curve = bytes.fromhex("06082a8648ce3d030107")
    text = pem.encode("CERTIFICATE", leaf.der.replace(curve, curve[:-1] + b"\x63", 1))
    _, findings = read_certificates(text, subject="certificate")
    found = only(findings)
    assert found.code == "certificate-unsupported"
    assert "its public key is on an unknown curve, 1.2.840.10045.3.1.99" in found.message
    assert "EC key on P-256" in found.fix


def test_odd_serial_numbers_are_no_warning(leaf: Issued) -> None:
    """Users don't see warnings of the library about certificates that IAM accepts."""
    version_and_serial = bytes.fromhex("a00302010202")
    position = leaf.der.index(version_and_serial) + len(version_and_serial) + 1
    odd = leaf.der[:position] + b"\x80" + leaf.der[position + 1 :]
    certificates, findings = read_certificates(
        pem.encode("CERTIFICATE", odd), subject="certificate"
    )
    assert len(certificates) == 1
    assert findings == ()


@pytest.mark.parametrize(
    ("count", "found"), [(MAX_BLOCKS, []), (MAX_BLOCKS + 1, ["too-many-blocks"])]
)
def test_number_of_blocks_is_limited(leaf: Issued, count: int, found: list[str]) -> None:
    """A whole trust store is refused in one sentence, not element by element."""
    certificates, findings = read_certificates(leaf.pem * count, subject="chain")
    assert codes(findings) == found
    assert len(certificates) == (0 if found else count)


@pytest.mark.parametrize(
    ("size", "found"), [(pem.MAX_CHARACTERS, []), (pem.MAX_CHARACTERS + 1, ["too-large"])]
)
def test_length_of_a_text_is_limited(leaf: Issued, size: int, found: list[str]) -> None:
    """Texts beyond the size limit are not parsed."""
    certificates, findings = read_certificates(leaf.pem.ljust(size), subject="certificate")
    assert codes(findings) == found
    assert len(certificates) == (0 if found else 1)
