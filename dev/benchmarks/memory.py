"""Cold starts of the function with different memory sizes, each with its share of a CPU."""

from __future__ import annotations

import random
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from dev.benchmarks.cold_create import ColdCreate
from dev.benchmarks.cpu_share import cpu_share
from dev.benchmarks.rows import Result, Row, megabytes, milliseconds
from dev.benchmarks.turns import by_turns, median_seconds
from dev.certificates.keys import KeyType
from dev.certificates.pool import Pool

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_SIZES = (128, 256, 512, 1024)
_WHOLE_CPU = 1769
"""MB with which a function has one vCPU (Lambda developer guide, Configure Lambda function memory)."""

_MEBIBYTE = 1024 * 1024
_ROUNDS = 5
_LONGEST_CHAIN = 2_097_152
"""Characters (IAM API reference, UploadServerCertificate)."""

_LARGEST_SOURCE = 4 * _MEBIBYTE
"""Octets of an object of S3 that the function reads."""

_KEYS = 20
_SHARE = 0.6
_NO_TARGET = "none"


def run(*, sizes: tuple[int, ...] = _SIZES, rounds: int = _ROUNDS, scale: float = 1) -> Result:
    """
    Measure.

    Args:
        sizes: Memory sizes in MB, in addition to the function's own and the one with a whole CPU.
        rounds: How often a certificate is created with each.
        scale: The factor for the lengths of the longest chains.

    Raises:
        FailedError: The share of a CPU can't be limited here.
    """
    pool = Pool.make(KeyType.P256, _KEYS, at=datetime.now(UTC))
    longest = pool.leaf_below_many(int(_LONGEST_CHAIN * scale))
    noise = random.Random(1).randbytes(int(_LARGEST_SOURCE * scale))  # noqa: S311 (the same every time, and no secret)
    with ColdCreate.prepared() as usual:
        own = usual.memory_size
        seconds, peak = _measured(usual, sorted({*sizes, own, _WHOLE_CPU}), rounds)
        with usual.instead(longest) as create:
            peak_of_longest = create.run().peak
        with usual.instead(longest, chain=noise) as create:
            peak_of_noise = create.run(is_refused=True).peak
    return Result(
        title="Memory",
        method=(
            "One Create of the staged function, from the start of a process to its end, with the "
            "share of a CPU that Lambda gives for a memory size: in proportion, with one vCPU for "
            f"{_WHOLE_CPU:,} MB (Lambda developer guide), by a control group with that share of "
            f"each 20 ms. Median of {rounds} rounds, in turn. A faster start, which AWS doesn't "
            "document, is not assumed. A vCPU is a core of this machine, AWS is the local cloud, "
            "which answers in milliseconds, and the certificate needs no time to propagate. "
            "GB-seconds are what Lambda bills: the time multiplied by the memory size. An arm64 "
            "function costs 20 % less for each (price list, us-east-1: 0.0000133334 USD, not "
            "0.0000166667); its speed is not measured. Memory is the peak of the process, without "
            "what Lambda's own runtime adds."
        ),
        rows=(
            *_time_rows(seconds, own),
            *_cost_rows(seconds, own),
            _memory_row("leaf RSA 2048, two intermediates", peak, own),
            _memory_row(
                f"leaf P-256, {len(longest.chain(root=False)):,} intermediates",
                peak_of_longest,
                own,
            ),
            _memory_row("a chain of noise, as large as is read", peak_of_noise, own),
        ),
    )


def _measured(create: ColdCreate, sizes: list[int], rounds: int) -> tuple[dict[int, float], int]:
    """Return the time with each size, and the peak of the memory."""
    with ExitStack() as groups:
        ways = {
            size: partial(create.run, groups.enter_context(cpu_share(min(size / _WHOLE_CPU, 1))))
            for size in sizes
        }
        measured = by_turns(ways, rounds)
    peak = max(each.peak for measurements in measured.values() for each in measurements)
    return {size: median_seconds(each) for size, each in measured.items()}, peak


def _time_rows(seconds: Mapping[int, float], own: int) -> Iterator[Row]:
    fastest = seconds[_WHOLE_CPU]
    for size, taken in seconds.items():
        yield Row(
            what=f"{_formatted(size, own)}: time",
            measured=milliseconds(taken),
            against=f"{_WHOLE_CPU:,} MB: {milliseconds(fastest)}",
            ratio=taken / fastest,
            target=_NO_TARGET,
            is_met=True,
        )


def _cost_rows(seconds: Mapping[int, float], own: int) -> Iterator[Row]:
    billed = {size: size / 1024 * taken for size, taken in seconds.items()}
    for size, cost in billed.items():
        yield Row(
            what=f"{_formatted(size, own)}: cost",
            measured=f"{cost:.3f} GB-seconds",
            against=f"{own:,} MB: {billed[own]:.3f} GB-seconds",
            ratio=cost / billed[own],
            target=_NO_TARGET,
            is_met=True,
        )


def _memory_row(what: str, peak: int, own: int) -> Row:
    share = peak / (own * _MEBIBYTE)
    return Row(
        what=f"{what}: memory",
        measured=megabytes(peak),
        against=f"the function's: {megabytes(own * _MEBIBYTE)}",
        ratio=share,
        target=f"at most {_SHARE}",
        is_met=share <= _SHARE,
    )


def _formatted(size: int, own: int) -> str:
    return f"{size:,} MB, as the function has" if size == own else f"{size:,} MB"
