"""The command on input that is as large as it gets: time and memory."""

from __future__ import annotations

import base64
import random
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import rsa

from dev.benchmarks.processes import COMMAND, REFERENCE, REFERENCE_NAME, Measurement, measure
from dev.benchmarks.rows import Result, Row, megabytes, milliseconds
from dev.certificates.authority import NOW
from dev.certificates.keys import KeyType
from dev.certificates.pool import Pool

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dev.certificates.authority import Issued

MEBIBYTE = 1024 * 1024
_CHAIN = 2_097_152
_BLOCKS = 10_000
_NAMESAKES = 3_000_000
"""Characters: below the number of blocks that is read, whatever the keys."""
_SECONDS = 1
_OCTETS = 150_000_000
_KEYS = 20
_RUNS = 3


@dataclass(frozen=True, slots=True)
class _Case:
    what: str
    certificate: Path
    chain: Path
    private_key: Path
    exit_code: int


def run(*, scale: float = 1, runs: int = _RUNS) -> Result:
    """
    Measure.

    Args:
        scale: What all sizes are multiplied by.
        runs: How often each is measured; the median in time counts.
    """
    with tempfile.TemporaryDirectory() as directory:
        rows: list[Row] = []
        for case in _cases(Path(directory), scale):
            command = [COMMAND, "check", "--at", NOW.isoformat()]
            command += ["--certificate", str(case.certificate), "--chain", str(case.chain)]
            command += ["--private-key", str(case.private_key)]
            taken: list[Measurement] = []
            references: list[Measurement] = []
            for _ in range(runs):
                taken.append(measure(command, exit_code=case.exit_code))
                references.append(measure(REFERENCE))
            rows += _rows(case.what, _median(taken), _median(references))
    return Result(
        title="Hostile input",
        method=(
            f"`server-certificate check`, one process each, output into a pipe; median in time of"
            f" {runs} runs, with the memory at the peak of that run."
        ),
        rows=tuple(rows),
    )


def _cases(directory: Path, scale: float) -> Iterator[_Case]:
    """Write the files of one case after the other."""
    short = Pool.make(KeyType.P256, 4).leaf(0)
    certificate, chain, private_key = short.write_with_key(directory / "short", root=False)
    for key_type in (KeyType.RSA, KeyType.P256):
        characters = int(_CHAIN * scale)
        leaf = Pool.make(key_type, _KEYS).leaf_below_many(characters)
        yield _long_chain(leaf, directory / key_type.name)

    def hostile(name: str, what: str, content: bytes, *, exit_code: int) -> _Case:
        path = directory / name
        path.write_bytes(content)
        return _Case(what, certificate, path, private_key, exit_code)

    for key_type, key, which in (
        (KeyType.P521, None, KeyType.P521.value),
        (KeyType.RSA_3072, _costly_key(), "RSA 3072 with an exponent of 3072 bits"),
    ):
        characters = int(_NAMESAKES * scale)
        text, count = Pool.make(key_type, 2).namesakes(characters, key)
        what = f"{count:,} authorities of one name, {which}"
        path = directory / "namesakes"
        path.write_text(text)
        yield _Case(what, path, chain, private_key, exit_code=1)
    count = int(_BLOCKS * scale)
    noise = random.Random(1)  # noqa: S311 (the same every time, and no secret)
    blocks = b"".join(_block(noise.randbytes(120)) for _ in range(count))
    yield hostile("blocks", f"{count:,} blocks of noise", blocks, exit_code=1)
    for size, exit_code in ((4, 1), (20, 2), (100, 2)):
        content = noise.randbytes(int(size * MEBIBYTE * scale))
        # Scaled down, nothing is too large any more.
        code = exit_code if scale == 1 else 1
        yield hostile("noise", f"{size} MiB of noise", content, exit_code=code)


def _long_chain(leaf: Issued, directory: Path) -> _Case:
    what = f"a chain of 2 MiB, {len(leaf.chain(root=False)):,} {leaf.key_type.value}"
    return _Case(what, *leaf.write_with_key(directory, root=False), exit_code=0)


def _costly_key() -> rsa.RSAPublicKey:
    """Return a key with which a verification takes two hundred times as long as usual."""
    modulus = (1 << 3072) - 24_691
    return rsa.RSAPublicNumbers(e=(1 << 3071) + 1, n=modulus).public_key()


def _block(content: bytes) -> bytes:
    encoded = base64.encodebytes(content)
    return b"-----BEGIN CERTIFICATE-----\n" + encoded + b"-----END CERTIFICATE-----\n"


def _median(measurements: list[Measurement]) -> Measurement:
    return sorted(measurements, key=lambda one: one.seconds)[len(measurements) // 2]


def _rows(what: str, taken: Measurement, reference: Measurement) -> tuple[Row, Row]:
    return (
        Row(
            what=f"{what}: time",
            measured=milliseconds(taken.seconds),
            against=f"{REFERENCE_NAME}: {milliseconds(reference.seconds)}",
            ratio=taken.seconds / reference.seconds,
            target=f"under {_SECONDS} s",
            is_met=taken.seconds < _SECONDS,
        ),
        Row(
            what=f"{what}: memory",
            measured=megabytes(taken.peak),
            against=f"{REFERENCE_NAME}: {megabytes(reference.peak)}",
            ratio=taken.peak / reference.peak,
            target=f"under {megabytes(_OCTETS)}",
            is_met=taken.peak < _OCTETS,
        ),
    )
