"""Certificates, keys and texts that repeat one thing as often as fits."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa

from dev.certificates import odd
from dev.certificates.authority import DAY, NOW
from dev.certificates.issuing import authority_builder, sign, subject
from dev.certificates.keys import KeyType, private_key_pem
from dev.certificates.trees import Node, Template, identifier

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes

    from dev.certificates.odd import Change

ATTRIBUTE = odd.attribute("2.5.4.11", Node(0x0C, b"a"))
"""A part of a name."""

DIRECTORY = Node(0xA4, parts=[Node(0x30, parts=[ATTRIBUTE])])
"""A directory name, as it can be among a server's names."""

NAME = "Same"
"""The common name of all namesakes."""

_SERIAL_NUMBER = bytes(range(1, 9))
_RSA, _ECDSA, _DSA = "1.2.840.113549.1.1.11", "1.2.840.10045.4.3.2", "2.16.840.1.101.3.4.3.2"
"""Signatures with SHA-256."""


def names(name: Node, count: int) -> Change:
    """Write a name over and over into the subject alternative name."""
    return odd.content_of(odd.NAMES, Node(0x30, name.encoded() * count).encoded())


def attributes(part: Node, count: int) -> Change:
    """Write a part over and over into the subject."""

    def change(template: Template) -> None:
        template.subject.content, template.subject.parts = part.encoded() * count, []

    return change


def extensions(count: int, *, like: Node | None = None) -> Change:
    """Add many copies of one extension."""
    added = like or Node(0x30, parts=[identifier("1.2.3"), Node(0x04)])
    return lambda template: template.extensions.parts.extend([added] * count)


def namesakes(key: CertificatePublicKeyTypes, count: int) -> str:
    """
    Write authorities of one name and one key, each of which claims to be certified by any of them.

    Args:
        key: The key; no private key is needed, because no signature is valid. Each has to be
            verified to know that.
        count: How many, each with a serial number of its own.

    Returns:
        The certificates in PEM.
    """
    certificate = sign(
        authority_builder(NAME, key).issuer_name(subject(NAME)),
        validity=(NOW - DAY, NOW + 1825 * DAY),
        signer=KeyType.P256.generate(),
        signer_type=KeyType.P256,
    )
    template = Template.of(certificate)
    algorithm, signature = _wrong_signature(key)
    template.algorithm.parts = algorithm.parts
    template.serial_number.content = _SERIAL_NUMBER
    bits = Node(0x03, b"\0" + signature)
    der = Node(0x30, parts=[template.tree, algorithm, bits]).encoded()
    before, _, after = der.partition(_SERIAL_NUMBER)
    first = int.from_bytes(_SERIAL_NUMBER)
    return "".join(
        to_pem("CERTIFICATE", before + number.to_bytes(len(_SERIAL_NUMBER)) + after)
        for number in range(first, first + count)
    )


def _wrong_signature(key: CertificatePublicKeyTypes) -> tuple[Node, bytes]:
    """Return an algorithm and a wrong signature that only the key shows to be wrong."""
    if isinstance(key, rsa.RSAPublicKey):
        return Node(0x30, parts=[identifier(_RSA), Node(0x05)]), b"\1" * (key.key_size // 8)
    if isinstance(key, ec.EllipticCurvePublicKey):
        name, size = _ECDSA, key.key_size // 8
    elif isinstance(key, dsa.DSAPublicKey):
        name, size = _DSA, 32
    else:
        raise TypeError(f"A {type(key).__name__} verifies no such signature.")
    number = Node(0x02, b"\1" * size)
    return Node(0x30, parts=[identifier(name)]), Node(0x30, parts=[number, number]).encoded()


def dsa_public_key(bits: int) -> dsa.DSAPublicKey:
    """Return a DSA public key of any size, without a private key."""
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    parameters = dsa.DSAParameterNumbers(p=(1 << bits - 1) + 1, q=order, g=3)
    return dsa.DSAPublicNumbers(y=(1 << bits - 2) + 1, parameter_numbers=parameters).public_key()


def distinct_keys(count: int) -> str:
    """Write different private keys on P-256 in PEM."""
    keys = (ec.derive_private_key(number, ec.SECP256R1()) for number in range(1, count + 1))
    return "".join(map(private_key_pem, keys))


def long_key(length: int) -> bytes:
    """Write what looks like an RSA key in DER whose eight numbers have this many octets each."""
    return Node(0x30, parts=[Node(0x02, b"\0"), *[Node(0x02, b"\1" * length)] * 8]).encoded()


def to_pem(label: str, der: bytes) -> str:
    """Write any octets in PEM."""
    encoded = base64.b64encode(der).decode("ascii")
    lines = (encoded[start : start + 64] for start in range(0, len(encoded), 64))
    return "\n".join((f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""))
