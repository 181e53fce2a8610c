"""
Private keys in DER in all formats: PKCS#8 (RFC 5958), PKCS#1 (RFC 8017), SEC 1 (RFC 5915), and DSA.

``cryptography`` only accepts one encoding of each, which differs between versions. So RSA and EC
keys are read from their numbers, like in OpenSSL: EC scalars with any padding, RSA numbers with or
without the byte that keeps them positive, curves with explicit parameters.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa

from server_certificate import pem
from server_certificate.der import (
    BIT_STRING,
    CONTEXT_0,
    CONTEXT_1,
    INTEGER,
    NULL,
    OBJECT_IDENTIFIER,
    OCTET_STRING,
    SEQUENCE,
    DerError,
    Value,
    definite,
    dotted,
    encode,
    magnitude,
    number,
    octets_of,
    parts,
    whole,
)

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

    from server_certificate.budget import Budget

_RSA, _RSA_FOR_PSS = "1.2.840.113549.1.1.1", "1.2.840.113549.1.1.10"
_EC, _DSA = "1.2.840.10045.2.1", "1.2.840.10040.4.1"
_OF_OCTETS = {"1.3.101.110": 32, "1.3.101.111": 56, "1.3.101.112": 32, "1.3.101.113": 57}
"""X25519, X448, Ed25519 and Ed448 (RFC 8410), and the length of the key in bytes."""

_NAMES = {
    "1.2.840.113549.1.3.1": "a Diffie-Hellman key",
    "1.2.840.10046.2.1": "a Diffie-Hellman key",
    "1.2.840.113549.1.1.7": "an RSA key restricted to RSAES-OAEP",
    "1.3.132.1.12": "an EC key restricted to ECDH",
    "1.2.643.2.2.19": "a GOST key",
    "1.2.643.7.1.1.1.1": "a GOST key",
    "1.2.643.7.1.1.1.2": "a GOST key",
    "2.16.840.1.101.3.4.3.17": "an ML-DSA-44 key",
    "2.16.840.1.101.3.4.3.18": "an ML-DSA-65 key",
    "2.16.840.1.101.3.4.3.19": "an ML-DSA-87 key",
    "2.16.840.1.101.3.4.4.1": "an ML-KEM-512 key",
    "2.16.840.1.101.3.4.4.2": "an ML-KEM-768 key",
    "2.16.840.1.101.3.4.4.3": "an ML-KEM-1024 key",
}
_SLH_DSA = "2.16.840.1.101.3.4.3."
"""The prefix of twelve identifiers, 20 to 31."""

_CURVES: tuple[type[ec.EllipticCurve], ...] = (
    ec.SECP192R1,
    ec.SECP224R1,
    ec.SECP256R1,
    ec.SECP256K1,
    ec.SECP384R1,
    ec.SECP521R1,
    ec.BrainpoolP256R1,
    ec.BrainpoolP384R1,
    ec.BrainpoolP512R1,
)
"""Curves over prime fields."""

_USUAL_RSA = re.compile(
    rb"\x30\x82..\x02\x01\0"
    rb"(?:(\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\0\x04\x82)|\x02\x82)",
    re.DOTALL,
)
"""The start of RSA keys in PKCS#8 and PKCS#1: the version, and the algorithm or the modulus."""

_MOST_RSA_BITS = 17_000
"""Somewhat more than IAM accepts, so that longer keys are reported with their size."""

_MOST_DSA_BITS, _MOST_DSA_ORDER_BITS = 4_096, 512
_DSA_IDENTIFIER = bytes.fromhex("2a8648ce380401")

_NOT_TOGETHER = "its numbers don't belong to the same key"
_DAMAGED = "its content is damaged, or isn't what its label says"
_NUMBERS_OF_RSA, _NUMBERS_OF_DSA = 9, 6


class UnsupportedKeyError(ValueError):
    """A key is intact, but of an unsupported type. The message is a noun phrase."""


def load(
    octets: bytes, budget: Budget, *, parameters: bytes | None = None
) -> tuple[PrivateKeyTypes, pem.Block]:
    """
    Load a private key.

    Args:
        octets: The unencrypted key in DER or BER.
        budget: The budget for parsing its values.
        parameters: The content of the ``EC PARAMETERS`` block before it, which names the curve if
            the key doesn't. Default: there is none.

    Returns:
        The key, and its re-encoding in the same format, without attributes and with a named curve.

    Raises:
        BudgetExceededError: The work exceeds the budget.
        DerError: It is not a private key, or is damaged.
        UnsupportedKeyError: The type of key is not supported.
    """
    if (usual := _USUAL_RSA.match(octets)) and (loaded := _loaded_rsa(octets)):
        return loaded, _written(loaded, "PRIVATE KEY" if usual[1] else "RSA PRIVATE KEY")
    value = whole(definite(octets, budget), SEQUENCE)
    fields = parts(value)
    match [field.tag for field in fields]:
        case [0x02, 0x30, 0x04 | 0x24, *_]:
            return _pkcs8(fields)
        case [0x02, 0x04 | 0x24, *_]:
            before = whole(definite(parameters, budget)) if parameters else None
            key: PrivateKeyTypes = _ec(value, otherwise=before)
            return key, _written(key, "EC PRIVATE KEY")
        case [0x02, 0x02, *tags] if len(tags) + 2 == _NUMBERS_OF_DSA and set(tags) == {INTEGER}:
            key = _dsa(fields)
            return key, _written(key, "DSA PRIVATE KEY")
        case [0x02, 0x02, 0x02, *_]:
            key = _rsa(value)
            return key, _written(key, "RSA PRIVATE KEY")
    raise DerError(_DAMAGED)


def _pkcs8(fields: list[Value]) -> tuple[PrivateKeyTypes, pem.Block]:
    _, algorithm, holder, *rest = fields
    public_key = _public_key_of(rest)
    identifier, *parameters = parts(algorithm, OBJECT_IDENTIFIER)
    name, content = dotted(identifier), octets_of(holder)
    if len(parameters) > 1:
        raise DerError(_DAMAGED)
    key: PrivateKeyTypes
    if name in {_RSA, _RSA_FOR_PSS}:
        key = _rsa(whole(content, SEQUENCE))
    elif name == _EC:
        curve = parameters[0] if parameters and parameters[0].tag != NULL else None
        key = _ec(whole(content, SEQUENCE), curve, public_key)
    elif name == _DSA and parameters:
        key = _dsa_of(parts(parameters[0]), whole(content))
    elif name in _OF_OCTETS:
        key = _of_octets(identifier, content, public_key)
    else:
        raise UnsupportedKeyError(_name(name))
    block = _written(key, "PRIVATE KEY")
    if name == _RSA_FOR_PSS:
        # The library doesn't support these private keys, and drops the restriction.
        version, _, octets = parts(whole(block.der))
        der = encode(SEQUENCE, version.encoded, algorithm.encoded, octets.encoded)
        block = pem.Block(block.label, der)
    return key, block


def _public_key_of(fields: list[Value]) -> bytes | None:
    """Return the public key that follows the attributes of a private key in PKCS#8."""
    match [field.tag for field in fields]:
        case [] | [0xA0]:
            return None
        case [0x81] | [0xA0, 0x81]:
            return fields[-1].content[1:]
    raise DerError(_DAMAGED)


def _loaded_rsa(octets: bytes) -> rsa.RSAPrivateKey | None:
    """Load an RSA key with the library; None if it can't, or if the numbers don't match."""
    try:
        key = serialization.load_der_private_key(octets, None, unsafe_skip_rsa_key_validation=True)
    except ValueError:
        return None
    if not isinstance(key, rsa.RSAPrivateKey) or key.key_size > _MOST_RSA_BITS:
        return None
    numbers = key.private_numbers()
    p, q, e = numbers.p, numbers.q, numbers.public_numbers.e
    belong_together = (
        min(p, q) > 1
        and p * q == numbers.public_numbers.n
        and numbers.dmp1 == numbers.d % (p - 1)
        and numbers.dmq1 == numbers.d % (q - 1)
        and e * numbers.dmp1 % (p - 1) == e * numbers.dmq1 % (q - 1) == 1
        and numbers.iqmp * q % p == 1
    )
    return key if belong_together else None


def _rsa(value: Value) -> rsa.RSAPrivateKey:
    """Create a key from its numbers (RFC 8017, A.1.2), without those that can be computed."""
    version, *rest = fields = parts(value, *[INTEGER] * _NUMBERS_OF_RSA)
    if number(version) != 0 or len(fields) != _NUMBERS_OF_RSA:
        raise UnsupportedKeyError("an RSA key with more than two prime factors")
    n, e, d, p, q, _, _, inverse = map(magnitude, rest)
    if n.bit_length() > _MOST_RSA_BITS:
        raise UnsupportedKeyError(f"an RSA key of {n.bit_length():,} bits")
    if min(p, q) <= 1 or p * q != n or (e * d - 1) % (p - 1) or (e * d - 1) % (q - 1):
        raise DerError(_NOT_TOGETHER)
    try:
        if not (0 < inverse < p and inverse * q % p == 1):
            inverse = pow(q, -1, p)
        numbers = rsa.RSAPrivateNumbers(
            p, q, d, d % (p - 1), d % (q - 1), inverse, rsa.RSAPublicNumbers(e, n)
        )
        # The library's own validation takes seconds for the largest key that IAM accepts.
        return numbers.private_key(unsafe_skip_rsa_key_validation=True)
    except ValueError:
        raise DerError(_NOT_TOGETHER) from None


def _ec(
    value: Value,
    curve: Value | None = None,
    public_key: bytes | None = None,
    *,
    otherwise: Value | None = None,
) -> ec.EllipticCurvePrivateKey:
    """Create a key from its scalar (RFC 5915, 3), with any number of leading zeros."""
    _, holder, *rest = parts(value, INTEGER)
    for field in rest:
        match parts(field):
            case [parameters] if field.tag == CONTEXT_0:
                curve = curve or parameters
            case [bits] if field.tag == CONTEXT_1 and bits.tag == BIT_STRING:
                public_key = bits.content[1:]
            case _:
                raise DerError(_DAMAGED)
    curve = curve or otherwise
    if curve is None:
        raise DerError("it doesn't specify its curve")
    scalar = octets_of(holder).lstrip(b"\0")
    if len(scalar) > _LONGEST_SCALAR:
        raise DerError(_NOT_TOGETHER)
    key = _derived(int.from_bytes(scalar), _curve(curve))
    if public_key is not None and public_key not in _points(key):
        raise DerError(_NOT_TOGETHER)
    return key


_LONGEST_SCALAR = 128


def _derived(scalar: int, curve: ec.EllipticCurve) -> ec.EllipticCurvePrivateKey:
    try:
        return ec.derive_private_key(scalar, curve)
    except UnsupportedAlgorithm:
        raise UnsupportedKeyError(f"an EC key on the curve {curve.name}") from None
    except ValueError:
        raise DerError(_NOT_TOGETHER) from None


def _curve(parameters: Value) -> ec.EllipticCurve:
    if parameters.tag == SEQUENCE:
        return _written_out(parameters)
    name = dotted(parameters)
    try:
        return ec.get_curve_for_oid(x509.ObjectIdentifier(name))()
    except LookupError:
        raise UnsupportedKeyError(f"an EC key on the curve {name}") from None


def _written_out(parameters: Value) -> ec.EllipticCurve:
    """
    Find the name of a curve with explicit parameters (SEC 1, C.2).

    The generator must match, and with the given order and field, so must the last multiple of the
    generator. If anything else differs, the public key doesn't match the private key.
    """
    _, field, _, generator, order, *_ = parts(
        parameters, INTEGER, SEQUENCE, SEQUENCE, OCTET_STRING, INTEGER
    )
    modulus = magnitude(parts(field, OBJECT_IDENTIFIER, INTEGER)[1])
    for kind in _CURVES:
        curve = kind()
        if curve.key_size != modulus.bit_length():
            continue
        try:
            first = ec.derive_private_key(1, curve)
            last = ec.derive_private_key(magnitude(order) - 1, curve)
        except (UnsupportedAlgorithm, ValueError):
            continue
        one, other = (key.public_key().public_numbers() for key in (first, last))
        if generator.content in _points(first) and (one.x, one.y + other.y) == (other.x, modulus):
            return curve
    raise UnsupportedKeyError("an EC key on an unnamed curve")


def _points(key: ec.EllipticCurvePrivateKey) -> set[bytes]:
    """Return the encodings of the public key (SEC 1, 2.3.3)."""
    numbers = key.public_key().public_numbers()
    length = (key.curve.key_size + 7) // 8
    x, y = numbers.x.to_bytes(length), numbers.y.to_bytes(length)
    odd = numbers.y & 1
    return {b"\4" + x + y, bytes([2 + odd]) + x, bytes([6 + odd]) + x + y}


def _dsa(fields: list[Value]) -> dsa.DSAPrivateKey:
    """Load a key in OpenSSL's traditional format, which includes the public key."""
    _, *domain, public, x = fields
    key = _dsa_of(domain, x)
    if key.public_key().public_numbers().y != magnitude(public):
        raise DerError(_NOT_TOGETHER)
    return key


def _dsa_of(domain: list[Value], x: Value) -> dsa.DSAPrivateKey:
    """Load a key, and let the library compute the public key, which takes time for a long one."""
    match [magnitude(each) for each in domain]:
        case [p, q, g]:
            pass
        case _:
            raise DerError(_DAMAGED)
    if p.bit_length() > _MOST_DSA_BITS or q.bit_length() > _MOST_DSA_ORDER_BITS:
        raise UnsupportedKeyError(f"a DSA key of {p.bit_length():,} bits")
    if not (1 < q < p and 1 < g < p and 0 < magnitude(x) < q):
        raise DerError(_NOT_TOGETHER)
    numbers = encode(SEQUENCE, *(each.encoded for each in domain))
    algorithm = encode(SEQUENCE, encode(OBJECT_IDENTIFIER, _DSA_IDENTIFIER), numbers)
    key = _of_library(algorithm, x.encoded, f"a DSA key of {p.bit_length():,} bits")
    if not isinstance(key, dsa.DSAPrivateKey):
        raise DerError(_DAMAGED)
    return key


def _of_octets(identifier: Value, content: bytes, public_key: bytes | None) -> PrivateKeyTypes:
    """Load a key that is a byte string (RFC 8410, 7), without its attributes."""
    kind = dotted(identifier)
    if len(octets_of(whole(content, OCTET_STRING))) != _OF_OCTETS[kind]:
        raise DerError(_DAMAGED)
    key = _of_library(encode(SEQUENCE, identifier.encoded), content, f"a key of type {kind}")
    derived = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    if public_key is not None and not derived.endswith(public_key):
        raise DerError(_NOT_TOGETHER)
    return key


def _of_library(algorithm: bytes, content: bytes, name: str) -> PrivateKeyTypes:
    version, holder = encode(INTEGER, b"\0"), encode(OCTET_STRING, content)
    try:
        return serialization.load_der_private_key(
            encode(SEQUENCE, version, algorithm, holder), None
        )
    except UnsupportedAlgorithm:
        raise UnsupportedKeyError(name) from None
    except ValueError:
        raise DerError(_DAMAGED) from None


def _written(key: PrivateKeyTypes, label: str) -> pem.Block:
    form = serialization.PrivateFormat.TraditionalOpenSSL
    if label == "PRIVATE KEY":
        form = serialization.PrivateFormat.PKCS8
    octets = key.private_bytes(serialization.Encoding.DER, form, serialization.NoEncryption())
    return pem.Block(label, octets)


def _name(identifier: str) -> str:
    if identifier in _NAMES:
        return _NAMES[identifier]
    head, _, last = identifier.rpartition(".")
    if f"{head}." == _SLH_DSA and last in map(str, range(20, 32)):
        return "an SLH-DSA key"
    return f"a key of type {identifier}"
