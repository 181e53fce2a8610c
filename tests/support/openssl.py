"""The openssl command, for tests that compare with it."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from dev.certificates.authority import NOW, Issued, to_pem

if TYPE_CHECKING:
    from pathlib import Path

OPENSSL = shutil.which("openssl") or ""

needs_openssl = pytest.mark.skipif(not OPENSSL, reason="the openssl command is not installed")
"""Leave a test out where the command is missing; the project itself does not need it."""


def openssl(*arguments: str, stdin: str = "") -> str:
    """Run the command and return what it printed."""
    return openssl_octets(*arguments, stdin=stdin).decode()


def openssl_octets(*arguments: str, stdin: str | bytes = "") -> bytes:
    """Run the command and return the octets that it wrote."""
    command = [OPENSSL, *arguments]
    octets = stdin.encode() if isinstance(stdin, str) else stdin
    done = subprocess.run(command, check=True, capture_output=True, input=octets)
    return done.stdout


def openssl_verifies(leaf: Issued, directory: Path, *options: str) -> bool:
    """Return whether OpenSSL takes a leaf and its chain, whose last element it trusts."""
    *between, root = leaf.chain()
    for name, text in (("root", to_pem(root)), ("chain", to_pem(*between)), ("leaf", leaf.pem)):
        (directory / name).write_text(text)
    root_file, chain_file, leaf_file = (str(directory / name) for name in ("root", "chain", "leaf"))
    command = ["verify", "-attime", str(int(NOW.timestamp())), *options, "-CAfile", root_file]
    if between:
        command += ["-untrusted", chain_file]
    try:
        openssl(*command, leaf_file)
    except subprocess.CalledProcessError:
        return False
    return True
