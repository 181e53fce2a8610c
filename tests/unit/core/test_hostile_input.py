"""Input that would take for ever, or all memory, if every part of it were looked at again."""

from __future__ import annotations

import time
import tracemalloc
from typing import TYPE_CHECKING

import pytest

from server_certificate import pem
from server_certificate.assessment import assess
from server_certificate.chain import order
from server_certificate.reading import MAX_BLOCKS
from support.certificates import NOW, Authority, to_pem
from support.findings import codes

if TYPE_CHECKING:
    from collections.abc import Iterator

LEAF = Authority.root().leaf()
BEGIN = "-----BEGIN CERTIFICATE-----"
MEBIBYTE = 1024 * 1024


@pytest.fixture
def within_a_second() -> Iterator[None]:
    """Let a test take a second of processor time at the most."""
    start = time.process_time()
    yield
    assert time.process_time() - start < 1


def filled(pattern: str) -> str:
    """Repeat a pattern up to the longest text that is read."""
    return (pattern * (pem.MAX_CHARACTERS // len(pattern) + 1))[: pem.MAX_CHARACTERS]


@pytest.mark.usefixtures("within_a_second")
@pytest.mark.parametrize(
    "text",
    [
        LEAF.pem * 10_000,
        LEAF.pem * 7_000,
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
        filled(" "),
        filled("\0"),
        filled("BEGIN "),
        filled("BEGIN A "),
        filled("BEGIN CERTIFICAT"),
        f"{BEGIN}\n{filled('A')[:-100]}\n-----END CERTIFICATE-----",
        pem.encode("CERTIFICATE", b"\x30\x84\x00\x2f\x00\x00" + b"\x30\x80" * (MEBIBYTE // 2)),
        pem.encode("CERTIFICATE", b"\x30\xfe" + b"\xff" * MEBIBYTE),
        pem.encode("PRIVATE KEY", b"\x30\x82\xff\xff" + b"\xff" * MEBIBYTE),
    ],
    ids=range(22),
)
def test_long_texts_end_in_findings(text: str) -> None:
    """Ten thousand blocks, four megabytes without a line break: findings, and soon."""
    judged = assess(certificate=text, chain=text, private_key=text, at=NOW)
    assert judged.public is None
    assert 3 <= len(judged.findings) <= 3 * MAX_BLOCKS


@pytest.mark.parametrize("pattern", ["-----BEGIN A-----\n-----END A-----\n", "A", "a/b ", "\0"])
def test_memory_is_bounded(pattern: str) -> None:
    """Reading the longest text takes a small multiple of it, whatever it is made of."""
    text = filled(pattern)
    tracemalloc.start()
    try:
        assess(certificate=text, chain=text, private_key=text, at=NOW)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 20 * pem.MAX_CHARACTERS


@pytest.mark.usefixtures("within_a_second")
@pytest.mark.parametrize(
    "pattern", ["-----BEGIN A-----", "-----BEGIN ", "-----BEGIN A-----\n-----END "]
)
def test_taking_apart_is_linear(pattern: str) -> None:
    """Blocks that never end are not searched for their end again and again."""
    assert pem.parse(pattern * 50_000).has_other_text == (pattern == "-----BEGIN ")


def _mesh(count: int) -> list[Authority]:
    """Make authorities of one name, of which each is certified by the one before it."""
    mesh = [Authority.root("Same")]
    for _ in range(count - 1):
        mesh.append(mesh[-1].intermediate("Same"))
    return mesh


@pytest.mark.usefixtures("within_a_second")
def test_many_authorities_of_one_name() -> None:
    """As many certificates of one name as are read, in two texts and the wrong order."""
    mesh = _mesh(2 * MAX_BLOCKS - 1)
    leaf = mesh[-1].leaf()
    upper, lower = mesh[:MAX_BLOCKS], mesh[MAX_BLOCKS:]
    judged = assess(certificate=to_pem(*lower, leaf), chain=to_pem(*upper), at=NOW)
    assert judged.accepted
    assert judged.public is not None
    assert judged.public.chain == leaf.chain()


@pytest.mark.usefixtures("within_a_second")
def test_too_many_authorities_of_one_name() -> None:
    """Two hundred are not even looked at."""
    judged = assess(certificate=LEAF.pem, chain=to_pem(*[LEAF] * 200), at=NOW)
    assert codes(judged.findings) == ["too-many-blocks"]


@pytest.mark.usefixtures("within_a_second")
def test_authorities_that_certify_each_other() -> None:
    """Where everybody certifies everybody, a chain is found without trying all paths."""
    roots = [Authority.root("Same") for _ in range(6)]
    crossed = [
        issuer.cross_sign(subject).certificate
        for issuer in roots
        for subject in roots
        if issuer is not subject
    ]
    leaf = roots[0].leaf()
    ordered = order(leaf.certificate, crossed)
    assert order(leaf.certificate, crossed[::-1]).chain == ordered.chain
    assert len(ordered.chain) + len(ordered.unrelated) == len(crossed)
