"""The commands in fixes: those of AWS's user guide, with the user's files; and they really fix."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from dev.certificates.authority import NOW, Authority, to_pkcs7
from dev.certificates.keys import KeyType
from server_certificate.assessment import Criteria, Given, Input, assess
from server_certificate.findings import Finding, Severity
from support.findings import codes
from support.openssl import needs_openssl, openssl

if TYPE_CHECKING:
    from pathlib import Path

    from dev.certificates.authority import Issued

ISSUER = Authority.root().intermediate()
LEAF = ISSUER.leaf(key_type=KeyType.RSA)
ON_CURVE = ISSUER.leaf()
WORD = "correct horse"


def command_of(finding: Finding) -> str:
    """Return the command at the end of a fix."""
    return "openssl" + finding.fix.partition("openssl")[2].partition(". You")[0]


def found(given: Given, code: str) -> Finding:
    """Return the one finding of a rule."""
    (finding,) = (item for item in assess(given, Criteria(at=NOW)).findings if item.code == code)
    return finding


def of(content: bytes | str, file: str | None = None) -> Input:
    """Make an input."""
    return Input(content.encode() if isinstance(content, str) else content, file)


PLAIN = {"certificate": of(LEAF.pem), "chain": of(LEAF.chain_pem())}


@pytest.mark.parametrize(
    ("given", "code", "command"),
    [
        (
            Given(certificate=of(LEAF.der, "www.der"), chain=of(LEAF.chain_pem())),
            "der",
            "openssl x509 -inform DER -in www.der -outform PEM -out certificate.pem",
        ),
        (
            Given(**PLAIN, private_key=of(LEAF.key_der(), "www.key")),
            "der",
            "openssl rsa -inform DER -in www.key -outform PEM -out private-key.pem",
        ),
        (
            Given(**PLAIN, private_key=of(ON_CURVE.key_der("sec1"))),
            "der",
            "openssl ec -inform DER -in private-key.der -outform PEM -out private-key.pem",
        ),
        (
            Given(**PLAIN, private_key=of(LEAF.key_pem("pkcs1", password=WORD), "my key.pem")),
            "passphrase-missing",
            "openssl rsa -in 'my key.pem' -out private-key.pem",
        ),
        (
            Given(**PLAIN, private_key=of(LEAF.key_pem(password=WORD), "my-key.pem")),
            "passphrase-missing",
            "openssl rsa -in my-key.pem -out private-key.pem",
        ),
        (
            Given(
                **PLAIN,
                private_key=of(LEAF.key_pem(password=WORD), "private-key.pem"),
                passphrase=WORD,
            ),
            "private-key-encrypted",
            "openssl rsa -in private-key.pem -out converted-private-key.pem",
        ),
        (
            Given(**PLAIN, private_key=of(LEAF.key_der(password=WORD), "-k.der"), passphrase=WORD),
            "private-key-encrypted",
            "openssl rsa -inform DER -in ./-k.der -out private-key.pem",
        ),
        (
            Given(bundle=of(LEAF.pkcs12(WORD), "www.pfx"), passphrase=WORD),
            "pkcs12",
            "openssl pkcs12 -in www.pfx -out bundle.pem -nodes",
        ),
        (
            Given(bundle=of(LEAF.pkcs12(WORD))),
            "passphrase-missing",
            "openssl pkcs12 -in bundle.p12 -out bundle.pem -nodes",
        ),
        (
            Given(certificate=of(LEAF.pkcs12(WORD), "www.p12")),
            "wrong-kind",
            "openssl pkcs12 -in www.p12 -out certificate.pem -nodes -nokeys",
        ),
        (
            Given(**PLAIN, private_key=of(LEAF.pkcs12(WORD), "www.p12")),
            "wrong-kind",
            "openssl pkcs12 -in www.p12 -out private-key.pem -nodes -nocerts",
        ),
        (
            Given(certificate=of(to_pkcs7(LEAF, *LEAF.issuers), "www.p7b")),
            "pkcs7",
            "openssl pkcs7 -in www.p7b -print_certs -out bundle.pem",
        ),
        (
            Given(certificate=of(to_pkcs7(LEAF, *LEAF.issuers, encoding="DER"), "www.p7c")),
            "pkcs7",
            "openssl pkcs7 -inform DER -in www.p7c -print_certs -out bundle.pem",
        ),
    ],
)
def test_fix_is_the_command_of_the_user_guide(given: Given, code: str, command: str) -> None:
    """Each format has its command, with the file's name quoted for a shell."""
    assert command_of(found(given, code)) == command


def run(command: str, folder: Path, *options: str) -> None:
    """Carry a command out as a shell does, without a terminal to ask for passphrases."""
    line = f"{command} {' '.join(options)}"
    subprocess.run(["sh", "-c", line], cwd=folder, check=True, capture_output=True)  # noqa: S607


@needs_openssl
def test_commands_fix_certificates(tmp_path: Path) -> None:
    """After the command nothing is left to convert."""
    (tmp_path / "www.der").write_bytes(LEAF.der)
    given = Given(certificate=of(LEAF.der, "www.der"), chain=of(LEAF.chain_pem()))
    run(command_of(found(given, "der")), tmp_path)
    fixed = Given(
        certificate=of((tmp_path / "certificate.pem").read_bytes()), chain=of(LEAF.chain_pem())
    )
    assert assess(fixed, Criteria(at=NOW)).findings == ()


@needs_openssl
@pytest.mark.parametrize("issued", [LEAF, ON_CURVE], ids=["RSA", "EC"])
@pytest.mark.parametrize("encrypted", [False, True])
def test_commands_fix_keys(tmp_path: Path, issued: Issued, *, encrypted: bool) -> None:
    """A DER key and an encrypted key are converted to one that IAM accepts."""
    content = issued.key_pem(password=WORD).encode() if encrypted else issued.key_der()
    (tmp_path / "key").write_bytes(content)
    public = {"certificate": of(issued.pem), "chain": of(issued.chain_pem())}
    given = Given(**public, private_key=of(content, "key"), passphrase=WORD if encrypted else None)
    options = ["-passin", f"'pass:{WORD}'"] if encrypted else []
    run(
        command_of(found(given, "private-key-encrypted" if encrypted else "der")),
        tmp_path,
        *options,
    )
    fixed = Given(**public, private_key=of((tmp_path / "private-key.pem").read_bytes()))
    assert assess(fixed, Criteria(at=NOW)).findings == ()


@needs_openssl
@pytest.mark.parametrize("outlawed", [False, True])
def test_commands_convert_pkcs12(tmp_path: Path, *, outlawed: bool) -> None:
    """The commands convert a PKCS#12 bundle to PEM, even in RC2, which needs ``-legacy``."""
    (tmp_path / "in.pem").write_text(LEAF.key_pem() + LEAF.fullchain_pem(root=True))
    how = ["-legacy", "-certpbe", "PBE-SHA1-RC2-40"] if outlawed else []
    source = str(tmp_path / "www.pfx")
    names = ["-in", str(tmp_path / "in.pem"), "-out", source, "-passout", f"pass:{WORD}"]
    openssl("pkcs12", "-export", *how, *names)
    given = Given(bundle=of((tmp_path / "www.pfx").read_bytes(), "www.pfx"), passphrase=WORD)
    assert assess(given, Criteria(at=NOW)).accepted
    command = command_of(found(given, "pkcs12"))
    assert command.endswith(" -legacy") == outlawed
    run(command, tmp_path, "-passin", f"'pass:{WORD}'")
    fixed = assess(Given(bundle=of((tmp_path / "bundle.pem").read_bytes())), Criteria(at=NOW))
    assert fixed.accepted
    assert fixed.public == assess(given, Criteria(at=NOW)).public


@needs_openssl
def test_commands_convert_pkcs7(tmp_path: Path) -> None:
    """A PKCS#7 bundle becomes certificates in PEM."""
    content = to_pkcs7(LEAF, *LEAF.issuers, encoding="DER")
    (tmp_path / "www.p7b").write_bytes(content)
    run(command_of(found(Given(certificate=of(content, "www.p7b")), "pkcs7")), tmp_path)
    fixed = assess(Given(certificate=of((tmp_path / "bundle.pem").read_bytes())), Criteria(at=NOW))
    assert fixed.accepted
    assert {item.severity for item in fixed.findings} == {Severity.FIXABLE}
    assert set(codes(fixed.findings)) <= {"text-around", "certificate-holds-chain", "chain-order"}
