"""Encrypted private keys: every cipher that tools offer, and the findings for unknown ones."""

from __future__ import annotations

import subprocess

import pytest

from dev.certificates import bombs
from dev.certificates.authority import self_signed
from dev.certificates.keys import KeyType
from server_certificate import pem
from server_certificate.der import encode, parts, whole
from server_certificate.reading.decryption.encoded_passphrase import EncodedPassphrase, encodings_of
from server_certificate.reading.reader import read_private_key
from support.findings import codes, only
from support.openssl import needs_openssl, openssl, openssl_octets

EC = self_signed()
RSA = self_signed(key_type=KeyType.RSA)
WORD, OTHER = "correct horse", "battery staple"
PROVIDERS = ("-provider", "legacy", "-provider", "default")


@needs_openssl
@pytest.mark.parametrize(
    "cipher",
    [
        "aes128", "aes192", "aes256", "des3", "des", "des-ede-cbc", "camellia128", "camellia192",
        "camellia256", "seed", "cast5-cbc", "bf-cbc", "sm4-cbc",
    ],
)  # fmt: skip
def test_traditional_encryption(cipher: str) -> None:
    """A key with ``DEK-Info`` is decrypted, and a wrong passphrase is reported."""
    how = (f"-{cipher}", "-passout", f"pass:{WORD}", *PROVIDERS)
    text = openssl("rsa", "-traditional", *how, stdin=RSA.key_pem())
    assert "DEK-Info" in text
    key, findings = read_private_key(text, passphrase=WORD)
    assert codes(findings) == ["private-key-encrypted"]
    assert key is not None
    assert key.pem == RSA.key_pem("pkcs1")
    assert codes(read_private_key(text, passphrase=OTHER)[1]) == ["passphrase-wrong"]


@needs_openssl
@pytest.mark.parametrize(
    ("cipher", "name", "legacy"),
    [("aria-256-cbc", "ARIA-256-CBC", False), ("rc2-cbc", "RC2-CBC", True)],
)
def test_traditional_encryption_that_is_not_known(cipher: str, name: str, *, legacy: bool) -> None:
    """The cipher is named with the command that decrypts it; the passphrase is not blamed."""
    how = (f"-{cipher}", "-passout", f"pass:{WORD}", *PROVIDERS)
    text = openssl("ec", *how, stdin=EC.key_pem())
    finding = only(read_private_key(text, passphrase=WORD)[1])
    assert finding.code == "encryption-unsupported"
    assert f"it is encrypted with {name}" in finding.message
    assert "openssl ec -in encrypted-private-key.pem -out private-key.pem" in finding.fix
    assert ("-provider legacy" in finding.fix) == legacy


@needs_openssl
@pytest.mark.parametrize(
    ("how", "legacy"),
    [
        (("pkcs8", "-topk8", "-v1", "PBE-MD5-DES"), True),
        (("pkcs8", "-topk8", "-v1", "PBE-SHA1-RC2-40"), True),
        (("pkcs8", "-topk8", "-v1", "PBE-SHA1-3DES"), False),
        (("pkcs8", "-topk8", "-v2", "des-cbc"), True),
        (("pkcs8", "-topk8", "-v2", "rc2-cbc"), True),
        (("pkcs8", "-topk8", "-v2", "bf-cbc"), True),
        (("pkcs8", "-topk8", "-v2", "cast5-cbc"), True),
        (("pkcs8", "-topk8", "-v2", "seed-cbc"), True),
        (("pkcs8", "-topk8", "-v2", "des3"), False),
        (("rsa", "-traditional", "-des"), True),
        (("rsa", "-traditional", "-seed"), True),
        (("rsa", "-traditional", "-des3"), False),
    ],
)
def test_commands_name_the_legacy_provider_where_it_is_needed(
    how: tuple[str, ...], *, legacy: bool
) -> None:
    """The fix names the legacy provider if OpenSSL 3 needs it, with or without a passphrase."""
    text = openssl(*how, "-passout", f"pass:{WORD}", *PROVIDERS, stdin=RSA.key_pem())
    for word in (WORD, None):
        fix = only(read_private_key(text, passphrase=word)[1]).fix
        assert ("-provider legacy -provider default" in fix) == legacy
    try:
        openssl("pkey", "-passin", f"pass:{WORD}", stdin=text)
    except subprocess.CalledProcessError:
        assert legacy


@needs_openssl
@pytest.mark.parametrize(
    "how",
    [
        *(
            ("-v2", cipher)
            for cipher in (
                "aes-128-cbc", "aes-256-cbc", "des3", "des-cbc", "camellia-256-cbc", "seed-cbc",
                "sm4-cbc", "aria-128-cbc", "aria-256-cbc", "rc2-cbc", "rc2-40-cbc", "bf-cbc",
                "cast5-cbc",
            )
        ),
        *(("-v2", "aes-256-cbc", "-v2prf", f"hmacWith{prf}") for prf in ("SHA1", "SHA512")),
        ("-scrypt",),
        *(
            ("-v1", scheme)
            for scheme in (
                "PBE-MD5-DES", "PBE-SHA1-DES", "PBE-MD5-RC2-64", "PBE-SHA1-3DES", "PBE-SHA1-2DES",
                "PBE-SHA1-RC2-40", "PBE-SHA1-RC4-128",
            )
        ),
    ],
    ids=" ".join,
)  # fmt: skip
def test_encryption_in_pkcs8(how: tuple[str, ...]) -> None:
    """Every scheme that ``openssl pkcs8`` offers is decrypted."""
    for word in (WORD, "wörd \U0001f511"):
        text = openssl(
            "pkcs8", "-topk8", *how, "-passout", f"pass:{word}", *PROVIDERS, stdin=RSA.key_pem()
        )
        key, findings = read_private_key(text, passphrase=word)
        assert codes(findings) == ["private-key-encrypted"]
        assert key is not None
        assert key.pem == RSA.key_pem()
        assert codes(read_private_key(text, passphrase=OTHER)[1]) == ["passphrase-wrong"]


@pytest.mark.parametrize(
    ("before", "after", "name"),
    [
        ("60864801650304012a", "60864801650304012e", "2.16.840.1.101.3.4.1.46"),
        ("2a864886f70d01050d", "2a864886f70d010510", "1.2.840.113549.1.5.16"),
        ("2a864886f70d01050c", "2a864886f70d010511", "1.2.840.113549.1.5.17"),
        ("2a864886f70d0209", "2a864886f70d0203", "1.2.840.113549.2.3"),
    ],
    ids=["cipher", "scheme", "derivation", "digest"],
)
def test_unknown_encryption_is_named(before: str, after: str, name: str) -> None:
    """The passphrase may be the right one, so it isn't blamed."""
    key = bombs.encrypted_key(EC.key_der(), WORD, 1)
    assert bytes.fromhex(before) in key
    changed = key.replace(bytes.fromhex(before), bytes.fromhex(after))
    finding = only(
        read_private_key(pem.encode("ENCRYPTED PRIVATE KEY", changed), passphrase=WORD)[1]
    )
    assert finding.code == "encryption-unsupported"
    assert name in finding.message


def test_encryption_that_says_too_much_or_too_little() -> None:
    """Parameters are read strictly: what is counted is what is carried out."""
    key = bombs.encrypted_key(EC.key_der(), WORD, 1)
    salt, count, vector = b"\x04\x08" + bytes(8), b"\x02\x01\x01", b"\x04\x10" + bytes(16)
    for before, after in (
        (salt, b"\x0c\x08" + bytes(8)),
        (count, b"\x02\x01\x00"),
        (count, b"\x02\x01\xff"),
        (count, b"\x0a\x01\x01"),
        (vector, b"\x0c\x10" + bytes(16)),
    ):
        text = pem.encode("ENCRYPTED PRIVATE KEY", key.replace(before, after, 1))
        assert codes(read_private_key(text, passphrase=WORD)[1]) == ["unreadable"]


def test_a_short_scalar_within_encryption() -> None:
    """Encrypted keys are read as leniently as unencrypted ones."""
    version, algorithm, holder = parts(whole(EC.key_der()))
    inner, scalar, *rest = parts(whole(holder.content))
    sec1 = encode(
        0x30, inner.encoded, encode(4, b"\0" + scalar.content), *(each.encoded for each in rest)
    )
    odd = encode(0x30, version.encoded, algorithm.encoded, encode(4, sec1))
    text = pem.encode("ENCRYPTED PRIVATE KEY", bombs.encrypted_key(odd, WORD, 1))
    key, _ = read_private_key(text, passphrase=WORD)
    assert key is not None
    assert key.pem == EC.key_pem()


@needs_openssl
def test_large_keys_that_only_openssl_decrypts() -> None:
    """A key so long that OpenSSL takes seconds to check it is refused."""
    how = ("-topk8", "-v2", "aria-256-cbc", "-passout", f"pass:{WORD}", "-outform", "DER")
    encrypted = openssl_octets("pkcs8", *how, stdin=RSA.key_pem())
    algorithm, _ = parts(whole(encrypted))
    long = encode(0x30, algorithm.encoded, encode(4, bytes(4_800)))
    finding = only(read_private_key(pem.encode("ENCRYPTED PRIVATE KEY", long), passphrase=WORD)[1])
    assert "checking a key of this length takes too long" in finding.message


def test_spellings_of_a_passphrase() -> None:
    """ASCII has one; beyond it there are those of UTF-8, of old OpenSSL, and of Windows."""
    assert encodings_of("word") == (EncodedPassphrase(b"word", "word"),)
    assert encodings_of("wörd") == (
        EncodedPassphrase("wörd".encode(), "wörd"),
        EncodedPassphrase("wörd".encode(), "wÃ¶rd"),
        EncodedPassphrase(b"w\xf6rd", "wörd"),
    )
    assert encodings_of("\udcff") == ()
    assert EncodedPassphrase(b"", "").utf16 == b"\0\0"
    assert EncodedPassphrase(b"", None).utf16 == b""
    assert "word" not in repr(encodings_of("word"))
