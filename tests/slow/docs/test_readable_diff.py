"""What `cdk diff` shows of a renewal. Nothing is deployed: the CDK CLI compares two templates."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from aws_cdk import App, Stack

from cdk_iam_server_certificate import ServerCertificate
from cdk_iam_server_certificate.testing import throwaway_material
from dev.demo.cdk_cli import TOOLS

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.end_to_end


def test_diff_of_a_renewal_can_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The diff shows the old and the new end of the validity period, and nothing that stayed the same."""
    for folder, expired in (("old", True), ("new", False)):
        context = {"aws:cdk:bundling-stacks": []}
        app = App(outdir=str(tmp_path / folder), context=context)
        stack = Stack(app, "Web")
        ServerCertificate(stack, "Www", material=throwaway_material(stack, expired=expired))
        app.synth()
    for name, value in {
        "AWS_EC2_METADATA_DISABLED": "true",
        "CDK_DISABLE_CLI_TELEMETRY": "true",
        "CDK_HOME": str(tmp_path / "home"),
        "HOME": str(tmp_path),
        "PATH": f"{TOOLS}:/usr/bin:/bin",
    }.items():
        monkeypatch.setenv(name, value)
    ended = subprocess.run(
        [
            *(TOOLS / "cdk", "diff", "--no-notices", "--no-color"),
            *("--app", "new", "--template", "old/Web.template.json"),
        ],
        check=True,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=180,
    )
    shown = ended.stdout + ended.stderr
    metadata = shown.partition("[~] Metadata")[2]
    assert "[-] 2018-01-01T00:00:00Z" in metadata
    assert "[+] 2099-12-31T00:00:00Z" in metadata
    assert ".Fingerprint" in metadata
    assert "Subject" not in metadata
