"""PKCS#12, PKCS#7 and JSON bundles, and DER: what they hold, and what opens them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from dev.certificates.authority import NOW, Authority, self_signed, to_pem, to_pkcs7
from server_certificate.assessment import Assessment, Criteria, Given, Input, assess
from server_certificate.findings import Severity
from server_certificate.reading.documents.json_bundle import read_json_bundle, write_json_bundle
from server_certificate.reading.reader import read
from support.certificates import loaded, loaded_chain, public_of
from support.findings import codes, only, places
from support.openssl import needs_openssl, openssl_octets

if TYPE_CHECKING:
    from pathlib import Path

    from dev.certificates.authority import Issued

ROOT = Authority.root("Root")
ISSUER = ROOT.intermediate("Issuer")
LEAF = ISSUER.leaf()
WORD = "correct horse"


def assess_now(bundle: bytes | str, passphrase: str | None = None) -> Assessment:
    """Assess a bundle now."""
    content = bundle.encode() if isinstance(bundle, str) else bundle
    return assess(Given(bundle=Input(content), passphrase=passphrase), Criteria(at=NOW))


@pytest.mark.parametrize("old", [False, True])
def test_pkcs12_is_opened(*, old: bool) -> None:
    """Leaf, chain and key come out of a PKCS#12 bundle, whatever it is encrypted with."""
    result = assess_now(LEAF.pkcs12(WORD, old=old), WORD)
    assert result.accepted
    assert not result.accepted_as_is
    assert codes(result.findings) == ["pkcs12"]
    assert result.public is not None
    assert result.public == public_of(LEAF)
    assert result.private_key is not None
    assert result.private_key.pem == LEAF.key_pem()
    assert result.private_key.was_encrypted


@needs_openssl
@pytest.mark.parametrize(
    "cipher",
    [
        "PBE-SHA1-RC2-40",
        "PBE-SHA1-RC2-128",
        "PBE-SHA1-RC4-40",
        "PBE-SHA1-RC4-128",
        "PBE-SHA1-2DES",
        "PBE-SHA1-3DES",
        "AES-128-CBC",
        "AES-192-CBC",
        "AES-256-CBC",
        "DES-EDE3-CBC",
        "PBE-MD5-DES",
        "ARIA-256-CBC",
        "CAMELLIA-256-CBC",
    ],
)
def test_every_cipher_of_pkcs12_is_known(tmp_path: Path, cipher: str) -> None:
    """Every cipher of OpenSSL is decrypted, with a non-ASCII passphrase."""
    (tmp_path / "in.pem").write_text(LEAF.key_pem() + LEAF.fullchain_pem(root=True))
    source, word = str(tmp_path / "in.pem"), "pass:wörd"
    how = ["-legacy", "-certpbe", cipher, "-keypbe", cipher]
    bundle = openssl_octets("pkcs12", "-export", *how, "-in", source, "-passout", word)
    assert codes(assess_now(bundle, "other").findings) == ["passphrase-wrong"]
    result = assess_now(bundle, "wörd")
    assert result.accepted
    assert result.public is not None
    assert result.public.chain == loaded_chain(LEAF)
    assert result.private_key is not None
    assert result.private_key.pem == LEAF.key_pem()


def test_pkcs12_without_a_chain_lacks_one() -> None:
    """A bundle that holds leaf and key only is like a certificate without a chain."""
    assert codes(assess_now(LEAF.pkcs12(WORD, chain=False), WORD).findings) == [
        "chain-missing",
        "pkcs12",
    ]


@pytest.mark.parametrize("passphrase", [None, ""])
def test_pkcs12_without_encryption_needs_no_passphrase(passphrase: str | None) -> None:
    """A bundle that isn't encrypted needs no passphrase."""
    result = assess_now(LEAF.pkcs12(None), passphrase)
    assert result.accepted
    assert result.private_key is not None
    assert not result.private_key.was_encrypted


@needs_openssl
@pytest.mark.parametrize("passphrase", [None, ""])
def test_pkcs12_under_an_empty_passphrase(tmp_path: Path, passphrase: str | None) -> None:
    """Some tools encrypt with an empty passphrase; it may be left out."""
    source = tmp_path / "bundle.pem"
    source.write_text(LEAF.key_pem() + LEAF.fullchain_pem(root=True))
    bundle = openssl_octets("pkcs12", "-export", "-passout", "pass:", "-in", str(source))
    assert assess_now(bundle, passphrase).accepted


@pytest.mark.parametrize(
    ("passphrase", "code"),
    [
        (None, "passphrase-missing"),
        ("other", "passphrase-wrong"),
        ("\0" + WORD, "passphrase-wrong"),
        ("\udcff", "passphrase-wrong"),
        ("x" * 5000, "passphrase-wrong"),
    ],
)
def test_pkcs12_stays_shut_without_its_passphrase(passphrase: str | None, code: str) -> None:
    """A missing passphrase and a wrong one are different findings, and the only ones."""
    result = assess_now(LEAF.pkcs12(WORD), passphrase)
    assert places(result.findings) == [(code, "bundle")]
    assert result.public is None


def test_damaged_pkcs12_is_reported() -> None:
    """A bundle that is truncated or has more at its end is damaged, not locked."""
    whole = LEAF.pkcs12(WORD)
    for content in (whole[:-1], whole + b"\0"):
        assert codes(assess_now(content, WORD).findings) == ["unreadable"]


def test_unused_passphrase_is_reported() -> None:
    """An unused passphrase is a warning: the file may be the wrong one."""
    parts = Given(
        certificate=Input.of_text(LEAF.pem),
        chain=Input.of_text(LEAF.chain_pem()),
        private_key=Input.of_text(LEAF.key_pem()),
        passphrase=WORD,
    )
    (finding,) = assess(parts, Criteria(at=NOW)).findings
    assert (finding.code, finding.subject) == ("passphrase-unused", "private-key")
    assert finding.severity is Severity.WARNING


@pytest.mark.parametrize("encoding", ["PEM", "DER"])
def test_pkcs7_is_a_chain(encoding: str) -> None:
    """The certificates of a PKCS#7 bundle are a chain in any order."""
    bundle = to_pkcs7(ROOT, ISSUER, encoding="PEM" if encoding == "PEM" else "DER")
    given = Given(certificate=Input.of_text(LEAF.pem), chain=Input(bundle))
    result = assess(given, Criteria(at=NOW))
    assert result.accepted
    assert set(codes(result.findings)) <= {"pkcs7", "chain-order"}
    assert result.public is not None
    assert result.public.chain == loaded_chain(LEAF)


def test_bundle_in_pem_is_taken_apart() -> None:
    """Key and certificates in one text are told apart in any order."""
    result = assess_now(LEAF.chain_pem() + LEAF.key_pem() + LEAF.pem)
    assert result.accepted
    assert result.leaf is not None
    assert result.leaf.subject == "bundle[3]"
    assert [element.subject for element in result.chain] == ["bundle[0]", "bundle[1]"]
    assert codes(result.findings) == ["bundle"]


def test_the_key_tells_which_of_two_leaves() -> None:
    """If two certificates could be the leaf, the one that belongs to the key is."""
    other = ISSUER.leaf("other.example.com")
    result = assess_now(to_pem(other, LEAF) + LEAF.chain_pem() + LEAF.key_pem())
    assert result.leaf is not None
    assert result.leaf.certificate == loaded(LEAF)
    assert ("chain-unrelated", "bundle[0]") in places(result.findings)


def test_bundles_that_lack_or_have_too_much() -> None:
    """A bundle of keys only, and one with two keys, are errors of their own."""
    assert codes(assess_now(LEAF.key_pem()).findings) == ["no-certificate"]
    found = codes(assess_now(LEAF.fullchain_pem() + LEAF.key_pem() + ISSUER.key_pem()).findings)
    assert "several-private-keys" in found


def bundle_of(leaf: Issued, **changes: object) -> str:
    """Write a JSON bundle; None removes a field."""
    text = write_json_bundle(
        certificate=leaf.pem, chain=leaf.chain_pem() or None, private_key=leaf.key_pem()
    )
    fields = {**json.loads(text), **changes}
    return json.dumps({field: value for field, value in fields.items() if value is not None})


@pytest.mark.parametrize("mark", ["", "\ufeff", " \n"])
def test_json_bundle(mark: str) -> None:
    """The JSON that the command stores is a bundle, and its parts are checked separately."""
    result = assess_now(mark + bundle_of(LEAF))
    assert codes(result.findings) == ["bundle"]
    assert result.private_key is not None
    assert result.leaf is not None
    assert result.leaf.subject == "certificate"
    assert result.public is not None
    assert result.public.chain == loaded_chain(LEAF)
    assert set(json.loads(bundle_of(self_signed()))) == {"certificate", "privateKey"}
    assert codes(assess_now(bundle_of(self_signed())).findings) == ["bundle"]


def test_json_bundle_with_a_list_as_chain() -> None:
    """Vault writes a chain as a list of texts; nothing of it is lost."""
    result = assess_now(bundle_of(LEAF, certificateChain=[ISSUER.pem, ROOT.pem]))
    assert codes(result.findings) == ["bundle"]
    assert result.public is not None
    assert result.public.chain == loaded_chain(LEAF)


@pytest.mark.parametrize(
    ("changes", "code", "message"),
    [
        ({"privateKey": ["x"]}, "wrong-kind", "its field 'privateKey' is a list, not a string."),
        ({"certificateChain": ["x", 7]}, "wrong-kind", "'certificateChain' is a list, not"),
        ({"certificate": {"a": "b"}}, "wrong-kind", "'certificate' is an object, not a string."),
        ({"private_key": "x"}, "bundle-field", "'private_key' and 'privateKey'"),
        ({"PrivateKey": "x"}, "bundle-field", "'PrivateKey' and 'privateKey'"),
    ],
    ids=range(5),
)
def test_json_bundle_with_other_fields(changes: dict[str, object], code: str, message: str) -> None:
    """A field that may have been meant as a part is an error, and its value is not quoted."""
    result = assess_now(bundle_of(LEAF, **changes))
    assert not result.accepted
    (finding,) = (
        item for item in result.findings if item.code == code and item.subject == "bundle"
    )
    assert message in finding.message
    assert "BEGIN" not in str(finding)


def test_json_bundle_with_notes() -> None:
    """Fields with unrelated content are allowed next to the parts."""
    result = assess_now(bundle_of(LEAF, issued_by="somebody", serial=7, tags=["a"]))
    assert codes(result.findings) == ["bundle"]


def test_json_bundle_with_a_field_twice() -> None:
    """If a field occurs twice, neither value is used silently."""
    text = bundle_of(LEAF)
    result = assess_now(text[:-1] + ', "privateKey": "x"}')
    assert not result.accepted
    assert any("appears 2 times" in finding.message for finding in result.findings)


@pytest.mark.parametrize("text", ["{}", "{", '{"a": 7}', "[]", '{"a": ' * 100_000])
def test_other_json_is_not_a_bundle(text: str) -> None:
    """JSON without a certificate, invalid JSON and deeply nested JSON are reported as such."""
    assert read_json_bundle(Input.of_text(text)) is None
    assert only(assess_now(text).findings).message.startswith("it is a JSON text, not a bundle")


def test_der_of_another_kind_is_named() -> None:
    """A key in place of a certificate, or the reverse, is recognized by its DER structure."""
    certificate = read(Input(LEAF.key_der()), subject="certificate")
    assert codes(certificate.findings) == ["private-key-among-certificates"]
    key = read(Input(LEAF.der), subject="private-key")
    assert only(key.findings).message == "it is a certificate, not a private key."
    assert key.others == ("a certificate",)


@needs_openssl
@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (("req", "-new", "-key", "/dev/stdin", "-subj", "/CN=x"), "a certificate signing request"),
        (("pkey", "-pubout", "-in", "/dev/stdin"), "a public key"),
    ],
)
def test_der_that_is_of_no_use_is_named(arguments: tuple[str, ...], name: str) -> None:
    """Requests and public keys in DER are called by their names."""
    content = openssl_octets(*arguments, "-outform", "DER", stdin=LEAF.key_pem())
    for subject in ("certificate", "private-key", "bundle"):
        finding = only(read(Input(content), subject=subject).findings)
        assert finding.message.startswith(f"it is {name}, not a")


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"\xfe\xed\xfe\xed\0\0\0\2", "a Java keystore (JKS)"),
        (b"\xce\xce\xce\xce\0\0\0\2", "a Java keystore (JCEKS)"),
        (b"PK\x03\x04rest", "a ZIP archive"),
        (b"\x1f\x8brest", "a gzip archive"),
        (b"%PDF-1.7", "a PDF document"),
        ("\u8a3c\u660e\u66f8".encode("utf-16"), "UTF-16 text"),
        (LEAF.der[:-1], "a certificate in DER that can't be read"),
        (LEAF.der[:100], "a certificate in DER that can't be read"),
        (b"\x00\x01\x02", "binary data"),
    ],
    ids=["JKS", "JCEKS", "ZIP", "gzip", "PDF", "UTF-16", "damaged", "cut short", "zeros"],
)
def test_binary_data_is_named(content: bytes, name: str) -> None:
    """Files that users often provide by mistake are named."""
    finding = only(read(Input(content), subject="certificate").findings)
    assert finding.message.startswith(f"it is {name}")
    assert finding.fix
