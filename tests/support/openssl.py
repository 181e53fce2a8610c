"""The openssl command, for tests that compare with it."""

from __future__ import annotations

import shutil
import subprocess

import pytest

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
