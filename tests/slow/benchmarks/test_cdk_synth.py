"""`cdk synth` is measured, and a second one that stages anything again does not pass."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from dev.benchmarks import cdk_synth
from dev.benchmarks.cdk_synth import _Project
from dev.benchmarks.processes import FailedError, Measurement
from dev.certificates.keys import KeyType
from dev.certificates.pool import Pool

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


@pytest.mark.end_to_end
def test_cdk_synth(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both apps are synthesized twice. Memory takes four more runs; how it is measured is tested apart."""
    monkeypatch.setattr(_Project, "weighed", lambda _: (300_000_000, 200_000_000))
    rows = {row.what: row for row in cdk_synth.run(rounds=1, memory_rounds=1).rows}
    assert list(rows) == [
        "first: time",
        "again, into the same folder: time",
        "first: memory",
        "again, into the same folder: memory",
    ]
    assert rows["first: time"].ratio > 0
    assert rows["first: memory"].measured == "300 MB"
    assert rows["again, into the same folder: memory"].ratio == 1


def _synthesis(folder: Path, *, again: bool, output: str) -> Callable[..., Measurement]:
    """Return what stages a function where there is none, or each time."""

    def synthesize(*_: object, **__: object) -> Measurement:
        file = folder / "cdk.out/asset.1/handler.py"
        is_there = file.exists()
        if not is_there or again:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.unlink(missing_ok=True)
            file.write_text("pass")
        return Measurement(seconds=1, peak=1, output=output if is_there else "Bundling asset A")

    return synthesize


@pytest.fixture
def project(tmp_path: Path) -> _Project:
    """The app with the construct."""
    leaf = Pool.make(KeyType.P256, 3, at=datetime.now(UTC)).leaf(0)
    return _Project.made(tmp_path / "construct", leaf)


def test_a_function_that_is_left_as_it_is(
    project: _Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then both times are reported."""
    monkeypatch.setattr(
        cdk_synth, "measure", _synthesis(project.folder, again=False, output="quiet")
    )
    assert project.timed() == (1, 1)


@pytest.mark.parametrize(("again", "output"), [(True, ""), (False, "Bundling asset A")])
def test_a_function_that_is_staged_again(
    project: _Project, monkeypatch: pytest.MonkeyPatch, *, again: bool, output: str
) -> None:
    """Whether files or words show it, the measurement fails."""
    monkeypatch.setattr(
        cdk_synth, "measure", _synthesis(project.folder, again=again, output=output)
    )
    with pytest.raises(FailedError, match="staged the function again"):
        project.timed()


def test_a_function_that_is_not_staged(project: _Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """A result without a second time is not a measurement either."""
    monkeypatch.setattr(cdk_synth, "measure", lambda *_, **__: Measurement(1, 1, "quiet"))
    with pytest.raises(FailedError, match="Something else was staged"):
        project.timed()
