"""From one PEM block to a certificate or a key."""

from __future__ import annotations

import warnings
from dataclasses import replace
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from server_certificate.material import PrivateKey

if TYPE_CHECKING:
    from server_certificate.pem import Block

_INTEGER, _OCTET_STRING, _SEQUENCE = 0x02, 0x04, 0x30

_LONG_FORM = 0x80
"""First length octet of a DER value whose length takes more than one (X.690, 8.1.3.5)."""

_TRADITIONAL_VERSION = {_INTEGER: "RSA PRIVATE KEY", _OCTET_STRING: "EC PRIVATE KEY"}


class UnreadableError(ValueError):
    """A block does not hold what its label says; the message says why, and quotes nothing."""


def load_certificate(block: Block) -> x509.Certificate:
    """
    Load a certificate, and everything of it that the rules look at, so that they cannot fail.

    Raises:
        UnreadableError: It is no certificate, or has a public key of an unknown kind.
    """
    encoded = block.der
    if block.label == "TRUSTED CERTIFICATE":
        # `openssl x509 -trustout` appends trust settings to the certificate: a second DER value.
        encoded = encoded[: _header_length(encoded) + _content_length(encoded)]
    with warnings.catch_warnings():
        # Oddities such as a negative serial number, which IAM does not mind.
        warnings.simplefilter("ignore")
        try:
            certificate = x509.load_der_x509_certificate(encoded)
            _ = certificate.subject, certificate.issuer
            _ = certificate.not_valid_before_utc, certificate.not_valid_after_utc
        except (ValueError, TypeError, x509.InvalidVersion) as err:
            raise UnreadableError(_damage(encoded)) from err
        try:
            certificate.public_key()
        except (ValueError, TypeError, UnsupportedAlgorithm) as err:
            raise UnreadableError("its public key is damaged or of an unknown kind") from err
    return certificate


def load_private_key(block: Block) -> PrivateKey:
    """
    Load an unencrypted private key.

    Raises:
        UnreadableError: It is none. What the library says about it is left out on purpose: it
            must never carry a part of the key.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            key = serialization.load_der_private_key(block.der, password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            raise UnreadableError(_damage(block.der)) from None
    return PrivateKey(key, replace(block, label=_true_label(block, key)))


def _true_label(block: Block, key: object) -> str:
    # The value after the version tells the forms apart: the algorithm in PKCS#8 (RFC 5208), the
    # modulus in PKCS#1 (RFC 8017), the key itself in SEC 1 (RFC 5915).
    content = block.der[_header_length(block.der) :]
    tag = content[_header_length(content) + _content_length(content) :][:1]
    if tag == bytes([_SEQUENCE]):
        return "PRIVATE KEY"
    if isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) and tag:
        return _TRADITIONAL_VERSION.get(tag[0], block.label)
    return block.label


def _damage(encoded: bytes) -> str:
    if encoded[:1] != bytes([_SEQUENCE]):
        return "its content is not DER"
    length = _header_length(encoded) + _content_length(encoded)
    if length > len(encoded):
        return "its content is cut short"
    if length < len(encoded):
        return "there is more in it than its label says"
    return "its content is damaged, or something else than its label says"


def _header_length(encoded: bytes) -> int:
    """Return the number of octets of tag and length of a DER value."""
    octet = encoded[1] if len(encoded) > 1 else 0
    return 2 if octet < _LONG_FORM else 2 + (octet & 0x7F)


def _content_length(encoded: bytes) -> int:
    """Return the number of octets after the header of a DER value."""
    octet = encoded[1] if len(encoded) > 1 else 0
    return octet if octet < _LONG_FORM else int.from_bytes(encoded[2 : _header_length(encoded)])
