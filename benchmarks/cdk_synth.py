"""`cdk synth` as users run it, against the same app with a bare custom resource."""

from __future__ import annotations

import os
import shutil
import statistics
import sys
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.material import Pool
from benchmarks.processes import FailedError, measure, peak_of_all
from benchmarks.rows import Result, Row, megabytes, milliseconds
from support.keys import KeyType

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.material import Triple

_ROUNDS = 11
_MEMORY_ROUNDS = 3
_TIMES = 1.2

_HERE = Path(__file__).parent
_APPS = {"construct": "cdk_synth_app.py", "bare": "cdk_synth_bare_app.py"}
_COMMAND = (str(Path(sys.prefix) / "bin/cdk"), "synth", "--quiet", "--no-notices", "--no-color")
_STAGING = "Bundling asset"
"""What the CDK prints when it stages what an asset is made of."""

_FIRST, _AGAIN = "first", "again, into the same folder"


def run(*, rounds: int = _ROUNDS, memory_rounds: int = _MEMORY_ROUNDS) -> Result:
    """
    Measure.

    Args:
        rounds: How often each app is synthesised twice for its time.
        memory_rounds: How often for its memory.

    Raises:
        FailedError: The second synthesis staged the function again.
    """
    triple = Pool.make(KeyType.RSA, 4, at=datetime.now(UTC)).triple(0)
    with tempfile.TemporaryDirectory() as folder:
        projects = {way: _Project.made(Path(folder) / way, triple) for way in _APPS}
        # By turns, so that whatever else the machine does slows down both; the first round reads
        # files for the first time, and does not count.
        for turn in range(rounds + 1):
            for project in projects.values():
                project.time(counts=turn > 0)
        for _ in range(memory_rounds):
            for project in projects.values():
                project.weigh()
    return Result(
        title="cdk synth",
        method=(
            "The whole command `cdk synth --quiet` on an app with one certificate (a leaf RSA 2048"
            " and two intermediates from files, the key in a secret), against the same app with"
            " `CustomResource` and an inline function of two lines, which checks nothing and has no"
            f" asset. Time: median of {rounds} rounds by turns. Memory: of the CLI, Python and the"
            " CDK's Node together, looked at some fifty times a second in runs of their own, what"
            f" they share counted once; median of {memory_rounds} peaks. The second synthesis must"
            " leave each file of the staged function as it is."
        ),
        rows=tuple(_rows(projects["construct"], projects["bare"])),
    )


@dataclass(frozen=True, slots=True)
class _Project:
    """An app in a folder, as `cdk init` leaves it, and what was measured of it."""

    folder: Path
    has_asset: bool
    seconds: dict[str, list[float]] = field(default_factory=dict)
    peaks: dict[str, list[int]] = field(default_factory=dict)

    @classmethod
    def made(cls, folder: Path, triple: Triple) -> _Project:
        triple.write(folder)
        (folder / "home").mkdir()
        shutil.copyfile(_HERE / _APPS[folder.name], folder / "app.py")
        shutil.copyfile(_HERE.parent / "cdk.json", folder / "cdk.json")
        return cls(folder, has_asset=folder.name == "construct")

    def time(self, *, counts: bool) -> None:
        """Synthesise twice."""
        self._empty()
        first = measure(_COMMAND, self._environment(), directory=self.folder)
        staged = self._staged()
        again = measure(_COMMAND, self._environment(), directory=self.folder)
        if self.has_asset != (_STAGING in first.output) or self.has_asset != bool(staged):
            raise FailedError(f"Something else was staged than the function:\n{first.output}")
        if _STAGING in again.output or self._staged() != staged:
            raise FailedError(f"The second synthesis staged the function again:\n{again.output}")
        if counts:
            self.seconds.setdefault(_FIRST, []).append(first.seconds)
            self.seconds.setdefault(_AGAIN, []).append(again.seconds)

    def weigh(self) -> None:
        """Do the same for the memory."""
        self._empty()
        for which in (_FIRST, _AGAIN):
            peak = peak_of_all(_COMMAND, self._environment(), directory=self.folder)
            self.peaks.setdefault(which, []).append(peak)

    def _empty(self) -> None:
        shutil.rmtree(self.folder / "cdk.out", ignore_errors=True)

    def _staged(self) -> dict[str, tuple[int, int]]:
        """Return what tells each staged file and folder from one that was written anew."""
        found = {}
        for asset in (self.folder / "cdk.out").glob("asset.*"):
            for path in (asset, *asset.rglob("*")):
                status = path.stat()
                found[str(path)] = status.st_ino, status.st_mtime_ns
        return found

    def _environment(self) -> dict[str, str]:
        """Return an environment in which the CLI asks nobody: neither for credentials nor for news."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("AWS_", "CDK_", "PYTHON"))
        }
        return kept | {
            "AWS_EC2_METADATA_DISABLED": "true",
            "CDK_DISABLE_CLI_TELEMETRY": "true",
            "CDK_DISABLE_VERSION_CHECK": "true",
            "CDK_HOME": str(self.folder / "home/.cdk"),
            "HOME": str(self.folder / "home"),
        }


def _rows(construct: _Project, bare: _Project) -> Iterator[Row]:
    for which in (_FIRST, _AGAIN):
        own, other = (statistics.median(each.seconds[which]) for each in (construct, bare))
        yield _row(f"{which}: time", milliseconds(own), milliseconds(other), own / other)
    for which in (_FIRST, _AGAIN):
        weight, other_weight = (
            int(statistics.median(each.peaks[which])) for each in (construct, bare)
        )
        yield _row(
            f"{which}: memory", megabytes(weight), megabytes(other_weight), weight / other_weight
        )


def _row(what: str, measured: str, against: str, ratio: float) -> Row:
    return Row(
        what=what,
        measured=measured,
        against=f"a bare custom resource: {against}",
        ratio=ratio,
        target=f"at most {_TIMES} times",
        is_met=ratio <= _TIMES,
    )
