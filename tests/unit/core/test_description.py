"""Certificates and keys in words and numbers."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import dsa, ec, x448
from cryptography.hazmat.primitives.serialization import Encoding

from dev.certificates.authority import DAY, NOW, Authority, Fault, Issued, self_signed
from dev.certificates.der import for_pss_only, key_for_pss_only
from dev.certificates.issuing import subject
from dev.certificates.keys import KeyType, rsa_public_key
from server_certificate import description, pem
from server_certificate.certificates.signatures import Signatures
from server_certificate.description import (
    Description,
    KeyDescription,
    describe_certified_key,
    describe_key,
    describe_private_key,
    timestamp,
)
from server_certificate.reading.certificates import load_certificate
from server_certificate.reading.loading import load_private_key
from support.certificates import loaded
from support.openssl import needs_openssl, openssl

if TYPE_CHECKING:
    from server_certificate.certificates.certificate import Certificate

ROOT = Authority.root("Root")


def describe(certificate: Certificate) -> Description:
    """Describe a certificate alone."""
    return description.describe(certificate, Signatures())


def test_all_fields() -> None:
    """Every field says what the certificate holds, and JSON has the same."""
    leaf = ROOT.leaf("www.example.com", "192.0.2.1")
    described = describe(loaded(leaf))
    told = json.loads(json.dumps(described.as_json()))
    serial, fingerprint = told.pop("serial_number"), told.pop("sha256_fingerprint")
    assert int(serial.replace(":", ""), 16) == leaf.certificate.serial_number
    assert len(fingerprint) == 32 * 3 - 1
    assert told == {
        "subject": "CN=www.example.com",
        "issuer": "CN=Root",
        "not_before": "2030-06-14T12:00:00Z",
        "not_after": "2030-07-30T12:00:00Z",
        "subject_alternative_names": ["www.example.com", "192.0.2.1"],
        "key_algorithm": "EC P-256",
        "key_size": 256,
        "signature_algorithm": "SHA256-ECDSA",
        "self_signed": False,
    }
    assert (described.not_before, described.not_after) == (NOW - DAY, NOW + 45 * DAY)
    assert list(described.as_json())[:3] == ["subject", "issuer", "serial_number"]


@needs_openssl
@pytest.mark.parametrize("leaf", [ROOT.leaf(), self_signed(key_type=KeyType.RSA)])
def test_openssl_agrees(leaf: Issued) -> None:
    """Fingerprint and serial number are those that OpenSSL prints."""
    described = describe(loaded(leaf))
    printed = openssl("x509", "-noout", "-fingerprint", "-sha256", "-serial", stdin=leaf.pem)
    assert described.sha256_fingerprint in printed
    assert described.serial_number.replace(":", "") in printed


@pytest.mark.parametrize(
    ("key_type", "signature"),
    [
        (KeyType.P256, "SHA256-ECDSA"),
        (KeyType.RSA, "SHA256-RSA"),
        (KeyType.RSA_PSS, "SHA256-RSA-PSS"),
        (KeyType.ED25519, "Ed25519"),
        (KeyType.ED448, "Ed448"),
    ],
)
def test_signatures(key_type: KeyType, signature: str) -> None:
    """The digest and scheme of a signature are shown, and whether it is self-signed."""
    described = describe(loaded(self_signed(key_type=key_type)))
    assert described.signature_algorithm == signature
    assert described.self_signed


@pytest.mark.parametrize(
    ("key_type", "fault", "signature"),
    [
        (KeyType.RSA, Fault.SHA1, "SHA1-RSA"),
        (KeyType.RSA, Fault.MD5, "MD5-RSA"),
        (KeyType.P256, Fault.SHA1, "SHA1-ECDSA"),
    ],
)
def test_outdated_signatures(key_type: KeyType, fault: Fault, signature: str) -> None:
    """Signature algorithms that the library no longer creates are named, too."""
    leaf = Authority.root(key_type=key_type).leaf(fault=fault)
    assert describe(loaded(leaf)).signature_algorithm == signature


@pytest.mark.parametrize(
    ("arcs", "signature"),
    [
        # 1.2.840.113549.1.1.<last>, in DER.
        (b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x02", "MD2-RSA"),
        (b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x03", "MD4-RSA"),
        (b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x7f", "1.2.840.113549.1.1.127"),
    ],
)
def test_unknown_signatures(arcs: bytes, signature: str) -> None:
    """A signature algorithm that the library doesn't know is described by its name or OID."""
    usual = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b"
    leaf = self_signed(key_type=KeyType.RSA)
    certificate = x509.load_der_x509_certificate(leaf.der.replace(usual, arcs))
    described = describe(loaded(certificate))
    assert described.signature_algorithm == signature
    assert not described.self_signed


def test_parameters_that_the_library_does_not_know() -> None:
    """A PSS signature with an unknown digest is described by the digest's OID."""
    sha256, shake128 = (b"\x60\x86\x48\x01\x65\x03\x04\x02" + last for last in (b"\x01", b"\x0b"))
    leaf = self_signed(key_type=KeyType.RSA_PSS)
    certificate = x509.load_der_x509_certificate(leaf.der.replace(sha256, shake128))
    assert describe(loaded(certificate)).signature_algorithm == "1.2.840.113549.1.1.10"


@pytest.mark.parametrize(
    ("issued", "algorithm", "size", "text"),
    [
        (ROOT.leaf(key_type=KeyType.P224), "EC P-224", 224, "EC P-224"),
        (ROOT.leaf(key_type=KeyType.P384), "EC P-384", 384, "EC P-384"),
        (ROOT.leaf(key_type=KeyType.P521), "EC P-521", 521, "EC P-521"),
        (ROOT.leaf(public_key=rsa_public_key(3072)), "RSA", 3072, "RSA 3072"),
        (ROOT.leaf(key_type=KeyType.ED25519), "Ed25519", None, "Ed25519"),
        (ROOT.leaf(key_type=KeyType.ED448), "Ed448", None, "Ed448"),
    ],
)
def test_keys(issued: Issued, algorithm: str, size: int | None, text: str) -> None:
    """Algorithm, curve and size of a key are named, the same in a certificate and alone."""
    key = describe_key(issued.certificate.public_key())
    assert key == KeyDescription(algorithm=algorithm, size=size)
    assert str(key) == text
    described = describe(loaded(issued))
    assert (described.key_algorithm, described.key_size) == (algorithm, size)


def test_rsa_keys_for_one_kind_of_signature() -> None:
    """A certificate for RSASSA-PSS alone says so of its key, and is read as usual."""
    authority = Authority.root(key_type=KeyType.RSA)
    usual = authority.leaf(key_type=KeyType.RSA).certificate
    certificate = for_pss_only(usual, authority.private_key)
    assert certificate.public_key() == usual.public_key()
    assert str(describe_certified_key(loaded(usual))) == "RSA 2048"
    key = describe_certified_key(loaded(certificate))
    assert (str(key), key.is_rsa, key.is_elliptic) == ("RSASSA-PSS 2048", False, False)
    described = describe(loaded(certificate))
    assert (described.key_algorithm, described.key_size) == ("RSASSA-PSS", 2048)


def test_private_keys() -> None:
    """A private key is described as its form says, for RSASSA-PSS alone or for every use."""
    issued = self_signed(key_type=KeyType.RSA)
    forms = {
        "RSA 2048": [
            pem.Block("PRIVATE KEY", issued.key_der()),
            pem.Block("RSA PRIVATE KEY", issued.key_der("pkcs1")),
        ],
        "RSASSA-PSS 2048": [pem.Block("PRIVATE KEY", key_for_pss_only(issued.key_der()))],
        "EC P-256": [
            pem.Block("PRIVATE KEY", self_signed().key_der()),
            pem.Block("EC PRIVATE KEY", self_signed().key_der("sec1")),
        ],
    }
    for text, blocks in forms.items():
        for block in blocks:
            assert str(describe_private_key(load_private_key(block))) == text


@needs_openssl
def test_rsa_keys_for_one_kind_of_signature_by_openssl() -> None:
    """An RSASSA-PSS key from OpenSSL is described as such."""
    made = openssl("genpkey", "-algorithm", "rsa-pss", "-pkeyopt", "rsa_keygen_bits:2048")
    (block,) = pem.parse(made).blocks
    assert str(describe_private_key(load_private_key(block))) == "RSASSA-PSS 2048"


def test_other_keys() -> None:
    """Keys that servers don't have are described as well."""
    others = [
        (dsa.generate_private_key(2048), "DSA 2048"),
        (x448.X448PrivateKey.generate(), "X448"),
        (ec.generate_private_key(ec.BrainpoolP256R1()), "EC brainpoolP256r1"),
    ]
    for key, text in others:
        assert str(describe_key(key.public_key())) == text


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"\x01", "01"),
        (b"\x00\xab\xcd", "AB:CD"),
        (b"\x7f\xff", "7F:FF"),
        (b"\x00", "00"),
        (b"\xff", "-01"),
        (b"\xff\x00", "-01:00"),
    ],
)
def test_serial_numbers(content: bytes, text: str) -> None:
    """Serial numbers that no CA should issue, such as negative ones, are shown, too."""
    key = KeyType.P256.generate()
    builder = x509.CertificateBuilder(
        issuer_name=subject("x"),
        subject_name=subject("x"),
        public_key=key.public_key(),
        serial_number=int("5a" * len(content), 16),
        not_valid_before=NOW,
        not_valid_after=NOW + DAY,
    )
    encoded = builder.sign(key, KeyType.P256.digest).public_bytes(Encoding.DER)
    length = bytes([2, len(content)])
    encoded = encoded.replace(length + b"\x5a" * len(content), length + content, 1)
    certificate = load_certificate(encoded)
    assert describe(certificate).serial_number == text


def test_damaged_extensions() -> None:
    """An extension that can't be read hides no other."""
    described = describe(loaded(ROOT.leaf(fault=Fault.DAMAGED)))
    assert described.subject == "CN=www.example.com"
    assert described.subject_alternative_names == ("www.example.com",)


def test_a_certificate_without_a_subject() -> None:
    """An empty subject is an empty text."""
    assert describe(loaded(ROOT.leaf(common_name=""))).subject == ""


@pytest.mark.parametrize(
    ("instant", "text"),
    [
        (datetime(1, 1, 1, tzinfo=UTC), "0001-01-01T00:00:00Z"),
        (datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC), "9999-12-31T23:59:59Z"),
        (NOW + timedelta(microseconds=1), "2030-06-15T12:00:00Z"),
    ],
)
def test_instants(instant: datetime, text: str) -> None:
    """Years have four digits, and there are no fractions of seconds."""
    assert timestamp(instant) == text
