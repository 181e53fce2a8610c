"""The benchmarks run: at a tiny size, and without a look at the times."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from dev.benchmarks import __main__ as command
from dev.benchmarks import (
    calls,
    checking,
    cold_start,
    hostile,
    many_certificates,
    renewal,
    report,
    start_up,
    synth,
)
from dev.benchmarks.processes import REFERENCE, FailedError, measure
from dev.benchmarks.rows import Result, Row
from dev.certificates.keys import KeyType
from dev.certificates.pool import Pool
from support.openssl import needs_openssl

if TYPE_CHECKING:
    from pathlib import Path

RESULT = Result(
    title="Something",
    method="With care.",
    rows=(Row(what="a", measured="1 s", against="b: 2 s", ratio=2.04, target="≥ 3", is_met=False),),
)


@needs_openssl
def test_checking() -> None:
    """The package, openssl and cryptography check the same triples, and the results are compared."""
    rows = checking.run(triples=3, sample=2, keys=3).rows
    assert [row.what for row in rows] == [
        "3 triples",
        "3 triples, over loading and verifying alone",
    ]
    assert all(row.ratio > 0 for row in rows)


def test_start_up() -> None:
    """The command is measured with both kinds of output."""
    rows = start_up.run(runs=1).rows
    assert [row.what for row in rows] == [
        "server-certificate check",
        "server-certificate check --json",
    ]


def test_hostile() -> None:
    """Each hostile input is measured in time and in memory, and ends as it should."""
    rows = hostile.run(scale=0.002, runs=1).rows
    assert [row.what.rpartition(": ")[2] for row in rows] == ["time", "memory"] * (len(rows) // 2)
    assert len({row.what for row in rows}) == len(rows)
    assert {row.target for row in rows} == {"under 1 s", "under 3 s", "under 150 MB"}


def test_calls() -> None:
    """Each operation is counted by service, against the minimum that the API needs."""
    rows = {row.what: row for row in calls.run(certificates=2, others=1).rows}
    assert list(rows) == [
        f"{operation}: calls"
        for operation in (
            *("create", "retag", "re-path", "renew", "rename"),
            *("renew under one name", "delete"),
        )
    ]
    assert rows["create: calls"].measured == (
        "IAM: 1 Get, 1 Upload; CloudFormation: 2 DescribeStacks, 2 ListStackResources;"
        " Secrets Manager: 1 GetSecretValue"
    )
    assert rows["create: calls"].against == "the minimum: 1 Upload"


@pytest.mark.local_cloud
def test_many_certificates() -> None:
    """They are deployed twice, once while IAM throttles, and a deletion is timed by the log."""
    throttled, deletion = many_certificates.run(certificates=3, removed=1).rows
    assert throttled.what == "3 certificates, throttled"
    assert throttled.ratio > 0
    assert deletion.ratio > 1


@pytest.mark.local_cloud
def test_renewal() -> None:
    """A certificate renews itself and is renewed by hand, and the calls of both functions are counted."""
    seconds, calls = renewal.run(rounds=1).rows
    assert seconds.ratio > 0
    assert "1 CreateChangeSet" in calls.measured
    assert calls.is_met


def test_synth() -> None:
    """Stacks of both kinds are synthesized; a further certificate is one resource, however many."""
    rows = {row.what: row for row in synth.run(counts=(1, 3), renewing_counts=(3,), rounds=1).rows}
    assert rows["3 certificates: time"].ratio > 0
    assert rows["3 certificates: time"].target == "at most 1.25 times"
    assert rows["3 certificates: resources"].against == "natively: 3 AWS::IAM::ServerCertificate"
    assert "3 Custom::IamServerCertificate" in rows["3 certificates: resources"].measured
    assert rows["a further certificate: resources but policies"].ratio == 1
    assert rows["a further certificate: policy statements"].is_met
    assert rows["3 certificates, not validated by the CDK: time"].target == "none"
    assert rows["3 certificates, renewed automatically: time"].ratio > 0


def test_synth_of_one_stack() -> None:
    """With a single number of certificates, there is no further certificate to divide by."""
    made = synth._Made(octets=1, resources=Counter(["A"]), statements=1)
    rows = synth._template_rows((100,), {("construct", 100): made, ("native", 100): made})
    assert [row.what for row in rows] == [
        "100 certificates: template",
        "100 certificates: resources",
    ]


@pytest.mark.checkout
@pytest.mark.local_cloud
@pytest.mark.network
def test_cold_start() -> None:
    """The function, the minimum and the peer all bring a certificate into IAM, in one run."""
    rows = {(row.what, row.against.split(":")[0]): row for row in cold_start.run(rounds=1).rows}
    assert rows["a cold Create", "the minimum"].target == "at most 1.3 times"
    assert rows["the same", "cdk-proserve-lib"].ratio > 0
    assert rows["the same without bytecode", "with it"].ratio > 0
    shares = [row.ratio for row in rows.values() if row.what.startswith("imports: ")]
    assert len(shares) == 6
    assert sum(shares) == pytest.approx(1)


def test_the_longest_chain() -> None:
    """It is as long as a text may be, and not much shorter."""
    leaf = Pool.make(KeyType.P256, 3).leaf_below_many(50_000)
    chain = leaf.chain_pem(root=False)
    assert chain.count("BEGIN CERTIFICATE") == len(leaf.chain(root=False))
    assert 48_000 < len(chain) <= 50_000


def test_a_measurement_is_of_the_process_alone() -> None:
    """Neither memory of this process nor a failure counts as a measurement."""
    ballast = bytearray(300_000_000)
    ballast[::4096] = b"\1" * len(ballast[::4096])
    measured = measure(REFERENCE)
    assert 5_000_000 < measured.peak < 200_000_000
    assert measured.seconds > 0
    with pytest.raises(FailedError, match="ended with 0, not 1"):
        measure(REFERENCE, exit_code=1)


def test_page_and_table_hold_every_row() -> None:
    """A row has its ratio and whether the target is met, and the page has its date."""
    text = report.page([RESULT])
    assert "\n| a | 1 s | b: 2 s | 2.04 | ≥ 3 | no |\n" in text
    assert "With care." in text
    assert "Measured on 20" in text
    assert report.table([RESULT]).row_count == 1


def test_a_missed_target_fails_the_run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The table is printed, the page written if wanted, and the exit code tells."""
    page = tmp_path / "benchmarks.md"
    monkeypatch.setattr(command, "BENCHMARKS", {"something": lambda: RESULT})
    monkeypatch.setattr(command, "PAGE", page)
    assert command.main(["something"]) == 1
    assert not page.exists()
    assert command.main(["--write"]) == 1
    assert page.read_text(encoding="utf-8").startswith("# Benchmarks")
    assert "b: 2 s" in capsys.readouterr().out


def test_the_rest_is_measured_if_one_benchmark_fails(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The reason is printed, the other benchmarks run, and no incomplete page is written."""
    page = tmp_path / "benchmarks.md"

    def fail() -> Result:
        raise FailedError("There is none here.")

    monkeypatch.setattr(command, "BENCHMARKS", {"nothing": fail, "something": lambda: RESULT})
    monkeypatch.setattr(command, "PAGE", page)
    assert command.main(["--write"]) == 1
    assert not page.exists()
    told = capsys.readouterr()
    assert "nothing: There is none here." in told.err
    assert "b: 2 s" in told.out


@pytest.mark.parametrize("arguments", [["nothing"], ["checking", "--write"]])
def test_wrong_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Names that do not exist, and a page of a part, are refused."""
    with pytest.raises(SystemExit) as stopped:
        command.main(arguments)
    assert stopped.value.code == 2
    assert "error: " in capsys.readouterr().err
