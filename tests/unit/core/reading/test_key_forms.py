"""Private keys in the forms that tools write, and unusual kinds of keys."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa, x448, x25519

from server_certificate import pem
from server_certificate.budget import Budget
from server_certificate.der import (
    DerError,
    Value,
    encode,
    first,
    parts,
    whole,
)
from server_certificate.reading.key_forms import UnsupportedKeyError, load
from server_certificate.reading.reader import read_private_key
from support.findings import codes, only
from support.openssl import needs_openssl, openssl, openssl_octets

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

INTEGER, BITS, OCTETS, NULL, OID, SEQUENCE, SET = 2, 3, 4, 5, 6, 0x30, 0x31
CONTEXT_0, CONTEXT_1 = 0xA0, 0xA1

SHORT = ec.derive_private_key(2**240 + 5, ec.SECP256R1())
WORD = "correct horse"
RSA = rsa.generate_private_key(65537, 2048)


def pkcs8(key: PrivateKeyTypes) -> bytes:
    """Write a key in PKCS#8."""
    return _written(key, serialization.PrivateFormat.PKCS8)


def traditional(key: PrivateKeyTypes) -> bytes:
    """Write a key in its traditional form."""
    return _written(key, serialization.PrivateFormat.TraditionalOpenSSL)


def _written(key: PrivateKeyTypes, form: serialization.PrivateFormat) -> bytes:
    return key.private_bytes(serialization.Encoding.DER, form, serialization.NoEncryption())


def fields(octets: bytes) -> list[Value]:
    """Return what a sequence consists of."""
    return parts(whole(octets, SEQUENCE))


def sequence(*values: bytes | Value) -> bytes:
    """Write a sequence."""
    return encode(SEQUENCE, *(v if isinstance(v, bytes) else v.encoded for v in values))


def integer(number: int) -> bytes:
    """Write an integer."""
    return encode(INTEGER, number.to_bytes(number.bit_length() // 8 + 1))


def written(octets: bytes, *, parameters: bytes | None = None) -> tuple[str, bytes]:
    """Load a key, and return how it is written again."""
    _, block = load(octets, Budget(), parameters=parameters)
    return block.label, block.der


SCALAR = fields(traditional(SHORT))[1].content
CURVE = fields(pkcs8(SHORT))[1]
PUBLIC = fields(traditional(SHORT))[3]


def _scalars() -> list[bytes]:
    return [SCALAR.lstrip(b"\0"), b"\0" + SCALAR, bytes(40) + SCALAR]


@pytest.mark.parametrize("scalar", _scalars(), ids=["short", "one more", "forty more"])
def test_scalars_that_are_not_of_full_length(scalar: bytes) -> None:
    """Old OpenSSL and others left zeros out, Java added one: the number is the same."""
    assert SCALAR[:1] == b"\0"
    version, octets = encode(INTEGER, b"\1"), encode(OCTETS, scalar)
    curve = encode(CONTEXT_0, parts(CURVE)[1].encoded)
    for public in (b"", PUBLIC.encoded):
        sec1 = sequence(version, octets, curve, public)
        assert written(sec1) == ("EC PRIVATE KEY", traditional(SHORT))
        inner = encode(OCTETS, sequence(version, octets, public))
        wrapped = sequence(encode(INTEGER, b"\0"), CURVE, inner)
        assert written(wrapped) == ("PRIVATE KEY", pkcs8(SHORT))


def test_curve_in_a_block_of_its_own() -> None:
    """The EC PARAMETERS before a key name its curve, as OpenSSL reads them."""
    version, octets, curve, public = fields(traditional(SHORT))
    bare = sequence(version, octets, public)
    parameters = parts(curve)[0].encoded
    assert written(bare, parameters=parameters) == ("EC PRIVATE KEY", traditional(SHORT))
    with pytest.raises(DerError, match="its curve"):
        load(bare, Budget())


@pytest.mark.parametrize("scalar", [0, 2**300], ids=["zero", "too long"])
def test_numbers_that_are_none_of_the_curve(scalar: int) -> None:
    """Private numbers outside the curve's range are refused."""
    octets = encode(OCTETS, scalar.to_bytes(40))
    inner = encode(OCTETS, sequence(encode(INTEGER, b"\1"), octets))
    with pytest.raises(DerError, match="don't belong to the same key"):
        load(sequence(encode(INTEGER, b"\0"), CURVE, inner), Budget())


def test_another_public_key() -> None:
    """A key with the public half of another key is refused."""
    other = fields(traditional(ec.generate_private_key(ec.SECP256R1())))[3]
    version, octets, curve, _ = fields(traditional(SHORT))
    with pytest.raises(DerError, match="don't belong to the same key"):
        load(sequence(version, octets, curve, other), Budget())


@pytest.mark.parametrize(
    "change",
    [
        lambda content: b"\0\0" + content,
        lambda content: content.lstrip(b"\0"),
    ],
    ids=["padded", "negative"],
)
def test_rsa_numbers_with_another_sign(change: object) -> None:
    """Numbers are positive, even if a tool left the first bit set."""
    version, *numbers = fields(traditional(RSA))
    assert callable(change)
    changed = sequence(version, *(encode(INTEGER, change(each.content)) for each in numbers))
    assert written(changed) == ("RSA PRIVATE KEY", traditional(RSA))


def test_rsa_numbers_that_follow_from_others_may_be_missing() -> None:
    """Numbers that tools set to zero because they only speed up signing are computed."""
    numbers = fields(traditional(RSA))
    assert written(sequence(*numbers[:6], *[integer(0)] * 3))[1] == traditional(RSA)


@pytest.mark.parametrize("index", [1, 3, 4, 5], ids=["n", "d", "p", "q"])
def test_rsa_numbers_that_are_not_each_others(index: int) -> None:
    """A key with one number changed is refused."""
    numbers: list[bytes | Value] = [*fields(traditional(RSA))]
    numbers[index] = integer(int.from_bytes(whole(sequence(numbers[index])).content[4:]) ^ 2)
    with pytest.raises(DerError, match="don't belong to the same key"):
        load(sequence(*numbers), Budget())


def rsa_of(bits: int) -> bytes:
    """Write what has the length of an RSA key, with factors that are not even prime."""
    e, p = 65537, (1 << bits // 2) - 1
    while math.gcd(p - 1, e) != 1:
        p -= 2
    q = (3 << bits - 2) // p | 1
    while math.gcd(q - 1, e) != 1 or math.gcd(p, q) != 1:
        q += 2
    d = pow(e, -1, math.lcm(p - 1, q - 1))
    numbers = (0, p * q, e, d, p, q, d % (p - 1), d % (q - 1), pow(q, -1, p))
    return sequence(*map(integer, numbers))


def test_rsa_keys_beyond_the_limit_are_loaded_or_named() -> None:
    """Slightly too long keys are read, so that a rule can report them; longer ones are not."""
    key, _ = load(rsa_of(16_385), Budget())
    assert isinstance(key, rsa.RSAPrivateKey)
    assert key.key_size == 16_385
    with pytest.raises(UnsupportedKeyError, match="RSA key of 18,000 bits"):
        load(rsa_of(18_000), Budget())


def test_more_than_two_primes() -> None:
    """An RSA key with more than two primes (RFC 8017, version 1) is named as such."""
    _, *numbers = fields(traditional(RSA))
    three = sequence(integer(1), *numbers, sequence(sequence(integer(3), integer(1), integer(1))))
    finding = only(read_private_key(pem.encode("RSA PRIVATE KEY", three))[1])
    assert finding.code == "key-unsupported"
    assert "RSA key with more than two prime factors" in finding.message


def test_what_surrounds_a_key_in_pkcs8() -> None:
    """Attributes, a public key (RFC 5958) and missing parameters don't change what is written."""
    _, algorithm, octets = fields(pkcs8(RSA))
    usage = sequence(encode(OID, b"\x55\x1d\x0f"), encode(SET, encode(BITS, b"\0\x10")))
    attributes = encode(CONTEXT_0, usage)
    bare = sequence(parts(algorithm)[0])
    for content in (
        sequence(integer(0), algorithm, octets, attributes),
        sequence(integer(1), algorithm, octets, attributes, encode(0x81, b"\0anything")),
        sequence(integer(0), bare, octets),
    ):
        assert written(content) == ("PRIVATE KEY", pkcs8(RSA))
    with pytest.raises(DerError):
        load(sequence(integer(0), algorithm, octets, encode(OCTETS, b"more")), Budget())


def test_public_keys_after_keys_of_octets() -> None:
    """Java and Rust write Ed25519 keys with their public halves."""
    key = ed25519.Ed25519PrivateKey.generate()
    _, algorithm, octets = fields(pkcs8(key))
    public = b"\0" + key.public_key().public_bytes_raw()
    wrapped = sequence(integer(1), algorithm, octets, encode(0x81, public))
    assert written(wrapped) == ("PRIVATE KEY", pkcs8(key))
    with pytest.raises(DerError, match="don't belong to the same key"):
        load(sequence(integer(1), algorithm, octets, encode(0x81, public[::-1])), Budget())


@pytest.mark.parametrize(
    ("identifier", "length"),
    [("2b656e", 32), ("2b656f", 56), ("2b6570", 32), ("2b6571", 57)],
)
def test_keys_of_octets_have_one_length(identifier: str, length: int) -> None:
    """A longer or shorter key is damaged; the library would report an internal error."""
    for octets in (0, 1, length - 1, length + 1):
        algorithm = sequence(encode(0x06, bytes.fromhex(identifier)))
        holder = encode(OCTETS, encode(OCTETS, bytes(octets)))
        with pytest.raises(DerError, match="damaged"):
            load(sequence(integer(0), algorithm, holder), Budget())


def test_keys_in_ber() -> None:
    """Lengths may be indefinite, longer than need be, and octet strings in fragments."""
    version, algorithm, octets = fields(pkcs8(RSA))
    half = len(octets.content) // 2
    fragments = encode(OCTETS, octets.content[:half]) + encode(OCTETS, octets.content[half:])
    content = version.encoded + algorithm.encoded + b"\x24\x80" + fragments + b"\0\0"
    assert written(b"\x30\x80" + content + b"\0\0")[1] == pkcs8(RSA)
    length = len(content).to_bytes(4)
    assert written(b"\x30\x84" + length + content)[1] == pkcs8(RSA)
    for rest in (b"", b"\0", b"\0\0\0"):
        with pytest.raises(DerError):
            load(b"\x30\x80" + content + rest, Budget())


@pytest.mark.parametrize(
    "key",
    [
        ec.generate_private_key(ec.SECP256K1()),
        ec.generate_private_key(ec.BrainpoolP256R1()),
        ed25519.Ed25519PrivateKey.generate(),
        x25519.X25519PrivateKey.generate(),
        x448.X448PrivateKey.generate(),
        dsa.generate_private_key(2048),
    ],
    ids=lambda key: type(key).__name__,
)
def test_other_kinds_are_read_and_written_again(key: PrivateKeyTypes) -> None:
    """Keys of other kinds are read; the rules about certificates decide about them."""
    assert written(pkcs8(key)) == ("PRIVATE KEY", pkcs8(key))
    if isinstance(key, dsa.DSAPrivateKey):
        assert written(traditional(key)) == ("DSA PRIVATE KEY", traditional(key))


@pytest.mark.parametrize(
    ("identifier", "name"),
    [
        ("608648016503040312", "an ML-DSA-65 key"),
        ("608648016503040314", "an SLH-DSA key"),
        ("2a864886f70d010301", "a Diffie-Hellman key"),
        ("2b8104010c", "an EC key restricted to ECDH"),
        ("2b06010401827c", "a key of type 1.3.6.1.4.1.380"),
    ],
)
def test_kinds_that_are_not_read_are_named(identifier: str, name: str) -> None:
    """They are not reported as damaged."""
    algorithm = sequence(encode(OID, bytes.fromhex(identifier)))
    content = sequence(integer(0), algorithm, encode(OCTETS, bytes(40)))
    with pytest.raises(UnsupportedKeyError, match=f"^{name}$"):
        load(content, Budget())


def test_long_dsa_keys_are_not_computed() -> None:
    """Long DSA keys are refused without computing the public key, which would take minutes."""
    numbers = sequence(integer((1 << 20_000) + 1), integer((1 << 20_000) - 1), integer(3))
    algorithm = sequence(encode(OID, bytes.fromhex("2a8648ce380401")), numbers)
    content = sequence(integer(0), algorithm, encode(OCTETS, integer((1 << 19_999) + 1)))
    with pytest.raises(UnsupportedKeyError, match="DSA key of 20,001 bits"):
        load(content, Budget())


@needs_openssl
@pytest.mark.parametrize("curve", ["P-256", "P-384", "P-521", "brainpoolP256r1"])
def test_curves_that_are_written_out(curve: str) -> None:
    """Explicit parameters of a named curve are replaced by its name."""
    how = ("-algorithm", "EC", "-pkeyopt", f"ec_paramgen_curve:{curve}")
    text = openssl("genpkey", *how, "-pkeyopt", "ec_param_enc:explicit")
    key, findings = read_private_key(text)
    assert findings == ()
    assert key is not None
    assert len(key.pem) < len(text)
    octets = openssl_octets("pkey", "-pubout", "-outform", "DER", stdin=text)
    named = openssl_octets("pkey", "-pubout", "-outform", "DER", stdin=key.pem)
    assert whole(octets).end > whole(named).end
    assert parts(whole(octets))[1].encoded == parts(whole(named))[1].encoded


@needs_openssl
@pytest.mark.parametrize("curve", ["secp112r1", "SM2"])
def test_curves_that_are_not_known_are_named(curve: str) -> None:
    """An unsupported curve is named by its identifier, or as unnamed."""
    how = ("-algorithm", "EC", "-pkeyopt", f"ec_paramgen_curve:{curve}")
    for encoding in ("named_curve", "explicit"):
        text = openssl("genpkey", *how, "-pkeyopt", f"ec_param_enc:{encoding}")
        finding = only(read_private_key(text)[1])
        assert finding.code == "key-unsupported"
        assert "an EC key on" in finding.message


def test_a_curve_with_another_generator_is_not_a_named_curve() -> None:
    """Parameters that differ from a named curve's in any value are not taken for that curve."""
    numbers = ec.derive_private_key(7, ec.SECP256R1()).public_key().public_numbers()
    point = b"\4" + numbers.x.to_bytes(32) + numbers.y.to_bytes(32)
    modulus = 2**256 - 2**224 + 2**192 + 2**96 - 1
    field = sequence(encode(OID, bytes.fromhex("2a8648ce3d0101")), integer(modulus))
    curve = sequence(encode(OCTETS, bytes(32)), encode(OCTETS, bytes(32)))
    order = integer(0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551)
    written_out = sequence(integer(1), field, curve, encode(OCTETS, point), order)
    algorithm = sequence(parts(CURVE)[0], written_out)
    inner = encode(OCTETS, sequence(integer(1), encode(OCTETS, SCALAR)))
    with pytest.raises(UnsupportedKeyError, match="on an unnamed curve"):
        load(sequence(integer(0), algorithm, inner), Budget())


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x30",
        b"\x30\x00",
        sequence(integer(0), sequence(), encode(OCTETS, b"")),
        sequence(integer(0), sequence(encode(OID, b"\x80")), encode(OCTETS, b"")),
        sequence(integer(1), encode(OCTETS, b"\1"), encode(CONTEXT_1, b"")),
        sequence(*[integer(7)] * 9),
        sequence(*[integer(0)] * 9),
        sequence(*[integer(1)] * 6),
        sequence(integer(0), integer(0), encode(NULL, b"")),
        encode(OCTETS, b"\0"),
        pkcs8(RSA)[:-1],
        pkcs8(RSA) + b"\0",
    ],
    ids=range(13),
)
def test_invalid_keys_raise_nothing_else(content: bytes) -> None:
    """Damage is damage, wherever it is."""
    with pytest.raises((DerError, UnsupportedKeyError)):
        load(content, Budget())


def test_keys_are_recognized_by_their_content() -> None:
    """The content decides about form and encryption of a key, not its label."""
    encrypted = RSA.private_bytes(
        serialization.Encoding.DER,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(WORD.encode()),
    )
    text = pem.encode("PRIVATE KEY", encrypted)
    assert codes(read_private_key(text)[1]) == ["passphrase-missing"]
    key, _ = read_private_key(text, passphrase=WORD)
    assert key is not None
    assert key.pem == pem.encode("PRIVATE KEY", pkcs8(RSA))
    assert first(encrypted).tag == SEQUENCE
