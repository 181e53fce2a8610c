"""``inspect``: the format and content of files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from dev.certificates import floods
from dev.certificates.authority import NOW, Fault, self_signed, to_pkcs7
from dev.certificates.forms import PASSPHRASE
from server_certificate import budget
from support.command import run, write_parts

if TYPE_CHECKING:
    from pathlib import Path

    from dev.certificates.authority import Authority, Issued


def test_everything_in_a_bundle_is_shown(here: Path, leaf: Issued) -> None:
    """Each certificate is described in full, and the private key only by its type."""
    (here / "www.p12").write_bytes(leaf.pkcs12(None))
    ended = run("inspect", "www.p12")
    assert ended.code == 0
    assert ended.lines[:7] == [
        "www.p12: a PKCS#12 bundle",
        "",
        "www.example.com  (file[0])",
        "subject        CN=www.example.com",
        "issuer         CN=Example Intermediate",
        f"serial number  {_pairs(leaf.certificate.serial_number)}",
        "valid from     2030-06-14T12:00:00Z",
    ]
    assert "issuer         CN=Example Root (itself)" in ended.lines
    assert "private key  EC P-256" in ended.lines
    assert "Accepted" not in ended.out


def _pairs(number: int) -> str:
    return number.to_bytes((number.bit_length() + 7) // 8).hex(":").upper()


@pytest.mark.parametrize("encoding", ["DER", "PEM"])
def test_kind_is_said(here: Path, leaf: Issued, encoding: str) -> None:
    """The format of the file or its blocks is shown."""
    content = to_pkcs7(leaf, *leaf.chain(), encoding="DER" if encoding == "DER" else "PEM")
    (here / "chain.p7b").write_bytes(content)
    ended = run("inspect", "chain.p7b", "--json")
    assert ended.code == 0
    assert "PKCS#7" in ended.target["kind"] or ended.target["kind"] == "PEM"
    assert len(ended.target["certificates"]) == 3


def test_json_has_the_same_in_it(good: Path, leaf: Issued) -> None:
    """In JSON, one file is one object, and certificates have positions."""
    ended = run("inspect", good / "certificate-chain.pem", "--json")
    assert list(ended.target) == [
        "target", "kind", "certificates", "private_keys", "others", "findings", "unreadable",
    ]  # fmt: skip
    assert [one["place"] for one in ended.target["certificates"]] == ["file[0]", "file[1]"]
    assert ended.target["certificates"][0]["subject"] == leaf.certificate.issuer.rfc4514_string()


def test_keys_are_described_by_kind(good: Path) -> None:
    """A private key is described by its algorithm and size."""
    ended = run("inspect", good / "private-key.pem", "--json")
    assert ended.code == 0
    assert ended.target["private_keys"] == [
        {"algorithm": "EC P-256", "size": 256, "encrypted": False, "belongs_to": []}
    ]
    assert "belongs to" not in run("inspect", good / "private-key.pem").out


def test_key_and_certificate_are_compared(
    here: Path, good: Path, leaf: Issued, authority: Authority
) -> None:
    """The report says which certificate a key belongs to, in the same file or another one."""
    (here / "other.key").write_text(authority.leaf("www.example.com").key_pem())
    words = ("inspect", good / "certificate.pem", good / "private-key.pem", "other.key")
    ended = run(*words)
    file = str(good / "certificate.pem")
    rows = [line for line in ended.lines if line.startswith("belongs to")]
    assert [" ".join(row.split()) for row in rows] == [
        f"belongs to www.example.com ({file})",
        "belongs to (none of these certificates)",
    ]
    _, own, other = run(*words, "--json").json["targets"]
    assert own["private_keys"][0]["belongs_to"] == [{"target": file, "place": "file"}]
    assert other["private_keys"][0]["belongs_to"] == []
    (here / "www.pfx").write_bytes(leaf.pkcs12(None))
    (key,) = run("inspect", "www.pfx", "--json").target["private_keys"]
    assert key["belongs_to"] == [{"target": "www.pfx", "place": "file[0]"}]


def test_usages_and_identifiers(here: Path, leaf: Issued) -> None:
    """The usages of a certificate, and the identifiers that join it to its issuer, are shown."""
    key = leaf.certificate.public_key()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "www.example.com")])
    builder = x509.CertificateBuilder(name, name, key, 1, NOW, NOW)
    for extension in (
        x509.KeyUsage(True, False, True, False, False, False, False, False, False),  # noqa: FBT003
        x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, x509.ObjectIdentifier("1.3.9")]),
        x509.SubjectKeyIdentifier(b"\x01\xab"),
        x509.AuthorityKeyIdentifier(b"\x02\xcd", None, None),
    ):
        builder = builder.add_extension(extension, critical=False)
    made = builder.sign(leaf.private_key, hashes.SHA256())
    (here / "www.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (certificate,) = run("inspect", "www.pem", "--json").target["certificates"]
    usages = {
        "key_usage": ["digitalSignature", "keyEncipherment"],
        "extended_key_usage": ["serverAuth", "1.3.9"],
        "subject_key_identifier": "01:AB",
        "authority_key_identifier": "02:CD",
    }
    assert certificate | usages == certificate
    rows = [" ".join(line.split()) for line in run("inspect", "www.pem").lines]
    assert rows[-4:] == [
        "key usage digitalSignature, keyEncipherment",
        "purposes serverAuth, 1.3.9",
        "key id 01:AB",
        "issuer key id 02:CD",
    ]


def test_certificate_without_usages(here: Path, authority: Authority) -> None:
    """A certificate without these extensions has no rows about them, and null in JSON."""
    old = authority.leaf("www.example.com", fault=Fault.VERSION_1)
    (here / "old.pem").write_text(old.pem)
    (certificate,) = run("inspect", "old.pem", "--json").target["certificates"]
    assert certificate["key_usage"] is certificate["extended_key_usage"] is None
    assert certificate["subject_key_identifier"] is certificate["authority_key_identifier"] is None
    assert "key id" not in run("inspect", "old.pem").out


def test_encrypted_content_needs_its_passphrase(here: Path, leaf: Issued) -> None:
    """Without the passphrase, a finding says so; with it, everything is read."""
    (here / "www.p12").write_bytes(leaf.pkcs12(PASSPHRASE))
    closed = run("inspect", "www.p12")
    assert closed.code == 1
    assert "✗ error passphrase-missing:" in closed.out
    opened = run("inspect", "www.p12", "--passphrase-env", "P", env={"P": PASSPHRASE})
    assert opened.code == 0
    assert "private key  EC P-256, encrypted" in opened.lines


def test_bundle_of_json_is_taken_apart(here: Path, leaf: Issued) -> None:
    """The fields of a JSON bundle are read."""
    parts = {
        "certificate": leaf.pem,
        "certificateChain": leaf.chain_pem(),
        "privateKey": leaf.key_pem(),
    }
    (here / "secret.json").write_text(json.dumps(parts))
    ended = run("inspect", "secret.json")
    assert ended.code == 0
    assert ended.lines[0] == "secret.json: a bundle in JSON"
    assert "Example Intermediate  (chain[0])" in ended.lines
    assert "private key  EC P-256" in ended.lines


def test_something_else_is_named(here: Path) -> None:
    """A file without certificates and keys is described, and results in exit code 1."""
    (here / "page.html").write_text("<!DOCTYPE html><title>Sign in</title>")
    ended = run("inspect", "page.html")
    assert ended.code == 1
    assert "error wrong-kind:" in ended.out


def test_several_files_follow_each_other(here: Path, leaf: Issued) -> None:
    """Several files are reported in order, and an unreadable file determines the exit code."""
    write_parts(here, leaf)
    ended = run("inspect", "certificate.pem", "missing.pem")
    assert ended.code == 2
    assert ended.lines[0] == "certificate.pem: PEM"
    assert ended.lines[-1].startswith("✗ 'missing.pem': it does not exist")
    files = run("inspect", "certificate.pem", "missing.pem", "--json").json["targets"]
    assert [one["target"] for one in files] == ["certificate.pem", "missing.pem"]
    assert files[1]["unreadable"].startswith("'missing.pem': it does not exist")


def test_unreadable_file_ends_in_a_sentence() -> None:
    """A single unreadable file is reported on standard error."""
    ended = run("inspect", "missing.pem")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("Error: 'missing.pem': it does not exist")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "Missing argument 'FILE...'"),
        (["-", "-"], "Standard input ('-') can only be used once."),
        (["-", "--passphrase-file", "-"], "Standard input ('-') can only be used once."),
    ],
)
def test_wrong_usage_is_told(words: list[str], told: str) -> None:
    """Missing arguments, and standard input used twice, are errors."""
    ended = run("inspect", *words)
    assert (ended.code, ended.out) == (2, "")
    assert told in ended.err


def test_standard_input_can_be_inspected(leaf: Issued) -> None:
    """Standard input is named '-'."""
    ended = run("inspect", "-", stdin=leaf.pem.encode())
    assert ended.code == 0
    assert ended.lines[0] == "-: PEM"


def test_fields_that_differ_are_told(tmp_path: Path, leaf: Issued) -> None:
    """Two spellings of a field are both reported."""
    bundle = tmp_path / "www.json"
    fields = {"certificate": leaf.pem, "privateKey": leaf.key_pem(), "private_key": "x"}
    bundle.write_text(json.dumps(fields), encoding="utf-8")
    ended = run("inspect", bundle)
    assert "bundle-field: it has the fields 'private_key' and 'privateKey'" in ended.out
    assert leaf.key_pem().splitlines()[1] not in ended.out


def test_what_is_not_verified_is_said(
    here: Path, leaf: Issued, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All files share one budget, after which signatures are not verified."""
    monkeypatch.setattr(budget, "MAX_VERIFICATIONS", 1)
    for name in ("one.pem", "two.pem"):
        (here / name).write_text(self_signed(f"{name}.example.com").pem)
    (here / "three.pem").write_text(leaf.pem)
    ended = run("inspect", "one.pem", "two.pem", "three.pem", "--json")
    output = [one["certificates"][0]["self_signed"] for one in ended.json["targets"]]
    assert output == [True, None, False]
    lines = run("inspect", "one.pem", "two.pem").lines
    assert "issuer         CN=one.pem.example.com (itself)" in lines
    assert "issuer         CN=two.pem.example.com (itself, not verified)" in lines


def test_many_certificates_are_shown_in_part(here: Path, leaf: Issued) -> None:
    """The text report shows at most a hundred items, and JSON shows all."""
    (here / "many.pem").write_text(leaf.pem * 103)
    ended = run("inspect", "many.pem")
    assert sum(line.startswith("subject  ") for line in ended.lines) == 100
    assert "3 more certificates; use --json to list them all" in ended.lines
    assert len(run("inspect", "many.pem", "--json").target["certificates"]) == 103


def test_many_blocks_are_told_in_part(here: Path) -> None:
    """Repeated findings are summarized."""
    (here / "many.pem").write_text(floods.to_pem("CERTIFICATE REQUEST", b"\x30\0") * 103)
    ended = run("inspect", "many.pem")
    assert ended.lines.count("a certificate signing request") == 100
    assert "3 more items that are not read; use --json to list them all" in ended.lines
    assert sum("wrong-kind" in line for line in ended.lines) == 11
    assert "✗ error wrong-kind: 93 more findings like this are not shown." in ended.lines
    assert len(run("inspect", "many.pem", "--json").target["others"]) == 103
