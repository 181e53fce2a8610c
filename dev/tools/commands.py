"""Run a command quietly; if it fails, say in one sentence what to do."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

REMEDIES = (
    (
        ("no space left on device", "enospc", "disk quota exceeded"),
        "the disk is full: make room, then run it again.",
    ),
    (
        ("ensurepip is not available", "'-m', 'ensurepip'", "no module named venv"),
        "this Python has no venv module: install it (Debian and Ubuntu: apt install python3-venv).",
    ),
    (
        ("do not match the hashes", "eintegrity"),
        "a download doesn't match the hash in the lock; run it again without a mirror.",
    ),
    (
        ("certificate_verify_failed", "self_signed_cert", "unable_to_get_issuer_cert"),
        "the index's TLS certificate isn't trusted: set PIP_CERT and NODE_EXTRA_CA_CERTS.",
    ),
    (
        (
            "failed to establish a new connection",
            "connection refused",
            "connection to",  # "… timed out"
            "name or service not known",
            "temporary failure in name resolution",
            "read timed out",
            "cannot connect to proxy",
            "network is unreachable",
            "econnrefused",
            "econnreset",
            "enotfound",
            "eai_again",
            "etimedout",
            "enetunreach",
            "could not fetch url",
        ),
        "the index can't be reached: check the network, and what pip and npm are set to use.",
    ),
    (
        ("no matching distribution found",),
        "the index has no release for this lock, this Python and this platform.",
    ),
    (
        ("permission denied", "eacces", "read-only file system"),
        "a file can't be written: check who owns this folder.",
    ),
)


class SetupError(Exception):
    """What went wrong and what to do about it, in one sentence."""


def run(
    command: Sequence[str | Path],
    *,
    purpose: str,
    log: Path | None = None,
    cwd: Path | None = None,
) -> None:
    """
    Run a command without printing its output.

    Args:
        command: The program and its arguments.
        purpose: What it is for, as the beginning of a sentence: "The Python packages".
        log: The file to append its output to. Default: none.
        cwd: The working directory. Default: the current one.

    Raises:
        SetupError: It failed; the message says why and what to do.
    """
    result = subprocess.run(
        command,
        check=False,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    if log:
        with log.open("a", encoding="utf-8") as file:
            file.write(f"$ {' '.join(map(str, command))}\n{result.stdout}\n")
    if result.returncode:
        where = f" (its output is in {log})" if log else ""
        raise SetupError(f"{purpose}: {explain(result.stdout)}{where}")


def explain(output: str) -> str:
    """
    Turn the output of a failed pip or npm into one sentence.

    Args:
        output: Its output.

    Returns:
        What to do; its own last line if the cause is unknown.
    """
    lowered = output.lower()
    for symptoms, remedy in REMEDIES:
        if any(symptom in lowered for symptom in symptoms):
            return remedy
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return f"it failed with: {lines[-1] if lines else 'no output'}"
