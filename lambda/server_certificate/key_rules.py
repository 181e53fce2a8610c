"""Rules about keys: that the private key is the certificate's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography.hazmat.primitives import serialization

from server_certificate.findings import Rule, Severity
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
RULES = (PRIVATE_KEY_MISMATCH,)


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
