"""
Ask for security advisories about everything that is locked.

    python -m dev.tools.audit                  asks OSV, which includes PyPI's advisories
    python -m dev.tools.audit --osv-url URL    asks another server with the same API

It exits with 1 if there is an advisory for what the Lambda function carries. Advisories for development
packages are reported, and don't change the exit code. It exits with 2 if the server couldn't be asked.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dev import ROOT
from dev.tools import environments
from dev.tools.commands import SetupError
from dev.tools.installers import PACKAGES_LOCK, VENV
from dev.tools.lambda_dependencies import LOCK
from dev.tools.setup import Step, alone

if TYPE_CHECKING:
    from collections.abc import Sequence

ENVIRONMENT = VENV / "audit"
AUDIT_LOCK = ROOT / "dev/requirements/audit.txt"

SILENCE = ("requests.exceptions.", "ERROR:pip_audit._cli:Could not connect")
"""Beginnings of the line that says why the server couldn't be asked."""


class AuditError(Exception):
    """The server couldn't be asked; the message says why and what to do."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Audit both locks, print the advisories, and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m dev.tools.audit", description=__doc__)
    parser.add_argument("--osv-url", metavar="URL", help="ask this server instead of OSV's own")
    url = parser.parse_args(arguments).osv_url
    try:
        install()
        vulnerable = audit(LOCK, "The Lambda function", url=url)
        audit(PACKAGES_LOCK, "Development packages", url=url)
    except (AuditError, SetupError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 1 if vulnerable else 0


def install() -> None:
    """Install pip-audit into its own environment, unless it is there."""
    step = Step(
        name="environment for the audit",
        action=lambda: environments.create(ENVIRONMENT, AUDIT_LOCK, purpose="The audit"),
        inputs=(AUDIT_LOCK,),
        output=ENVIRONMENT / "bin/pip-audit",
    )
    with alone():
        environments.do(step)


def audit(lock: Path, what: str, *, url: str | None = None) -> list[str]:
    """
    Ask for advisories about the versions in a lock, and print a line for each.

    Args:
        lock: The requirements, with their hashes; nothing is resolved or installed.
        what: What they are, as the beginning of a sentence.
        url: The server that is asked. Default: OSV's own.

    Returns:
        The lines.

    Raises:
        AuditError: The server couldn't be asked about all of them.
    """
    packages = ask(lock, what, url)
    lines = [
        f"{package['name']} {package['version']}: {tell(advisory)}"
        for package in packages
        for advisory in package["vulns"]
    ]
    known = f"{len(lines)} known {'advisory' if len(lines) == 1 else 'advisories'}"
    sys.stdout.write(f"{what} ({len(packages)} packages): {known}{'.' if not lines else ':'}\n")
    sys.stdout.writelines(f"  {line}\n" for line in lines)
    return lines


def tell(advisory: dict[str, Any]) -> str:
    """Return one line with an advisory's ids, the versions with a fix, and its description."""
    names = ", ".join((advisory["id"], *sorted(advisory["aliases"])))
    fixed = ", ".join(advisory["fix_versions"])
    return (
        f"{names} ({f'fixed in {fixed}' if fixed else 'not fixed yet'}): {advisory['description']}"
    )


def ask(lock: Path, what: str, url: str | None) -> list[dict[str, Any]]:
    """Run pip-audit, which fails both for an advisory and if it can't ask."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        ended = subprocess.run(
            [
                *(ENVIRONMENT / "bin/python", "-m", "pip_audit", "--strict"),
                # The lock is complete: pip has nothing to resolve.
                *("--require-hashes", "--disable-pip", "--requirement", lock),
                *("--vulnerability-service", "osv", *(("--osv-url", url) if url else ())),
                *("--cache-dir", Path(folder) / "cache", "--progress-spinner", "off"),
                *("--format", "json", "--output", report),
            ],
            check=False,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        if report.is_file():
            packages: list[dict[str, Any]] = json.loads(report.read_text("utf-8"))["dependencies"]
            return packages
    raise AuditError(f"{what}: {explain(ended.stderr)}")


def explain(output: str) -> str:
    """Turn pip-audit's error output into one sentence."""
    lines = output.strip().splitlines() or ["no output"]
    reason = next((line for line in lines if line.startswith(SILENCE)), None)
    if reason is None:
        return f"pip-audit failed with: {lines[-1]}"
    return (
        f"the database of advisories doesn't answer ({reason}). Check the"
        " network, HTTPS_PROXY and REQUESTS_CA_BUNDLE, or ask another server:"
        " python -m dev.tools.audit --osv-url URL"
    )


if __name__ == "__main__":
    sys.exit(main())
