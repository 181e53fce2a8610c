"""Material in base64 is read, and other content in base64 is named."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from dev.certificates.authority import NOW, Authority, to_pkcs7
from dev.certificates.documents import acm_export, in_base64
from server_certificate.assessment import Criteria, Given, Input, assess
from server_certificate.reading.reader import read
from support.findings import codes, only

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

LEAF = Authority.root("Root").intermediate("Issuer").leaf()
WORD = "correct horse"
ENCODED = in_base64(LEAF.der)


def wrapped(text: str, end: str = "\n", length: int = 76) -> str:
    """Break a text into lines."""
    return end.join(text[start : start + length] for start in range(0, len(text), length)) + end


@pytest.mark.parametrize(
    ("subject", "content"),
    [
        ("certificate", LEAF.pem.encode()),
        ("certificate", b"\xef\xbb\xbf" + LEAF.pem.encode()),
        ("certificate", LEAF.der),
        ("chain", to_pkcs7(LEAF, encoding="DER")),
        ("private-key", LEAF.key_pem().encode()),
        ("private-key", LEAF.key_der()),
        ("bundle", LEAF.pkcs12(None)),
        ("bundle", (LEAF.key_pem() + LEAF.fullchain_pem()).encode()),
        ("bundle", acm_export(LEAF).encode()),
    ],
    ids=range(9),
)
def test_what_is_in_base64_is_read(subject: str, content: bytes) -> None:
    """PEM, DER, bundles and documents give the same in base64, and once more in base64."""
    plain = read(Input(content), subject=subject)
    for text in (in_base64(content), in_base64(in_base64(content))):
        contents = read(Input.of_text(text), subject=subject)
        assert contents.certificates == plain.certificates
        assert [key.pem for key in contents.private_keys] == [key.pem for key in plain.private_keys]
        assert "base64" in codes(contents.findings) or subject == "bundle"
        assert contents.kind.startswith(plain.kind) or subject == "bundle"


@pytest.mark.parametrize(
    "change",
    [
        wrapped,
        lambda text: wrapped(text, "\r\n", 64),
        lambda text: wrapped(text, "\\n"),
        lambda text: f'"{text}"',
        lambda text: f"'{text}'\n",
        lambda text: f"data:application/pkix-cert;base64,{text}",
        lambda text: "\ufeff" + text,
        lambda text: text.rstrip("="),
        lambda text: text.replace("+", "-").replace("/", "_").rstrip("="),
    ],
    ids=range(9),
)
def test_base64_may_be_written_in_many_ways(change: Callable[[str], str]) -> None:
    """Line breaks, quotes, the alphabet for URLs and missing padding hide nothing."""
    contents = read(Input.of_text(change(ENCODED)), subject="certificate")
    assert [element.certificate.der for element in contents.certificates] == [LEAF.der]


def test_a_bundle_of_azure_is_accepted() -> None:
    """PKCS#12 in base64 is accepted with its passphrase."""
    given = Given(bundle=Input.of_text(in_base64(LEAF.pkcs12(WORD))), passphrase=WORD)
    result = assess(given, Criteria(at=NOW))
    assert result.accepted
    assert {"base64", "pkcs12"} <= set(codes(result.findings))


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"\xff\xfe\1\2\3\4" + bytes(40), "UTF-16 text"),
        (b"\xfe\xed\xfe\xed" + bytes(100), "a Java keystore (JKS)"),
        (b"Salted__" + bytes(100), "a file encrypted with openssl enc"),
        (bytes.fromhex("3082010a0282010100") + bytes(256) + b"\2\3\1\0\1", "a public key"),
    ],
    ids=range(4),
)
def test_what_is_of_no_use_is_named(content: bytes, name: str) -> None:
    """The finding names the content, not the base64 around it."""
    contents = read(Input.of_text(in_base64(content)), subject="certificate")
    assert contents.findings[0].message.startswith(f"it is {name}, not a certificate")
    assert "base64" in codes(contents.findings)


def test_encoding_thrice_is_not_undone() -> None:
    """Two layers are decoded, a third one isn't."""
    text = in_base64(in_base64(in_base64(LEAF.der)))
    contents = read(Input.of_text(text), subject="certificate")
    assert contents.certificates == ()
    assert contents.findings[0].fix.endswith("base64 --decode encoded.txt")


def test_a_key_in_base64_is_not_a_certificate() -> None:
    """It is recognized as a private key, and no part of it is quoted."""
    contents = read(Input.of_text(in_base64(LEAF.key_der())), subject="certificate")
    assert codes(contents.findings) == ["private-key-among-certificates", "base64"]


@pytest.mark.skipif(not shutil.which("base64"), reason="the base64 command is not installed")
@pytest.mark.parametrize("change", [str, wrapped])
def test_the_command_decodes_it(tmp_path: Path, change: Callable[[str], str]) -> None:
    """The command in the fix writes the file that the next command reads."""
    (tmp_path / "site.pfx").write_text(change(in_base64(LEAF.der)))
    given = Input((tmp_path / "site.pfx").read_bytes(), "site.pfx")
    findings = {each.code: each for each in read(given, subject="certificate").findings}
    command = findings["base64"].fix.partition(": ")[2]
    subprocess.run(command, shell=True, check=True, cwd=tmp_path)  # noqa: S602 (it is the test)
    assert (tmp_path / "certificate.der").read_bytes() == LEAF.der
    assert "-in certificate.der" in findings["der"].fix


@pytest.mark.skipif(not shutil.which("base64"), reason="the base64 command is not installed")
def test_pkcs12_between_begin_and_end_lines(tmp_path: Path) -> None:
    """``certtool --to-p12`` of GnuTLS writes such files."""
    bundle = LEAF.pkcs12(WORD)
    lines = wrapped(in_base64(bundle), length=64)
    text = (
        f"Generating a PKCS #12 structure...\n-----BEGIN PKCS12-----\n{lines}-----END PKCS12-----\n"
    )
    result = assess(
        Given(bundle=Input(text.encode(), "site.p12"), passphrase=WORD), Criteria(at=NOW)
    )
    assert result.accepted
    finding = only(each for each in result.findings if each.code == "base64")
    (tmp_path / "site.p12").write_text(text)
    command = finding.fix.partition(": ")[2]
    subprocess.run(command, shell=True, check=True, cwd=tmp_path)  # noqa: S602 (it is the test)
    assert (tmp_path / "bundle.p12").read_bytes() == bundle
