"""The outline of DER and BER values."""

from __future__ import annotations

import pytest

from dev.certificates.authority import Authority, to_pkcs7
from dev.certificates.keys import KeyType
from server_certificate.der import MAX_DEPTH, MAX_VALUES, Kind, Value, first, kind_of
from server_certificate.der import work as work_of

WORD = "correct horse"
LEAF = Authority.root().leaf()
RSA = Authority.root().leaf(key_type=KeyType.RSA)
INDEFINITE = b"\x30\x80\x02\x01\x05\x00\x00"


@pytest.mark.parametrize(
    ("octets", "value"),
    [
        (b"\x02\x01\x05", Value(0x02, 2, 3, 3)),
        (b"\x02\x00", Value(0x02, 2, 2, 2)),
        (b"\x04\x81\x80" + bytes(0x80), Value(0x04, 3, 0x83, 0x83)),
        (b"\x04\x03\x01", Value(0x04, 2, 3, 5)),
        (b"\x04\x82\x01", Value(0x04, 4, 3, 5)),
        (INDEFINITE, Value(0x30, 2, 5, 7)),
        (INDEFINITE[:-1], Value(0x30, 2, 6, 7)),
        (b"\x30\x80" + INDEFINITE + b"\x00\x00", Value(0x30, 2, 9, 11)),
        (b"\x04\x80", None),
        (b"\x1f\x01\x05", None),
        (b"\x02", None),
        (b"", None),
    ],
)
def test_measures(octets: bytes, value: Value | None) -> None:
    """Tags and lengths in both forms are measured, and a value that is cut short ends beyond."""
    assert first(octets) == value


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
        (to_pkcs7(LEAF, encoding="DER"), Kind.PKCS7),
        (LEAF.der[:-1], Kind.CERTIFICATE),
        (b"0", None),
        (b"0\x03\x02\x01\x05", None),
        (b"01234567890", None),
        (b"\x30\x80" * 40, None),
        (b"", None),
    ],
    ids=range(14),
)
def test_outlines(octets: bytes, kind: Kind | None) -> None:
    """Everything that material comes in is known by its outline; text and junk are not."""
    assert kind_of(octets) == kind


def test_version_1_certificates_are_certificates() -> None:
    """A certificate without version and extensions is no request and no revocation list."""
    parts = b"\x02\x01\x01" + b"\x30\x00" * 5
    signed = b"\x30" + bytes([len(parts)]) + parts + b"\x30\x00" + b"\x03\x01\x00"
    assert kind_of(b"\x30" + bytes([len(signed)]) + signed) is Kind.CERTIFICATE


def _sequence(content: bytes) -> bytes:
    return b"\x30\x82" + len(content).to_bytes(2) + content


def _number(number: int) -> bytes:
    octets = number.to_bytes(number.bit_length() // 8 + 1)
    return b"\x02" + bytes([len(octets)]) + octets


def _octets(content: bytes) -> bytes:
    return b"\x04" + bytes([len(content)]) + content


SALT = b"\x04\x02ab"


@pytest.mark.parametrize(
    ("octets", "work"),
    [
        (LEAF.key_der(), 0),
        (_sequence(SALT + _number(2048)), 2048),
        (_sequence(SALT + _number(2048) + _number(32)), 2048),
        (_sequence(SALT + _number(2**14) + _number(8) + _number(2)), 3 * 2**18),
        (_sequence(_sequence(b"") + SALT + _number(7_000_000)), 7_000_000),
        (b"\xa0\x80" + _octets(_sequence(SALT + _number(9))), 9),
        (b"\xa0\x80\x24\x80" + _octets(b"\x30\x07\x04\x02") + _octets(b"ab\x02\x01\x09"), 9),
        (_sequence(_octets(_sequence(SALT + _number(9)))), 0),
        (_sequence(SALT + _number(2**64)), 2**64),
        (b"\x30\x80" + SALT + _number(77) + b"\x00\x00", 77),
        (_sequence(SALT + _number(5)) + _sequence(SALT + _number(6)), 11),
    ],
    ids=range(11),
)
def test_work_is_read_off(octets: bytes, work: int) -> None:
    """Iterations stand after the salt, wherever that is, and add up; what is encrypted is not read."""
    assert work_of(octets) == work


def test_real_keys_and_bundles_name_their_work() -> None:
    """What tools write by default is far below any limit, and above nothing."""
    for octets in (LEAF.key_der(password=WORD), LEAF.pkcs12(WORD)):
        assert 1_000 < (work_of(octets) or 0) < 1_000_000


def test_more_than_is_looked_at() -> None:
    """Where something could hide, nothing is promised."""
    assert work_of(b"\x30\x00" * (MAX_VALUES + 1)) is None


def test_depth_is_limited() -> None:
    """Values of indefinite length within each other are not followed for ever."""
    assert first(b"\x30\x80" * MAX_DEPTH + b"\x00\x00" * MAX_DEPTH) is not None
    deep = MAX_DEPTH + 1
    assert first(b"\x30\x80" * deep + b"\x00\x00" * deep) is None
