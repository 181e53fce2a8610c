"""Fixes that are commands work: each is carried out on the files that it is about."""

from __future__ import annotations

import re
import shlex
import subprocess
from base64 import b64decode
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from dev.certificates.authority import NOW
from dev.certificates.forms import PASSPHRASE, Handed, forms_of, plain
from server_certificate.assessment import Criteria, Given, Input, assess
from support.cases import MATERIAL, MISTAKES, leaf, root
from support.openssl import needs_openssl

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from server_certificate.findings import Finding

FILES = {
    "certificate": "certificate.pem",
    "chain": "it's-ca.crt",
    "private_key": "-www.key",
    "bundle": "www.pfx",
}
"""The user's file names, some of which need quoting in a shell."""

CASES: dict[str, Callable[[], Handed]] = {
    **{name: (lambda make=make: plain(make())) for name, make in MATERIAL.items()},
    **MISTAKES,
    "chain in DER": lambda: replace(
        plain(root().leaf()), chain=root().certificate.public_bytes(Encoding.DER)
    ),
    "OpenSSH key without BEGIN and END lines": lambda: replace(
        plain(leaf()), private_key=b64decode("".join(leaf().key_pem("openssh").splitlines()[1:-1]))
    ),
    **{
        f"form: {name}": (lambda handed=handed: handed) for name, handed in forms_of(leaf()).items()
    },
}
_COMMAND = re.compile(r"\b(openssl|ssh-keygen) .*?(?=\. You can|$)", re.MULTILINE)
_OUTPUT = re.compile(r" -(?:out|f) (\S+)")
PASSPHRASES = {"passphrase-missing": PASSPHRASE, "passphrase-wrong": PASSPHRASE}
"""What users know but didn't provide, by the code of the finding that asks for it."""


def given(handed: Handed, folder: Path) -> Given:
    """Return material as it is read from the files of a folder, which are written."""
    inputs: dict[str, Input] = {}
    for part, file in FILES.items():
        content: bytes | None = getattr(handed, part)
        if content is not None:
            (folder / file).write_bytes(content)
            # ssh-keygen takes no key that others may read.
            (folder / file).chmod(0o600)
            inputs[part] = Input(content, file)
    return Given(**inputs, passphrase=handed.passphrase)


def commands(findings: tuple[Finding, ...]) -> Iterator[tuple[Finding, str]]:
    """Yield the findings whose fix is a command, with the command."""
    for finding in findings:
        if found := _COMMAND.search(finding.fix):
            yield finding, found[0]


def carried_out(command: str, folder: Path, passphrase: str) -> Path:
    """Run a command as a user would, and return the file that it wrote."""
    line = command
    if command.startswith("ssh-keygen"):
        line += " -P '' -N ''"
    elif not re.search(" (req|x509|pkcs7) ", command):
        line += f" -passin {shlex.quote(f'pass:{passphrase}')}"
    done = subprocess.run(  # noqa: S602 - that is what it is for
        line, shell=True, cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, (line, done.stderr)
    written = _OUTPUT.search(command)
    assert written is not None
    return folder / shlex.split(written[0])[-1]


@needs_openssl
@pytest.mark.parametrize("name", CASES)
def test_command_of_a_fix_works(name: str, tmp_path: Path) -> None:
    """The command's output no longer has the finding, and other files are unchanged."""
    handed = CASES[name]()
    before = given(handed, tmp_path)
    for finding, command in commands(assess(before, Criteria(at=NOW)).findings):
        own = {
            file: (tmp_path / file).read_bytes()
            for file in FILES.values()
            if (tmp_path / file).exists()
        }
        written = carried_out(
            command, tmp_path, handed.passphrase or PASSPHRASES.get(finding.code, "")
        )
        if command.startswith("openssl req"):
            continue
        if not command.startswith("ssh-keygen"):
            assert {file: (tmp_path / file).read_bytes() for file in own} == own
        part = finding.subject.partition("[")[0].replace("-", "_")
        is_key = written.name.endswith("private-key.pem") and part == "bundle"
        fixed = replace(
            handed, **{"private_key" if is_key else part: written.read_bytes()}, passphrase=None
        )
        if is_key:
            fixed = replace(
                fixed, bundle=None, certificate=leaf().fullchain_pem(root=True).encode()
            )
        left = assess(given(fixed, tmp_path), Criteria(at=NOW)).findings
        assert finding.code not in {item.code for item in left}, (command, left)


def test_there_are_commands(tmp_path: Path) -> None:
    """There are commands to run; otherwise, the test above would pass without running any."""
    found = {
        (finding.code, command.split()[1])
        for make in CASES.values()
        for finding, command in commands(assess(given(make(), tmp_path), Criteria(at=NOW)).findings)
    }
    wanted = {("der", "x509"), ("der", "ec"), ("pkcs12", "pkcs12"), ("pkcs7", "pkcs7")}
    wanted |= {("passphrase-missing", "ec"), ("private-key-encrypted", "ec"), ("weak-key", "req")}
    assert wanted <= found
