"""Reading private keys from text."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import dsa, x25519

from dev.certificates.authority import self_signed
from dev.certificates.keys import KeyForm, KeyType
from server_certificate import pem
from server_certificate.findings import Severity
from server_certificate.reading.input_context import MAX_BLOCKS
from server_certificate.reading.reader import read_private_key
from support.findings import codes, only

if TYPE_CHECKING:
    from dev.certificates.authority import Issued
    from server_certificate.material import PrivateKey

EC = self_signed()
RSA = self_signed(key_type=KeyType.RSA)
WORD = "correct horse"
FORMS: tuple[tuple[Issued, KeyForm], ...] = (
    (EC, "pkcs8"),
    (EC, "sec1"),
    (RSA, "pkcs8"),
    (RSA, "pkcs1"),
)


def read(text: str) -> PrivateKey:
    """Read a key without findings."""
    key, findings = read_private_key(text)
    assert findings == ()
    assert key is not None
    return key


@pytest.mark.parametrize("key_type", KeyType)
def test_reads_pkcs8_of_every_kind(key_type: KeyType) -> None:
    """PKCS#8 is read for every kind of key, and written as it was."""
    issued = self_signed(key_type=key_type)
    assert read(issued.key_pem()).pem == issued.key_pem()


def test_reads_pkcs1() -> None:
    """``RSA PRIVATE KEY`` is read and written as it was."""
    assert read(RSA.key_pem("pkcs1")).pem == RSA.key_pem("pkcs1")


def test_reads_sec1() -> None:
    """``EC PRIVATE KEY`` is read and written as it was."""
    assert read(EC.key_pem("sec1")).pem == EC.key_pem("sec1")


@pytest.mark.parametrize(
    ("form", "label", "true_label"),
    [
        ("pkcs8", "RSA PRIVATE KEY", "PRIVATE KEY"),
        ("pkcs1", "PRIVATE KEY", "RSA PRIVATE KEY"),
        ("pkcs1", "EC PRIVATE KEY", "RSA PRIVATE KEY"),
    ],
)
def test_a_wrong_label_is_fixed(form: KeyForm, label: str, true_label: str) -> None:
    """A key with the label of another form gets the correct label, which IAM relies on."""
    text = RSA.key_pem(form).replace(f"{true_label}-----", f"{label}-----")
    key, findings = read_private_key(text)
    assert key is not None
    assert key.pem == RSA.key_pem(form)
    assert only(findings).code == "label"
    assert only(findings).severity is Severity.FIXABLE


def test_parameters_in_front_are_left_out() -> None:
    """The parameters that ``openssl ecparam -genkey`` writes are left out and reported."""
    parameters = pem.encode("EC PARAMETERS", bytes.fromhex("06082a8648ce3d030107"))
    key, findings = read_private_key(parameters + EC.key_pem("sec1"))
    assert key is not None
    assert key.pem == EC.key_pem("sec1")
    assert codes(findings) == ["parameters-block"]


ENCRYPTED = pytest.mark.parametrize(
    ("text", "command"),
    [
        (EC.key_pem(password=WORD), "pkey"),
        (EC.key_pem("sec1", password=WORD), "ec"),
        (RSA.key_pem(password=WORD), "pkey"),
        (RSA.key_pem("pkcs1", password=WORD), "rsa"),
    ],
    ids=["EC PKCS#8", "SEC 1", "RSA PKCS#8", "PKCS#1"],
)


@ENCRYPTED
def test_encrypted_keys_want_a_passphrase(text: str, command: str) -> None:
    """An encrypted key without a passphrase is an error with the command that decrypts it."""
    key, findings = read_private_key(text)
    assert key is None
    assert only(findings).code == "passphrase-missing"
    assert f"openssl {command} -in encrypted-private-key.pem -out" in only(findings).fix


@ENCRYPTED
def test_encrypted_keys_are_opened(text: str, command: str) -> None:
    """An encrypted key is read with its passphrase, and keeps its form."""
    del command
    key, findings = read_private_key(text, passphrase=WORD)
    assert key is not None
    assert key.was_encrypted
    plain = {issued.key_pem(form) for issued, form in FORMS}
    assert key.pem in plain
    assert ("RSA PRIVATE KEY" in text) == ("RSA PRIVATE KEY" in key.pem)
    assert only(findings).code == "private-key-encrypted"
    assert only(findings).severity is Severity.FIXABLE


@ENCRYPTED
def test_a_wrong_passphrase_is_reported(text: str, command: str) -> None:
    """Another passphrase is an error that repeats neither it nor the key."""
    del command
    key, findings = read_private_key(text, passphrase="battery staple")  # noqa: S106 (no secret)
    assert key is None
    assert only(findings).code == "passphrase-wrong"
    assert "battery" not in str(findings)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (EC.key_pem() + RSA.key_pem(), "several-private-keys"),
        (EC.key_pem() * 2, "several-private-keys"),
        (EC.key_pem("openssh"), "wrong-kind"),
        (EC.pem, "wrong-kind"),
        (pem.encode("PRIVATE KEY", b"0\x00"), "unreadable"),
        (EC.key_pem().replace("M", "?", 1), "unreadable"),
        (EC.key_pem().partition("-----END")[0], "unreadable"),
        (EC.key_pem() * (MAX_BLOCKS + 1), "too-many-blocks"),
        ("", "wrong-kind"),
    ],
)
def test_anything_but_one_key_is_refused(text: str, found: str) -> None:
    """Two keys, another format, damage, or no key at all: an error and no key."""
    key, findings = read_private_key(text)
    assert key is None
    assert codes(findings) == [found]


def test_a_certificate_next_to_the_key_is_reported() -> None:
    """A key with a certificate and a certificate without a key are different findings."""
    key, findings = read_private_key(EC.key_pem() + EC.pem)
    assert key is not None
    assert str(only(findings)) == (
        "private-key: there is a certificate next to the private key. Remove it."
    )


def _of_size(size: int) -> str:
    # 64 characters and a line feed hold 48 octets; BEGIN and END lines take 28 and 26.
    return pem.encode("PRIVATE KEY", bytes((size - 54) * 48 // 65))


@pytest.mark.parametrize(("size", "found"), [(16_304, "unreadable"), (16_434, "too-large")])
def test_size_is_limited(size: int, found: str) -> None:
    """A key that is longer than IAM accepts is not even loaded."""
    text = _of_size(size)
    assert len(text) == size
    assert codes(read_private_key(text)[1]) == [found]


@pytest.mark.parametrize(
    "key", [dsa.generate_private_key(2048), x25519.X25519PrivateKey.generate()]
)
def test_other_kinds_of_keys_are_read(
    key: dsa.DSAPrivateKey | x25519.X25519PrivateKey,
) -> None:
    """Keys that no server certificate has are read; comparing with the leaf refuses them."""
    text = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    assert read(text.decode()).public_key_der


def test_a_traditional_key_of_another_kind_keeps_its_label() -> None:
    """A DSA key is not mistaken for an RSA key, although their forms look alike."""
    key = dsa.generate_private_key(2048)
    text = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    ).decode()
    assert read(text).pem == text


def test_shows_nothing_of_the_key() -> None:
    """Neither representation nor text form of a key shows any of it."""
    key = read(EC.key_pem())
    assert repr(key) == str(key) == "PrivateKey(was_encrypted=False)"
    assert repr(key.block) == "Block(label='PRIVATE KEY', problem=None, is_laid_out=True)"
    assert "der" not in repr(dataclasses.replace(key))
