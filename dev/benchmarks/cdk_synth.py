"""`cdk synth` as users run it, compared with the same app with a bare custom resource."""

from __future__ import annotations

import os
import shutil
import statistics
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from dev import ROOT
from dev.benchmarks.folders import new_folder
from dev.benchmarks.processes import FailedError, measure, peak_of_all
from dev.benchmarks.rows import Result, Row, megabytes, milliseconds
from dev.benchmarks.turns import by_turns
from dev.certificates.keys import KeyType
from dev.certificates.pool import Pool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from dev.certificates.authority import Issued

_ROUNDS = 11
_MEMORY_ROUNDS = 3
_TIMES = 1.2

_HERE = Path(__file__).parent
_APPS = {"construct": "cdk_synth_app.py", "bare": "cdk_synth_bare_app.py"}
_COMMAND = (str(Path(sys.prefix) / "bin/cdk"), "synth", "--quiet", "--no-notices", "--no-color")
_STAGING = "Bundling asset"
"""What the CDK prints when it stages an asset."""

_WHICH = ("first", "again, into the same folder")


def run(*, rounds: int = _ROUNDS, memory_rounds: int = _MEMORY_ROUNDS) -> Result:
    """
    Measure.

    Args:
        rounds: How often each app is synthesized twice to measure time.
        memory_rounds: How often to measure memory.

    Raises:
        FailedError: The second synthesis staged the function again.
    """
    leaf = Pool.make(KeyType.RSA, 4, at=datetime.now(UTC)).leaf(0)
    projects = {way: _Project.made(new_folder() / way, leaf) for way in _APPS}
    times = by_turns({way: each.timed for way, each in projects.items()}, rounds)
    peaks = by_turns({way: each.weighed for way, each in projects.items()}, memory_rounds)
    return Result(
        title="cdk synth",
        method=(
            "The whole command `cdk synth --quiet` on an app with one certificate (an RSA 2048 "
            "leaf and two intermediates from files, the key in a secret), compared with the same "
            "app with `CustomResource` and an inline function of two lines, which checks nothing "
            f"and has no asset. Folders are in memory if there is room. Time: median of {rounds} "
            "rounds, in turn. Memory: of the CLI, Python and the CDK's Node together, sampled "
            "about fifty times a second in separate runs, with shared memory counted once; median "
            f"of {memory_rounds} peaks. The second synth must leave each file of the staged "
            "function as it is."
        ),
        rows=(
            *_rows("time", times, milliseconds),
            *_rows("memory", peaks, lambda octets: megabytes(int(octets))),
        ),
    )


@dataclass(frozen=True, slots=True)
class _Project:
    """An app in a folder, as `cdk init` creates it."""

    folder: Path
    has_asset: bool

    @classmethod
    def made(cls, folder: Path, issued: Issued) -> _Project:
        issued.write(folder, root=False)
        (folder / "home").mkdir()
        shutil.copyfile(_HERE / _APPS[folder.name], folder / "app.py")
        shutil.copyfile(ROOT / "cdk.json", folder / "cdk.json")
        return cls(folder, has_asset=folder.name == "construct")

    def timed(self) -> tuple[float, float]:
        """Synthesize twice, and return the seconds of both."""
        self._begin()
        first = measure(_COMMAND, self._environment(), directory=self.folder)
        staged = self._staged()
        again = measure(_COMMAND, self._environment(), directory=self.folder)
        if self.has_asset != (_STAGING in first.output) or self.has_asset != bool(staged):
            raise FailedError(f"Something else was staged than the function:\n{first.output}")
        if _STAGING in again.output or self._staged() != staged:
            raise FailedError(f"The second synthesis staged the function again:\n{again.output}")
        return first.seconds, again.seconds

    def weighed(self) -> tuple[int, int]:
        """Synthesize twice, and return the peak memory of both."""
        self._begin()
        return self._peak(), self._peak()

    def _peak(self) -> int:
        return peak_of_all(_COMMAND, self._environment(), directory=self.folder)

    def _begin(self) -> None:
        """Remove what was synthesized before."""
        output = self.folder / "cdk.out"
        if output.exists():
            output.rename(new_folder() / output.name)

    def _staged(self) -> dict[str, tuple[int, int]]:
        """Return what identifies each staged file and folder, so that a rewritten one differs."""
        found = {}
        for asset in (self.folder / "cdk.out").glob("asset.*"):
            for path in (asset, *asset.rglob("*")):
                status = path.stat()
                found[str(path)] = status.st_ino, status.st_mtime_ns
        return found

    def _environment(self) -> dict[str, str]:
        """Return an environment in which the CLI asks for neither credentials nor notices."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("AWS_", "CDK_", "JSII_", "NODE_COMPILE_", "PYTHON"))
        }
        return kept | {
            "AWS_EC2_METADATA_DISABLED": "true",
            "CDK_DISABLE_CLI_TELEMETRY": "true",
            "CDK_DISABLE_VERSION_CHECK": "true",
            "CDK_HOME": str(self.folder / "home/.cdk"),
            "HOME": str(self.folder / "home"),
            # The app runs under the first Python on the path.
            "PATH": os.pathsep.join((str(Path(sys.prefix) / "bin"), kept["PATH"])),
        }


def _rows(
    what: str,
    measured: Mapping[str, Sequence[tuple[float, float]]],
    format_value: Callable[[float], str],
) -> Iterator[Row]:
    for number, which in enumerate(_WHICH):
        own, other = (
            statistics.median(pair[number] for pair in measured[way])
            for way in ("construct", "bare")
        )
        yield Row(
            what=f"{which}: {what}",
            measured=format_value(own),
            against=f"a bare custom resource: {format_value(other)}",
            ratio=own / other,
            target=f"at most {_TIMES} times",
            is_met=own <= _TIMES * other,
        )
