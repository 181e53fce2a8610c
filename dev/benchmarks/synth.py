"""The synth of stacks with many certificates, compared with CloudFormation's own resource."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from dev.benchmarks import synth_app
from dev.benchmarks.folders import new_folder
from dev.benchmarks.processes import measure
from dev.benchmarks.rows import Result, Row, milliseconds
from dev.benchmarks.turns import by_turns, median_seconds
from dev.certificates.keys import KeyType
from dev.certificates.pool import Pool

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from dev.benchmarks.processes import Measurement

_COUNTS = (1, 10, 100)
_ROUNDS = 7
_TIMES = 1.25
_LARGEST_TEMPLATE = 1_000_000
"""Octets (CloudFormation user guide, quotas)."""

_CONSTRUCT, _NATIVE = "construct", "native"
_FROM_SECRET, _RENEWING = "from-secret", "renewing"
_TIMES_WITH_RENEWAL = 1.1
_NO_TARGET = "none"


@dataclass(frozen=True, slots=True)
class _Made:
    """A template that was synthesized."""

    octets: int
    resources: Counter[str]
    statements: int


def run(
    *,
    counts: tuple[int, ...] = _COUNTS,
    renewing_counts: tuple[int, ...] = (_COUNTS[0], _COUNTS[-1]),
    rounds: int = _ROUNDS,
) -> Result:
    """
    Measure.

    Args:
        counts: The numbers of certificates in a stack, ascending.
        renewing_counts: Those of certificates that renew automatically.
        rounds: How often each stack is synthesized.
    """
    pool = Pool.make(KeyType.P256, 4, at=datetime.now(UTC))
    material = new_folder()
    for number in range(counts[-1]):
        pool.leaf(number).write(material / str(number), root=False)
    ways = {
        (way, count): _Synthesis(way, count, material)
        for count in counts
        for way in (_CONSTRUCT, _NATIVE)
    }
    unvalidated = {
        way: _Synthesis(way, counts[-1], material, is_validated=False)
        for way in (_CONSTRUCT, _NATIVE)
    }
    renewing = {
        (way, count): _Synthesis(way, count, material)
        for count in renewing_counts
        for way in (_FROM_SECRET, _RENEWING)
    }
    measured = by_turns({**ways, **unvalidated, **renewing}, rounds)
    made = {key: way.made() for key, way in ways.items()}
    medians = {key: median_seconds(measurements) for key, measurements in measured.items()}
    return Result(
        title="Synthesis",
        method=(
            f"Median of {rounds} rounds, in turn. Each synth is a process that imports `aws_cdk`, "
            "builds the app, checks and writes its certificates, and stages the function's code "
            "into an empty folder. The same app with `AWS::IAM::ServerCertificate` doesn't import "
            "the construct, has no function, and checks nothing. By default, the CDK validates "
            "the templates of both (`CDK_VALIDATION`); one row shows both without that. Each "
            "certificate has a P-256 leaf and two "
            "intermediates from files, and its key in its own secret. Folders are in memory if "
            "there is room. With renewal, each certificate comes from its own secret instead."
        ),
        rows=(
            *(
                _time_row(
                    _certificates(count),
                    medians[_CONSTRUCT, count],
                    medians[_NATIVE, count],
                    has_target=count == counts[-1],
                )
                for count in counts
            ),
            _time_row(
                f"{_certificates(counts[-1])}, not validated by the CDK",
                medians[_CONSTRUCT],
                medians[_NATIVE],
                has_target=False,
            ),
            *(
                Row(
                    what=f"{_certificates(count)}, renewed automatically: time",
                    measured=milliseconds(medians[_RENEWING, count]),
                    against=f"the same without renewal: {milliseconds(medians[_FROM_SECRET, count])}",
                    ratio=medians[_RENEWING, count] / medians[_FROM_SECRET, count],
                    target=f"at most {_TIMES_WITH_RENEWAL} times",
                    is_met=medians[_RENEWING, count]
                    <= _TIMES_WITH_RENEWAL * medians[_FROM_SECRET, count],
                )
                for count in renewing_counts
            ),
            *_template_rows(counts, made),
        ),
    )


@dataclass(frozen=True, slots=True)
class _Synthesis:
    """One way to synthesize certificates, each time into a new folder."""

    way: str
    count: int
    material: Path
    is_validated: bool = True
    """Whether the CDK validates the template, as it does by default."""

    outputs: list[Path] = field(default_factory=list)

    def __call__(self) -> Measurement:
        self.outputs.append(new_folder())
        # Without the script's folder on the path: the modules there aren't packages.
        script = (sys.executable, "-P", synth_app.__file__)
        return measure(
            (*script, self.way, str(self.count), str(self.material), str(self.outputs[-1])),
            {**os.environ, "CDK_VALIDATION": "true" if self.is_validated else "false"},
        )

    def made(self) -> _Made:
        """Read the last template."""
        text = (self.outputs[-1] / "Many.template.json").read_bytes()
        resources: dict[str, dict[str, Any]] = json.loads(text)["Resources"]
        return _Made(
            octets=len(text),
            resources=Counter(each["Type"] for each in resources.values()),
            statements=sum(
                len(each["Properties"]["PolicyDocument"]["Statement"])
                for each in resources.values()
                if each["Type"] in {"AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"}
            ),
        )


def _time_row(what: str, own: float, native: float, *, has_target: bool) -> Row:
    return Row(
        what=f"{what}: time",
        measured=milliseconds(own),
        against=f"natively: {milliseconds(native)}",
        ratio=own / native,
        target=f"at most {_TIMES} times" if has_target else _NO_TARGET,
        is_met=own <= _TIMES * native or not has_target,
    )


def _template_rows(counts: tuple[int, ...], made: dict[tuple[str, int], _Made]) -> Iterator[Row]:
    for count in counts:
        own, native = made[_CONSTRUCT, count], made[_NATIVE, count]
        yield Row(
            what=f"{_certificates(count)}: template",
            measured=_kilobytes(own.octets),
            against=f"natively: {_kilobytes(native.octets)}",
            ratio=own.octets / native.octets,
            target=f"at most {_kilobytes(_LARGEST_TEMPLATE)}",
            is_met=own.octets <= _LARGEST_TEMPLATE,
        )
    for count in counts:
        own, native = made[_CONSTRUCT, count], made[_NATIVE, count]
        yield Row(
            what=f"{_certificates(count)}: resources",
            measured=_listed(own.resources),
            against=f"natively: {_listed(native.resources)}",
            ratio=own.resources.total() / native.resources.total(),
            target=_NO_TARGET,
            is_met=True,
        )
    # A difference needs two stacks.
    if len(counts) > 1:
        yield from _further_rows(counts, [made[_CONSTRUCT, count] for count in counts])


def _further_rows(counts: tuple[int, ...], made: list[_Made]) -> Iterator[Row]:
    first, last, further = made[0], made[-1], counts[-1] - counts[0]
    policies = {"AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"}
    # Additional policies, because of IAM's size limits, don't belong to one certificate.
    resources = {
        kind: number - first.resources[kind]
        for kind, number in last.resources.items()
        if kind not in policies and number != first.resources[kind]
    }
    measured = {
        "resources but policies": sum(resources.values()) / further,
        "policy statements": (last.statements - first.statements) / further,
    }
    for what, number in measured.items():
        yield Row(
            what=f"a further certificate: {what}",
            measured=f"{number:.2g}",
            against="1",
            ratio=number,
            target="at most 1",
            is_met=number <= 1,
        )


def _certificates(count: int) -> str:
    return "1 certificate" if count == 1 else f"{count} certificates"


def _listed(resources: Counter[str]) -> str:
    return ", ".join(f"{number} {kind}" for kind, number in sorted(resources.items()))


def _kilobytes(octets: int) -> str:
    return f"{octets / 1000:,.0f} kB"
