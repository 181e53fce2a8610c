"""PKCS#12 bundles: their integrity, and that nothing in them is dropped silently."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from dev.certificates import bombs
from dev.certificates.authority import NOW, Authority
from server_certificate.assessment import Assessment, Criteria, Given, Input, assess
from server_certificate.findings import Severity
from support import bundles
from support.certificates import loaded
from support.findings import codes
from support.openssl import needs_openssl, openssl_octets

if TYPE_CHECKING:
    from pathlib import Path

    from server_certificate.findings import Finding

LEAF = Authority.root().leaf()
WORD = "correct horse"
CERTIFICATES = bundles.certificates(LEAF.der, *LEAF.chain_der())
OPEN = bundles.safe(*CERTIFICATES, bundles.key(LEAF.key_der()))
LOCKED = bundles.safe(*CERTIFICATES, bundles.shrouded_key(LEAF.key_der(), WORD))
SEALED = bundles.encrypted_safe(*CERTIFICATES, bundles.key(LEAF.key_der()), word=WORD)


def assess_now(bundle: bytes, passphrase: str | None = WORD, **acknowledged: str) -> Assessment:
    """Assess a bundle now."""
    given = Given(bundle=Input(bundle), passphrase=passphrase)
    return assess(given, Criteria(at=NOW, acknowledged=frozenset(acknowledged.values())))


def found(assessment: Assessment, code: str) -> Finding:
    """Return the one finding of a rule."""
    (finding,) = (each for each in assessment.findings if each.code == code)
    return finding


@pytest.mark.parametrize("content", [OPEN, LOCKED, SEALED], ids=["open", "locked", "sealed"])
def test_a_valid_mac_protects_the_whole_bundle(content: bytes) -> None:
    """A bundle with a valid MAC is accepted, whether its safes are encrypted or not."""
    result = assess_now(bundles.bundle(content, word=WORD))
    assert codes(result.findings) == ["pkcs12"]
    assert result.private_key is not None
    assert result.private_key.was_encrypted
    assert result.leaf is not None
    assert result.leaf.certificate == loaded(LEAF)


def _with_other_certificate(content: bytes) -> bytes:
    return content.replace(LEAF.der, LEAF.der[:-1] + bytes([LEAF.der[-1] ^ 1]))


def _flipped_at_the_end(content: bytes) -> bytes:
    return content[:-20] + bytes([content[-20] ^ 1]) + content[-19:]


def test_what_was_changed_behind_the_mac_is_refused() -> None:
    """The passphrase still opens the key, but the MAC shows that the bundle was changed."""
    result = assess_now(bundles.bundle(LOCKED, word=WORD, change=_with_other_certificate))
    assert codes(result.findings) == ["bundle-changed"]
    assert not result.accepted
    assert result.public is None


def test_one_changed_bit_is_enough() -> None:
    """A changed bit is reported even if it damages one encrypted safe and the other still opens."""
    result = assess_now(bundles.bundle(LOCKED, SEALED, word=WORD, change=_flipped_at_the_end))
    assert codes(result.findings) == ["bundle-changed"]


@pytest.mark.parametrize(
    ("passphrase", "code"),
    [(None, "passphrase-missing"), ("", "passphrase-wrong"), ("other", "passphrase-wrong")],
)
def test_a_mac_of_another_passphrase(passphrase: str | None, code: str) -> None:
    """A bundle isn't accepted if its MAC can't be verified, even if it isn't encrypted."""
    for content in (OPEN, LOCKED):
        result = assess_now(bundles.bundle(content, word=WORD), passphrase)
        assert codes(result.findings) == [code]


@pytest.mark.parametrize("word", [None, ""], ids=["no MAC", "MAC of nothing"])
def test_an_unprotected_key_is_refused(word: str | None) -> None:
    """Without a passphrase, anyone could have replaced the key in the bundle."""
    result = assess_now(bundles.bundle(OPEN, word=word))
    assert not result.accepted
    finding = found(result, "bundle-not-encrypted")
    assert finding.severity is Severity.ERROR
    assert ("it has no MAC" in finding.message) == (word is None)
    assert assess_now(bundles.bundle(OPEN, word=word), code="bundle-not-encrypted").accepted
    assert codes(assess_now(bundles.bundle(OPEN, word=word), None).findings) == ["pkcs12"]


@pytest.mark.parametrize("content", [LOCKED, SEALED], ids=["locked", "sealed"])
def test_an_encrypted_key_needs_no_mac(content: bytes) -> None:
    """A bundle without a MAC is accepted if its key is encrypted with the passphrase."""
    assert codes(assess_now(bundles.bundle(content)).findings) == ["pkcs12"]


def test_an_open_key_next_to_something_encrypted_is_refused() -> None:
    """That certificates are encrypted says nothing about the key."""
    content = bundles.encrypted_safe(*CERTIFICATES, word=WORD)
    result = assess_now(bundles.bundle(content, bundles.safe(bundles.key(LEAF.key_der()))))
    assert codes(result.findings) == ["bundle-not-encrypted", "pkcs12"]


@pytest.mark.parametrize(
    "after",
    [b"\0\0", b"\0\0" + b"anything", b"\x1f\x01\x00", b"\x05\x80", b"\x30\x00", b"\x04\x05"],
)
def test_every_octet_belongs_to_a_value(after: bytes) -> None:
    """Octets after the end of contents, or that are not a value, make the bundle unreadable."""
    inner = bundles.safe(*CERTIFICATES, bundles.key(LEAF.key_der()), after)
    assert codes(assess_now(bundles.bundle(OPEN, after=after), None).findings) == ["unreadable"]
    assert codes(assess_now(bundles.bundle(inner), None).findings) == ["unreadable"]
    assert codes(assess_now(bundles.bundle(OPEN, word="") + after, None).findings) == ["unreadable"]


@pytest.mark.parametrize(
    ("bag", "name"),
    [
        (bundles.bag(4, b"\x30\x00"), "a certificate revocation list"),
        (bundles.bag(5, b"\x30\x00"), "a secret"),
        (bundles.bag(9, b"\x05\x00"), "a bag of the unknown type 1.2.840.113549.1.12.10.1.9"),
        (
            bundles.bag(3, bytes.fromhex("3010060a2a864886f70d01091602a0020400")),
            "a certificate that is not an X.509 certificate",
        ),
    ],
    ids=["CRL", "secret", "unknown", "SDSI"],
)
def test_what_is_left_out_is_named(bag: bytes, name: str) -> None:
    """Bags of other kinds prevent nothing, and each is reported."""
    nested = bundles.bag(6, bombs.sequence(bag))
    for content in (bag, nested):
        result = assess_now(bundles.bundle(OPEN, bundles.safe(content), word=WORD))
        assert result.accepted
        assert name in found(result, "extra-block").message


def test_a_bundle_without_certificates_says_what_it_holds() -> None:
    """A bundle without usable content is an error with the reason."""
    result = assess_now(bundles.bundle(bundles.safe(bundles.bag(5, b"\x30\x00"))), None)
    finding = found(result, "no-certificate")
    assert "it is a PKCS#12 bundle that contains a secret, but no certificate" in finding.message


def test_a_bundle_without_a_key_says_so() -> None:
    """Certificates alone can't be uploaded, unless the key is given separately."""
    content = bundles.bundle(bundles.safe(*CERTIFICATES))
    assert "no-private-key" in codes(assess_now(content, None).findings)
    given = Given(bundle=Input(content), private_key=Input.of_text(LEAF.key_pem()))
    assert assess(given, Criteria(at=NOW)).accepted


def test_bundles_in_ber() -> None:
    """Lengths may be indefinite, and octet strings in fragments, as Windows and Java write them."""
    content = bombs.sequence(OPEN)
    fragments = b"".join(
        b"\x04" + bytes([len(part)]) + part
        for part in (content[start : start + 100] for start in range(0, len(content), 100))
    )
    data = bytes.fromhex("06092a864886f70d010701")
    mac = bundles.mac_of(content, WORD)
    octets = b"\x24\x80" + fragments + b"\0\0"
    info = b"\x30\x80" + data + b"\xa0\x80" + octets + b"\0\0" + b"\0\0"
    bundle = b"\x30\x80\x02\x01\x03" + info + mac + b"\0\0"
    assert codes(assess_now(bundle).findings) == ["pkcs12"]


MACS = ["sha1", "sha256", "sha512", "sha3-256"]


@needs_openssl
@pytest.mark.parametrize("digest", MACS)
def test_macs_that_openssl_makes(tmp_path: Path, digest: str) -> None:
    """MACs are verified for every digest, and for passphrases beyond ASCII and 16 bits."""
    word = "wörd-\U0001f511"
    (tmp_path / "in.pem").write_text(LEAF.key_pem() + LEAF.fullchain_pem(root=True))
    how = ["-macalg", digest, "-in", str(tmp_path / "in.pem"), "-passout", f"pass:{word}"]
    bundle = openssl_octets("pkcs12", "-export", *how)
    assert codes(assess_now(bundle, word).findings) == ["pkcs12"]
    assert codes(assess_now(bundle, word[:-1]).findings) == ["passphrase-wrong"]


def test_pbmac1() -> None:
    """The MAC of RFC 9579 is verified, too."""
    bundle = bundles.with_pbmac1(bundles.bundle(OPEN), WORD)
    assert codes(assess_now(bundle).findings) == ["pkcs12"]
    assert codes(assess_now(bundle, "other").findings) == ["passphrase-wrong"]


@pytest.mark.parametrize(
    ("length", "kind", "found"),
    [
        (20, "2a864886f70d01050c", "pkcs12"),
        (256, "2a864886f70d01050c", "pkcs12"),
        (256, "2a864886f70d01050d", "pkcs12"),
        (19, "2a864886f70d01050c", "unreadable"),
        (1025, "2a864886f70d01050c", "unreadable"),
    ],
)
def test_pbmac1_of_bouncy_castle(length: int, kind: str, found: str) -> None:
    """Bouncy Castle's 256-octet keys and its PBES2 identifier are accepted; 19 octets are too few."""
    bundle = bundles.with_pbmac1(bundles.bundle(OPEN), WORD, length=length, kind=kind)
    assert codes(assess_now(bundle).findings) == [found]


def test_an_unknown_mac_is_named() -> None:
    """A MAC that can't be verified is neither trusted nor blamed on the passphrase."""
    bundle = bundles.bundle(OPEN, word=WORD)
    sha256, shake = (bytes.fromhex(f"06096086480165030402{end}") for end in ("01", "0b"))
    finding = found(assess_now(bundle.replace(sha256, shake)), "encryption-unsupported")
    assert "a MAC with 2.16.840.1.101.3.4.2.11" in finding.message


@pytest.mark.parametrize("kind", ["2a864886f70d010702", "2a864886f70d010703"])
def test_protection_by_public_keys_is_named(kind: str) -> None:
    """Signed and enveloped safes are for other keys than passphrases."""
    data, other = bytes.fromhex("06092a864886f70d010701"), bytes.fromhex(f"0609{kind}")
    finding = found(
        assess_now(bundles.bundle(OPEN).replace(data, other, 1)), "encryption-unsupported"
    )
    assert "a public key" in finding.message


@needs_openssl
@pytest.mark.parametrize("word", ["wörd", ""])
def test_what_only_openssl_decrypts_is_not_dropped(tmp_path: Path, word: str) -> None:
    """Unknown content in a safe in 40-bit RC2, as Windows writes it, is reported."""
    (tmp_path / "in.pem").write_text(LEAF.key_pem() + LEAF.fullchain_pem(root=True))
    how = ["-legacy", "-certpbe", "PBE-SHA1-RC2-40", "-keypbe", "PBE-SHA1-3DES"]
    names = ["-name", "A friendly name, as long as people write them", "-caname", "Issuer"]
    source = ["-in", str(tmp_path / "in.pem"), "-passout", f"pass:{word}"]
    bundle = openssl_octets("pkcs12", "-export", *how, *names, *source)
    result = assess_now(bundle, word)
    assert codes(result.findings) == ["pkcs12"]
    assert len(result.chain) == len(LEAF.chain())
    more = bundles.bag(5, bytes.fromhex("3082019d06032a0304a08201940482 0190") + bytes(400))
    safe = bundles.rc2_safe(*CERTIFICATES, more, word=word)
    result = assess_now(bundles.bundle(OPEN, safe, word=word), word)
    assert "unknown content encrypted with RC2-40-CBC" in found(result, "extra-block").message
    assert result.accepted


@needs_openssl
def test_openssl_derives_nothing_that_is_not_counted() -> None:
    """A key within what only OpenSSL decrypts is not opened: it may ask for any work."""
    bags = [bombs.locked_bag(2**31 - 1), *CERTIFICATES]
    for content in (bags, [bundles.bag(6, bombs.sequence(*bags))]):
        result = assess_now(bundles.bundle(bundles.rc2_safe(*content, word=WORD)))
        assert "extra-block" in codes(result.findings)
        assert result.private_key is None


@pytest.mark.parametrize("spelling", ["utf-8", "cp1252"])
def test_spellings_of_a_passphrase(spelling: str) -> None:
    """Octets are what a terminal sends; OpenSSL 1.0 took each octet of UTF-8 for a character."""
    word = "pässwörd €"
    octets = word.encode(spelling)
    key = bundles.shrouded_key(LEAF.key_der(), octets)
    content = bundles.safe(*CERTIFICATES, key)
    bundle = bundles.bundle(content, word=octets.decode("latin-1"))
    assert codes(assess_now(bundle, word).findings) == ["pkcs12"]
    assert codes(assess_now(bundles.bundle(content), word).findings) == ["pkcs12"]
