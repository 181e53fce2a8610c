"""Rules about keys: kind and length of the leaf's, and that the private key is its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography.hazmat.primitives import serialization

from server_certificate.description import KeyDescription, describe_key
from server_certificate.findings import Rule, Severity
from server_certificate.requesting import request_command
from server_certificate.subject_names import name_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cryptography import x509

    from server_certificate.elements import Element
    from server_certificate.findings import Finding
    from server_certificate.material import PrivateKey

PRIVATE_KEY_MISMATCH = Rule(
    code="private-key-mismatch",
    severity=Severity.ERROR,
    why="IAM takes a certificate only with the private key it was issued for, and answers"
    " `KeyPairMismatch` otherwise.",
    mend="Use the key that the certificate was requested with, or the certificate of this key.",
    source="IAM API reference, UploadServerCertificate, KeyPairMismatch",
)
_IAM_DECIDES = "It is uploaded as it is, and IAM decides."
KEY_ALGORITHM = Rule(
    code="key-algorithm",
    severity=Severity.ERROR,
    why="IAM is known to take RSA and EC keys. Of others, such as Ed25519, nothing is known, and no"
    " load balancer and no distribution uses them.",
    mend="Have the certificate issued for an RSA or EC key.",
    source="Elastic Load Balancing user guides, Server certificates; CloudFront developer guide,"
    " Requirements for using SSL/TLS certificates with CloudFront",
    acknowledged=_IAM_DECIDES,
)
KEY_SIZE = Rule(
    code="key-size",
    severity=Severity.ERROR,
    why="IAM takes RSA keys of 1,024 to 16,384 bits.",
    mend="Have the certificate issued for a key of 2,048 bits.",
    source="AWS knowledge center, on importing certificates; RSA of 1,024 to 4,096 bits observed",
    acknowledged=_IAM_DECIDES,
)
WEAK_KEY = Rule(
    code="weak-key",
    severity=Severity.WARNING,
    why="Browsers take RSA keys of 2,048 bits and more, and EC keys on P-256, P-384 and P-521;"
    " shorter keys can be broken.",
    mend="Have the certificate issued for an RSA key of 2,048 bits, or an EC key on P-256.",
    source="CA/Browser Forum Baseline Requirements, 6.1.5",
    acknowledged="The certificate is uploaded as it is.",
)
RULES = (KEY_ALGORITHM, KEY_SIZE, WEAK_KEY, PRIVATE_KEY_MISMATCH)

MIN_RSA_BITS, MAX_RSA_BITS = 1_024, 16_384
"""RSA keys that IAM takes."""

_MIN_STRONG_RSA_BITS = 2_048
_STRONG_CURVES = {"EC P-256", "EC P-384", "EC P-521"}


def check_key(leaf: Element) -> Iterator[Finding]:
    """Judge kind and length of a leaf's key, whoever will use it."""
    certificate = leaf.certificate
    key = describe_key(certificate.public_key())
    name = name_of(certificate)
    if not is_known_to_iam(key):
        yield KEY_ALGORITHM.found(
            leaf.subject,
            f"the key of {name} is {key}; IAM is known to take RSA and EC keys only.",
            f"Have one issued for such a key: {request_command(certificate)}",
        )
    elif not is_taken_by_iam(key):
        yield KEY_SIZE.found(
            leaf.subject,
            f"the key of {name} has {key.size:,} bits; IAM takes RSA keys of {MIN_RSA_BITS:,} to"
            f" {MAX_RSA_BITS:,} bits.",
            f"Have one issued for such a key: {request_command(certificate)}",
        )
    elif key.is_rsa and (key.size or 0) < _MIN_STRONG_RSA_BITS:
        yield WEAK_KEY.found(
            leaf.subject,
            f"the key of {name} has {key.size:,} bits; browsers refuse RSA keys of less than"
            f" {_MIN_STRONG_RSA_BITS:,} bits.",
            f"Have one issued for a longer key: {request_command(certificate)}",
        )
    elif key.is_elliptic and key.algorithm not in _STRONG_CURVES:
        yield WEAK_KEY.found(
            leaf.subject,
            f"the key of {name} is {key}; browsers take EC keys on P-256, P-384 and P-521 only.",
            f"Have one issued for another key: {request_command(certificate)}",
        )


def is_known_to_iam(key: KeyDescription) -> bool:
    """Tell whether a key is of a kind that IAM is known to take."""
    return key.is_rsa or key.is_elliptic


def is_taken_by_iam(key: KeyDescription) -> bool:
    """Tell whether IAM takes a key."""
    return key.is_elliptic or (key.is_rsa and MIN_RSA_BITS <= (key.size or 0) <= MAX_RSA_BITS)


def check_private_key(
    key: PrivateKey, *, leaf: x509.Certificate, others: Sequence[Element] = ()
) -> Iterator[Finding]:
    """
    Judge whether a private key belongs to the leaf.

    Args:
        key: The key.
        leaf: The certificate that it should belong to.
        others: Further certificates that were given; the key may belong to one of them.
    """
    if key.public_key_der == _public_key(leaf):
        return
    fix = "Use the key that this certificate was requested with, or the certificate of this key."
    for element in others:
        if key.public_key_der == _public_key(element.certificate):
            fix = (
                f"It belongs to {name_of(element.certificate)} ({element.subject}): give that one"
                " as the certificate, or the key of this one."
            )
    yield PRIVATE_KEY_MISMATCH.found(
        "private-key",
        f"it does not belong to the certificate of {name_of(leaf)}: the public keys differ.",
        fix,
    )


def _public_key(certificate: x509.Certificate) -> bytes:
    return certificate.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
