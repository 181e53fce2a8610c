"""Input that would take forever, or all memory, if every part were read more than once."""

from __future__ import annotations

import tracemalloc

import pytest

from dev.certificates import bombs
from dev.certificates.authority import to_pkcs7
from server_certificate import pem
from server_certificate.findings import MOST_OF_A_KIND
from server_certificate.reading.input_context import MAX_BLOCKS
from support.findings import codes
from support.hostile_input import LEAF, checked

# A safety net, not a measurement: bounded work takes a second, unbounded work takes minutes.
pytestmark = pytest.mark.timeout(60)

BEGIN = "-----BEGIN CERTIFICATE-----"

MEBIBYTE = 1024 * 1024


def filled(pattern: str) -> str:
    """Repeat a pattern up to the maximum length that is read."""
    return (pattern * (pem.MAX_CHARACTERS // len(pattern) + 1))[: pem.MAX_CHARACTERS]


LONG_TEXTS = [
    LEAF.pem * 10_000,
    LEAF.pem[:300] * 10_000,
    "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n" * 10_000,
    "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n" * MAX_BLOCKS,
    filled(BEGIN),
    filled(BEGIN + "\n-----END X-----\n"),
    filled("-----BEGIN "),
    filled("-----BEGIN A-----"),
    filled("-----BEGIN A-----\n-----END A-----\n"),
    BEGIN + filled("-")[:-100],
    BEGIN + filled("-----END ")[:-100],
    filled("A"),
    filled("A "),
    filled("a/b"),
    filled("{"),
    filled('{"a":'),
    filled(" "),
    filled("\0"),
    filled("\\n"),
    filled("BEGIN "),
    filled("%25"),
    filled("a\0"),
    filled("A" * 40 + '" +\n"'),
    filled("A" * 64 + ",\n"),
    f"{BEGIN}\n{filled('=0D=0A')[:-100]}\n-----END CERTIFICATE-----",
    f"{BEGIN}\n{filled('1 ' + 'A' * 64 + chr(10))[:-100]}\n-----END CERTIFICATE-----",
    pem.encode("CERTIFICATE", pem.encode("CERTIFICATE", b"\x30\0").encode() * 10_000),
    filled("BEGIN A "),
    filled("BEGIN CERTIFICAT"),
    f"{BEGIN}\n{filled('A')[:-100]}\n-----END CERTIFICATE-----",
    pem.encode("CERTIFICATE", b"\x30\x84\x00\x2f\x00\x00" + b"\x30\x80" * (MEBIBYTE // 2)),
    pem.encode("CERTIFICATE", b"\x30\xfe" + b"\xff" * MEBIBYTE),
    pem.encode("PRIVATE KEY", b"\x30\x82\xff\xff" + b"\xff" * MEBIBYTE),
    pem.encode("ENCRYPTED PRIVATE KEY", b"\x30\x80" * 8_000),
    pem.encode("PKCS7", b"\x30\x80" * MEBIBYTE),
]

LONG_OCTETS = [
    b"\x30\x80" * (2 * MEBIBYTE),
    b"\x30\x84\x00\x3f\xff\xfa" + b"\x30\x00" * (2 * MEBIBYTE - 3),
    b"\x30\x84\x00\x3f\xff\xfa\x02\x01\x03\x30\x84\x00\x3f\xff\xf1" + b"\x24\x80" * (2 * MEBIBYTE),
    b"\xff" * (4 * MEBIBYTE),
    b"\x30\x82" * (2 * MEBIBYTE),
]


@pytest.mark.parametrize(
    "content",
    [*(text.encode() for text in LONG_TEXTS), *LONG_OCTETS],
    ids=range(len(LONG_TEXTS) + len(LONG_OCTETS)),
)
def test_long_inputs_end_in_a_few_findings(content: bytes) -> None:
    """Ten thousand blocks, four megabytes without a line break: some findings, and no leaf."""
    assessment = checked(certificate=content, above=content, private_key=content, passphrase="")
    assert assessment.public is None
    assert 3 <= len(assessment.findings) <= 5 * (MOST_OF_A_KIND + 1)
    assert max(len(finding.message) for finding in assessment.findings) < 500
    assert checked(bundle=content, passphrase="").public is None


@pytest.mark.parametrize(
    "pattern",
    ["-----BEGIN A-----\n-----END A-----\n", "A", "a/b ", "a: b\n", "\0", "\\n", '{"a":'],
)
@pytest.mark.parametrize("begin", ["", "\N{GRINNING FACE}"])
def test_memory_is_bounded(begin: str, pattern: str) -> None:
    """Reading the longest text takes a small multiple of it, also in four octets a character."""
    text = (begin + filled(pattern)).encode()[: pem.MAX_CHARACTERS]
    tracemalloc.start()
    try:
        checked(certificate=text, above=text, private_key=text)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 20 * pem.MAX_CHARACTERS


@pytest.mark.parametrize("part", ["certificate", "above", "private_key", "bundle"])
def test_a_hundred_megabytes_are_not_looked_into(part: str) -> None:
    """What is too large is refused by its size, the limit is named, and nothing is copied."""
    content = bytes(100 * MEBIBYTE)
    tracemalloc.start()
    try:
        assessment = checked(**{part: content})  # type: ignore[arg-type]
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < MEBIBYTE
    (finding,) = (finding for finding in assessment.findings if finding.code == "too-large")
    assert "104,857,600" in finding.message
    assert "4,194,304" in finding.message


@pytest.mark.parametrize(
    "pattern", ["-----BEGIN A-----", "-----BEGIN ", "-----BEGIN A-----\n-----END "]
)
def test_taking_apart_is_linear(pattern: str) -> None:
    """Blocks that never end are not searched for their end again and again."""
    assert pem.parse(pattern * 50_000).has_other_text == (pattern == "-----BEGIN ")


def test_too_many_blocks_are_not_read() -> None:
    """One block more than is read, and none is."""
    block = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n"
    assessment = checked(above=block * (MAX_BLOCKS + 1))
    assert codes(assessment.findings) == ["too-many-blocks"]
    assert f"{MAX_BLOCKS + 1:,}" in assessment.findings[0].message


@pytest.mark.parametrize("version", [3, 5, 127])
def test_versions_that_do_not_exist(version: int) -> None:
    """A container may hold a certificate of a version that is none, which OpenSSL reads."""
    usual, other = b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01" + bytes([version])
    bundle = bombs.bundle_of(bombs.certificate_bag(LEAF.der))
    for container in (to_pkcs7(LEAF, encoding="DER"), bundle):
        assessment = checked(bundle=container.replace(usual, other))
        assert "encoding-unusual" in codes(assessment.findings)
        assert assessment.leaf is not None
