"""Recognizing DER content by its structure."""

from __future__ import annotations

import pytest

from dev.certificates.authority import Authority, to_pkcs7
from dev.certificates.keys import KeyType
from server_certificate.der import parts, whole
from server_certificate.reading.recognition.kinds import Kind, kind_of

WORD = "correct horse"
LEAF = Authority.root().leaf()
RSA = Authority.root().leaf(key_type=KeyType.RSA)
PKCS7 = to_pkcs7(LEAF, encoding="DER")


@pytest.mark.parametrize(
    ("octets", "kind"),
    [
        (LEAF.der, Kind.CERTIFICATE),
        (LEAF.key_der(), Kind.PRIVATE_KEY),
        (LEAF.key_der("sec1"), Kind.PRIVATE_KEY),
        (RSA.key_der("pkcs1"), Kind.PRIVATE_KEY),
        (LEAF.key_der(password=WORD), Kind.ENCRYPTED_PRIVATE_KEY),
        (LEAF.pkcs12(WORD), Kind.PKCS12),
        (LEAF.pkcs12(None), Kind.PKCS12),
        (PKCS7, Kind.PKCS7),
        (parts(parts(whole(PKCS7))[1])[0].encoded, Kind.PKCS7),
        (LEAF.der[:-1], Kind.CERTIFICATE),
        (bytes.fromhex("300a020300ffff02010302010d"), Kind.PARAMETERS),
        (b"0", None),
        (b"0\x03\x02\x01\x05", None),
        (b"01234567890", None),
        (b"\x30\x80" * 40, None),
        (b"", None),
    ],
    ids=range(16),
)
def test_outlines(octets: bytes, kind: Kind | None) -> None:
    """Everything that material comes in is known by its outline; text and junk are not."""
    assert kind_of(octets) == kind


def test_version_1_certificates_are_certificates() -> None:
    """A certificate without version and extensions is neither a request nor a CRL."""
    parts = b"\x02\x01\x01" + b"\x30\x00" * 5
    signed = b"\x30" + bytes([len(parts)]) + parts + b"\x30\x00" + b"\x03\x01\x00"
    assert kind_of(b"\x30" + bytes([len(signed)]) + signed) is Kind.CERTIFICATE
