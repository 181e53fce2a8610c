"""The real CDK CLI, isolated: it writes to one directory only."""

from __future__ import annotations

import contextlib
import functools
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from dev import ROOT
from dev.demo.facts import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from dev.demo.account import CloudAccount
    from dev.tools.interruption import Interruption

TOOLS: Final = Path(sys.prefix) / "bin"
_BYTECODE: Final = Path(sys.prefix) / "cache/python"
"""Nothing is written to a checkout, and the CDK is compiled once."""

_GRACE_SECONDS: Final = 3.0
_KILL_SECONDS: Final = 1.0
_NEVER_ENDED: Final = 124


def missing_tools() -> list[str]:
    """Return the commands that the demo needs and that aren't installed next to its Python."""
    return [name for name in ("cdk", "node") if not (TOOLS / name).exists()]


@dataclass(frozen=True, slots=True, kw_only=True)
class CdkCli:
    """
    Runs the CDK CLI on an app of this repository.

    Attributes:
        directory: Where all files are written; created by :meth:`prepare`.
        cloud: Where it deploys to.
        interruption: Holds signals back while a process is started.
        root: The checkout whose app and packages are used; default: this one.
        longest_seconds: How long a command may run; default: what the local cloud needs at most.
        app: The app's file; default: ``app.py`` of the checkout.
    """

    directory: Path
    cloud: CloudAccount
    interruption: Interruption
    root: Path = ROOT
    longest_seconds: float = 180.0
    app: Path | None = None

    @property
    def output_directory(self) -> Path:
        """The folder of the synthesized app."""
        return self.directory / "cdk.out"

    def prepare(self) -> None:
        """Create the directories; the CLI writes next to the ``cdk.json`` that it reads."""
        for name in ("app", "empty", "home", "tmp"):
            (self.directory / name).mkdir()
        shutil.copyfile(self.root / "cdk.json", self.directory / "app/cdk.json")

    def bootstrap(self) -> Outcome:
        """Bootstrap, in a folder without ``cdk.json``, where the app isn't synthesized."""
        environment = f"aws://{self.cloud.account_id}/{self.cloud.region}"
        return self._run("bootstrap", environment, cwd=self.directory / "empty")

    def on_app(self, command: str, *options: str, context: Mapping[str, str]) -> Outcome:
        """Run a command on the app, with context values."""
        app = shlex.join([sys.executable, str(self.app or self.root / "app.py")])
        pairs = [part for key, value in context.items() for part in ("-c", f"{key}={value}")]
        arguments = ("--app", app, "--output", str(self.output_directory), *options, *pairs)
        return self._run(command, *arguments, cwd=self.directory / "app")

    def on_assembly(self, command: str, folder: Path, *options: str) -> Outcome:
        """Run a command on an app that is already synthesized."""
        return self._run(command, "--app", str(folder), *options, cwd=self.directory / "app")

    @contextlib.contextmanager
    def started(self, command: str, *arguments: str, cwd: Path) -> Iterator[Callable[[], Outcome]]:
        """
        Run a command in the background; at the end of the block nothing of it is left.

        Args:
            command: The command of the CDK CLI.
            *arguments: Its arguments.
            cwd: One of the directories that :meth:`prepare` created.

        Yields:
            A function that waits for its end, with a timeout.
        """
        log = self.directory / "cli.log"
        with contextlib.ExitStack() as stack:
            with self.interruption.held():
                started = _running(
                    [str(TOOLS / "cdk"), command, "--no-notices", "--no-color", *arguments],
                    cwd=cwd,
                    environment=self.environment(),
                    log=log,
                )
                process = stack.enter_context(started)
            yield functools.partial(_outcome, process, log, self.longest_seconds)

    def _run(self, command: str, *arguments: str, cwd: Path) -> Outcome:
        with self.started(command, *arguments, cwd=cwd) as wait:
            return wait()

    def environment(self) -> dict[str, str]:
        """Return the variables of the CLI and of the apps that it runs."""
        roots = (self.root / "constructs", self.root / "lambda")
        inherited = self.cloud.environment()
        inherited.pop("PYTHONDONTWRITEBYTECODE", None)
        return inherited | {
            "CDK_DISABLE_CLI_TELEMETRY": "true",
            "CDK_DISABLE_VERSION_CHECK": "true",
            # Half of the time of a synthesis; tests/templates/test_validation.py looks at its findings.
            "CDK_VALIDATION": "false",
            "CDK_HOME": str(self.directory / "home/.cdk"),
            "HOME": str(self.directory / "home"),
            "PYTHONPATH": os.pathsep.join(map(str, roots)),
            "PYTHONPYCACHEPREFIX": str(_BYTECODE),
            "TMPDIR": str(self.directory / "tmp"),
        }


def _outcome(process: subprocess.Popen[bytes], log: Path, seconds: float) -> Outcome:
    try:
        code = process.wait(seconds)
        note = ""
    except subprocess.TimeoutExpired:
        code = _NEVER_ENDED
        note = f"\nIt had not ended after {seconds:.0f} seconds."
    return Outcome(exit_code=code, output=log.read_text(encoding="utf-8", errors="replace") + note)


@contextlib.contextmanager
def _running(
    command: list[str], *, cwd: Path, environment: Mapping[str, str], log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """Start a command in its own session; at the end nothing of that session is left."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a command and what it started, which shares its process group."""
    os.killpg(process.pid, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_GRACE_SECONDS)
    deadline = time.monotonic() + _KILL_SECONDS
    # macOS refuses to signal a group that holds zombies only.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        while time.monotonic() < deadline:
            os.killpg(process.pid, signal.SIGKILL)
            time.sleep(0.02)
    process.wait()
