"""The examples of the guide about testing one's own certificates."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

import server_certificate
from dev import ROOT
from dev.certificates.authority import Authority

if TYPE_CHECKING:
    from pathlib import Path

GUIDE = (ROOT / "docs/guides/test-your-certificates.md").read_text("utf-8")
EXAMPLES = "\n\n".join(re.findall(r"^```python\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL))
PASSPHRASE = "correct horse"  # noqa: S105 - of a certificate that nobody serves


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a reader's folder with certificates and the examples in one test file."""
    leaf = Authority.root(at=datetime.now(UTC)).intermediate().leaf("www.example.com")
    leaf.write(tmp_path / "certificates", root=False)
    (tmp_path / "certificates/www.pfx").write_bytes(leaf.pkcs12(PASSPHRASE, root=False))
    (tmp_path / "test_certificates.py").write_text(EXAMPLES)
    return tmp_path


def run_examples(folder: Path) -> subprocess.CompletedProcess[str]:
    """Run the examples as a reader would."""
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--tb=line"],
        check=False,
        cwd=folder,
        env={**os.environ, "PASSPHRASE": PASSPHRASE},
        capture_output=True,
        text=True,
    )


def test_examples_pass(project: Path) -> None:
    """Each example passes unchanged with a valid certificate."""
    result = run_examples(project)
    assert "6 passed" in result.stdout, result.stdout + result.stderr
    assert EXAMPLES.count("def test_") == 5, "one of them runs twice"


def test_examples_fail_for_a_bad_certificate(project: Path) -> None:
    """Without a chain, the examples that check it fail with the finding."""
    (project / "certificates/certificate-chain.pem").write_text("")
    result = run_examples(project)
    assert "4 failed, 2 passed" in result.stdout, result.stdout + result.stderr
    assert "AssertionError: chain: " in result.stdout


def test_table_names_the_whole_api() -> None:
    """The table at the end of the guide lists exactly the public names."""
    rows = GUIDE.partition("## What the API offers")[2]
    first_cells = re.findall(r"^\| (`.*?) \|", rows, re.MULTILINE)
    names = re.findall(r"`(\w+)", " ".join(first_cells))
    assert sorted(names) == [*server_certificate.__all__]
