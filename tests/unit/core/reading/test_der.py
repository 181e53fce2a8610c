"""DER and BER, value by value: every octet belongs to one, or is reported."""

from __future__ import annotations

import tracemalloc

import pytest

from server_certificate.budget import MAX_VALUES, Budget, BudgetExceededError
from server_certificate.der import (
    INTEGER,
    MAX_DEPTH,
    MAX_PARTS,
    OBJECT_IDENTIFIER,
    OCTET_STRING,
    SEQUENCE,
    DerError,
    definite,
    dotted,
    encode,
    first,
    head,
    joined,
    magnitude,
    number,
    octets_of,
    parts,
    whole,
)

MEBIBYTE = 1024 * 1024


@pytest.mark.parametrize(
    ("octets", "content"),
    [
        (b"\x02\x01\x05", b"\x05"),
        (b"\x02\x00", b""),
        (b"\x04\x81\x80" + bytes(0x80), bytes(0x80)),
        (b"\x04\x84\x00\x00\x00\x01\x07", b"\x07"),
        (encode(OCTET_STRING, bytes(300)), bytes(300)),
    ],
)
def test_measures_values(octets: bytes, content: bytes) -> None:
    """Lengths in both forms are measured."""
    value = whole(octets)
    assert value.content == content
    assert value.encoded == octets
    assert first(octets + b"more").end == len(octets)


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"\x02",
        b"\x04\x03\x01",
        b"\x04\x82\x01",
        b"\x04\x80",
        b"\x30\x80\x00\x00",
        b"\x1f\x01\x05",
        b"\x04\x89" + bytes(9),
        b"\x02\x01\x05\x00",
    ],
)
def test_invalid_der_is_refused(octets: bytes) -> None:
    """Cut short, indefinite, of a high tag, or followed by more."""
    with pytest.raises(DerError):
        whole(octets)


def test_parts_and_their_tags() -> None:
    """The first few parts must be what is expected, and nothing may follow the last."""
    value = whole(encode(SEQUENCE, b"\x02\x01\x05", b"\x04\x00"))
    assert [part.tag for part in parts(value, INTEGER)] == [INTEGER, OCTET_STRING]
    for tags in ((OCTET_STRING,), (INTEGER, OCTET_STRING, INTEGER)):
        with pytest.raises(DerError):
            parts(value, *tags)
    with pytest.raises(DerError):
        parts(whole(encode(SEQUENCE, b"\x02\x01\x05", b"\x04")))
    with pytest.raises(DerError, match=f"more than {MAX_PARTS:,} parts"):
        parts(whole(encode(SEQUENCE, b"\x05\x00" * (MAX_PARTS + 1))))


INNER = b"\x30\x80\x02\x01\x05\x00\x00"


@pytest.mark.parametrize(
    ("ber", "der"),
    [
        (INNER, b"\x30\x03\x02\x01\x05"),
        (b"\x30\x80" + INNER + b"\x00\x00", b"\x30\x05\x30\x03\x02\x01\x05"),
        (encode(SEQUENCE, INNER), b"\x30\x05\x30\x03\x02\x01\x05"),
        (b"\x30\x84\x00\x00\x00\x03\x02\x01\x05", b"\x30\x03\x02\x01\x05"),
        (b"\x24\x80\x04\x01a\x04\x01b\x00\x00", b"\x24\x06\x04\x01a\x04\x01b"),
        (b"\x30\x80\x00\x00", b"\x30\x00"),
        (b"\x04\x02\x30\x80", b"\x04\x02\x30\x80"),
    ],
)
def test_indefinite_lengths_become_definite(ber: bytes, der: bytes) -> None:
    """Indefinite lengths become definite, and octet strings are not parsed."""
    assert definite(ber, Budget()) == der
    assert definite(der, Budget()) == der


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        INNER[:-1],
        INNER[:-2],
        INNER + b"\x00",
        INNER + INNER,
        b"\x30\x80" + INNER,
        b"\x30\x02\x00\x00",
        b"\x00\x00",
        b"\x05\x80\x00\x00",
        b"\x30\x80\x1f\x01\x00\x00\x00",
        b"\x30\x04\x30\x80\x00\x00\x02\x01\x05",
        b"\x30\x80" * (MAX_DEPTH + 2) + b"\x00\x00" * (MAX_DEPTH + 2),
    ],
    ids=range(12),
)
def test_invalid_ber_is_refused(octets: bytes) -> None:
    """End-of-contents octets must close an open value, and nothing may follow the last one."""
    with pytest.raises(DerError):
        definite(octets, Budget())


@pytest.mark.no_cover
@pytest.mark.parametrize(
    "octets",
    [
        b"\x30\x80" * (2 * MEBIBYTE),
        b"\x30\x80" + b"\x30\x00" * (2 * MEBIBYTE),
        b"\x30\x80" * 30 + b"\x04\x83\x3f\x00\x00" + bytes(0x3F0000) + bytes(60),
    ],
    ids=["deep", "many", "large"],
)
def test_hostile_octets_take_little_memory(octets: bytes) -> None:
    """Memory use is a small multiple of the input's size, however deeply values are nested."""
    tracemalloc.start()
    try:
        with pytest.raises((DerError, BudgetExceededError)):
            definite(octets + b"\0", Budget())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 50 * MEBIBYTE


def test_values_are_counted_together() -> None:
    """All inputs share one budget."""
    budget = Budget()
    definite(encode(SEQUENCE, b"\x05\x00" * (MAX_VALUES - 1)), budget)
    with pytest.raises(BudgetExceededError):
        definite(INNER, budget)


def test_octet_strings_in_fragments() -> None:
    """The fragments are put together, and must be octet strings themselves."""
    fragments = encode(0x24, b"\x04\x01a", encode(0x24, b"\x04\x01b"), b"\x04\x01c")
    assert joined(whole(fragments)) == octets_of(whole(fragments)) == b"abc"
    assert octets_of(whole(b"\x04\x01a")) == b"a"
    for other in (encode(0x24, b"\x02\x01\x05"), b"\x02\x01\x05", encode(SEQUENCE)):
        with pytest.raises(DerError):
            octets_of(whole(other))


@pytest.mark.parametrize(
    ("content", "counted", "meant"),
    [
        (b"\x05", 5, 5),
        (b"\x00\x80", 128, 128),
        (b"\x80", None, 128),
        (b"\x00" + b"\xff" * 8, 2**64 - 1, 2**64 - 1),
        (b"\x01" + bytes(9), None, 2**72),
        (bytes(4096), 0, 0),
        (bytes(4097), 0, None),
        (b"", None, None),
    ],
)
def test_numbers_are_bounded(content: bytes, counted: int | None, meant: int | None) -> None:
    """Counts have at most 64 bits; the numbers of a key are unsigned."""
    value = whole(encode(INTEGER, content))
    for read, expected in ((number, counted), (magnitude, meant)):
        if expected is None:
            with pytest.raises(DerError):
                read(value)
        else:
            assert read(value) == expected


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("2a864886f70d010701", "1.2.840.113549.1.7.1"),
        ("551d0f", "2.5.29.15"),
        ("883703", "2.999.3"),
        ("2b", "1.3"),
        ("80", None),
        ("2a86", None),
        ("", None),
        ("2a" * 65, None),
    ],
)
def test_identifiers_with_dots(content: str, text: str | None) -> None:
    """Valid object identifiers are written in dotted notation."""
    value = whole(encode(OBJECT_IDENTIFIER, bytes.fromhex(content)))
    if text is None:
        with pytest.raises(DerError):
            dotted(value)
    else:
        assert dotted(value) == text


def test_head_of_what_is_cut_short() -> None:
    """The first parts are read even if the value is truncated or in BER."""
    octets = encode(SEQUENCE, b"\x02\x01\x05" * 20)
    (outer,) = head(octets[:-1])
    assert outer.end == len(octets) - 1
    assert [part.tag for part in head(octets, outer.start)] == [INTEGER] * 10
    assert [part.tag for part in head(b"\x30\x80\x02\x01\x05")] == [SEQUENCE]
    assert head(b"\x1f\x01") == []
