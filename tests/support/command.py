"""Run ``server-certificate``: in this process, or as one of its own."""

from __future__ import annotations

import inspect
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from click.testing import CliRunner

from dev.certificates.authority import NOW
from server_certificate_cli.main import group

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from dev.certificates.authority import Issued

AT = ("--at", NOW.strftime("%Y-%m-%dT%H:%M:%SZ"))
"""The instant of the test's certificates, as an option."""

COMMAND = (sys.executable, "-m", "server_certificate_cli")

APART: dict[str, Any] = {
    name: False for name in inspect.signature(CliRunner).parameters if name == "mix_stderr"
}
"""Has click keep standard error apart: before 8.2 it must be asked to, and since then it can't be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # noqa: ANN401 - tests look at what they expect
        """What it wrote, as JSON."""
        return json.loads(self.out)

    @property
    def target(self) -> Any:  # noqa: ANN401 - tests look at what they expect
        """What it wrote as JSON about its only target."""
        (target,) = self.json["targets"]
        return target

    @property
    def lines(self) -> list[str]:
        """What it wrote, by lines without indentation."""
        return [line.strip() for line in self.out.splitlines()]


def run(
    *words: str | Path, stdin: bytes | None = None, env: Mapping[str, str | None] | None = None
) -> Ended:
    """
    Run the command in this process.

    Args:
        words: Its arguments.
        stdin: What it gets on standard input.
        env: Environment variables to set, or with None, to remove.
    """
    result = CliRunner(**APART).invoke(group, [str(word) for word in words], input=stdin, env=env)
    return Ended(code=result.exit_code, out=result.stdout, err=result.stderr)


def start(
    *words: str | Path,
    folder: Path,
    stdin: bytes | None = None,
    env: Mapping[str, str] | None = None,
) -> subprocess.CompletedProcess[bytes]:
    """
    Run the command as a process of its own, and wait until it ends.

    Args:
        words: Its arguments.
        folder: Where it runs.
        stdin: What it gets on standard input.
        env: Environment variables in addition to those of this process.
    """
    return subprocess.run(
        [*COMMAND, *map(str, words)],
        cwd=folder,
        input=stdin,
        env=environment(env),
        capture_output=True,
        timeout=60,
        check=False,
    )


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return this process's environment without the variables that affect colors, updated with `more`."""
    unwanted = {"NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "COLUMNS", "PYTHONIOENCODING"}
    kept = {name: value for name, value in os.environ.items() if name not in unwanted}
    return {**kept, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), **(more or {})}


def write_parts(folder: Path, issued: Issued, *, root: bool = True) -> Path:
    """Write a certificate's parts under the names of ``convert``; its chain may be empty."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "certificate.pem").write_text(issued.pem)
    if issued.chain(root=root):
        (folder / "certificate-chain.pem").write_text(issued.chain_pem(root=root))
    (folder / "private-key.pem").write_text(issued.key_pem())
    return folder


def write_certbot(folder: Path, issued: Issued) -> Path:
    """Write a certificate's parts the way certbot lays out ``live/NAME``."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "cert.pem").write_text(issued.pem)
    (folder / "chain.pem").write_text(issued.chain_pem(root=False))
    (folder / "fullchain.pem").write_text(issued.fullchain_pem())
    (folder / "privkey.pem").write_text(issued.key_pem())
    (folder / "README").write_text("This directory contains your keys and certificates.\n")
    return folder
