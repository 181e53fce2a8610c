"""Detect the type of DER data by the outline of its first value, to choose a reader."""

from __future__ import annotations

import re
from enum import Enum

from server_certificate.der import (
    GENERALIZED_TIME,
    INTEGER,
    OBJECT_IDENTIFIER,
    SEQUENCE,
    UTC_TIME,
    Value,
    head,
)

_PKCS7_SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
_PKCS7 = _PKCS7_SIGNED_DATA[:-1]
"""The prefix of the object identifiers of PKCS#7 content types (RFC 2315, 14)."""

_CERTIFICATE = re.compile(rb"\x30\x82..\x30\x82..\xa0\x03\x02\x01", re.DOTALL)
_PRIVATE_KEY = re.compile(rb"\x30\x82..\x02\x01[\0\1]\x30.\x06", re.DOTALL)
"""The start of nearly every certificate and every PKCS#8 key."""

_VERSIONS = {b"\0", b"\1"}
_GENERATORS = {b"\2", b"\5"}
"""OpenSSL's generators for Diffie-Hellman parameters; the exponent of an RSA key is larger."""

_TIMES = {UTC_TIME, GENERALIZED_TIME}


class Kind(Enum):
    """The type of a value, by its outline. The values of the members are noun phrases for messages."""

    CERTIFICATE = "a certificate"
    PRIVATE_KEY = "a private key"
    ENCRYPTED_PRIVATE_KEY = "an encrypted private key"
    PKCS7 = "a PKCS#7 bundle"
    PKCS12 = "a PKCS#12 bundle"
    REQUEST = "a certificate signing request"
    REVOCATION_LIST = "a certificate revocation list"
    PUBLIC_KEY = "a public key"
    PARAMETERS = "Diffie-Hellman or DSA parameters"


def kind_of(octets: bytes) -> Kind | None:
    """Return the type of DER data; None if it is unknown or isn't DER."""
    if _CERTIFICATE.match(octets):
        return Kind.CERTIFICATE
    if _PRIVATE_KEY.match(octets):
        return Kind.PRIVATE_KEY
    (outermost,) = head(octets)[:1] or (None,)
    if outermost is None or outermost.tag != SEQUENCE:
        return None
    return _of_outline(_parts(outermost))


def _of_outline(outline: list[Value]) -> Kind | None:
    kind: Kind | None = None
    match [part.tag for part in outline]:
        case [0x06, *_] if outline[0].content == _PKCS7_SIGNED_DATA:
            kind = Kind.PKCS7
        case [0x02, 0x31, 0x30, *_]:
            kind = Kind.PKCS7  # without the enclosing ContentInfo
        case [0x02, 0x30, *_] if _holds_pkcs7(outline[1]):
            kind = Kind.PKCS12
        case [0x02, 0x30, 0x04, *_] | [0x02, 0x04, *_]:
            kind = Kind.PRIVATE_KEY
        case [0x02, 0x02, 0x02, *_]:
            # A key begins with its version, parameters with a prime (RFC 3279, 2.3.2 and 2.3.3).
            has_version = outline[0].content in _VERSIONS
            kind = Kind.PRIVATE_KEY if has_version else Kind.PARAMETERS
        case [0x30, 0x04]:
            kind = Kind.ENCRYPTED_PRIVATE_KEY
        case [0x02, 0x02] | [0x30, 0x03]:
            kind = _public(*outline)
        case [0x30, 0x30, 0x03 | 0x23] | [0x30]:
            # The values after a signed part of indefinite length aren't visible.
            kind = _signed(outline[0])
    return kind


def _public(first: Value, second: Value) -> Kind:
    if first.tag == INTEGER and first.content in _VERSIONS:
        # An RSA private key (RFC 8017, A.1.2) that is truncated within its modulus.
        return Kind.PRIVATE_KEY
    return Kind.PARAMETERS if second.content in _GENERATORS else Kind.PUBLIC_KEY


def _signed(content: Value) -> Kind | None:
    tags = [part.tag for part in _parts(content)]
    match tags:
        case [0xA0, 0x02, *_] | [0x02, 0x30, 0x30, 0x30, 0x30, *_]:
            return Kind.CERTIFICATE
        case [0x02, 0x30, 0x30, *_] if not _TIMES.intersection(tags):
            return Kind.REQUEST
        case [0x30, 0x30, *_] | [0x02, 0x30, 0x30, *_] if _TIMES.intersection(tags):
            return Kind.REVOCATION_LIST
    return None


def _holds_pkcs7(value: Value) -> bool:
    (inner, *_) = _parts(value) or (None,)
    return inner is not None and inner.tag == OBJECT_IDENTIFIER and inner.content.startswith(_PKCS7)


def _parts(value: Value) -> list[Value]:
    return head(value.octets, value.start, value.end)
