"""
The rules: what IAM, its documentation and RFC 5280 ask of material.

Each rule is a small function of the material alone; time comes in as an argument.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography.hazmat.primitives import serialization

from server_certificate import pem
from server_certificate.findings import Finding
from server_certificate.subject_names import name_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from cryptography import x509

    from server_certificate.elements import Element
    from server_certificate.material import PrivateKey, PublicMaterial

MAX_CERTIFICATE_CHARACTERS = 16_384
"""CertificateBody and PrivateKey (API reference, UploadServerCertificate)."""

MAX_CHAIN_CHARACTERS = 2_097_152
"""CertificateChain (API reference, UploadServerCertificate)."""


def check_validity(leaf: Element, chain: Sequence[Element], *, at: datetime) -> Iterator[Finding]:
    """
    Judge the dates of a leaf and its chain (RFC 5280, 4.1.2.5: both ends are included).

    Args:
        leaf: The certificate that IAM looks at.
        chain: What certifies it; clients look at that.
        at: The instant to judge at, with a time zone.
    """
    certificate = leaf.certificate
    if at > certificate.not_valid_after_utc:
        yield Finding.error(
            "certificate-expired",
            leaf.subject,
            f"{name_of(certificate)} expired on {_date(certificate.not_valid_after_utc)};"
            " IAM takes valid certificates only.",
            "Renew it.",
        )
    if at < certificate.not_valid_before_utc:
        yield Finding.error(
            "certificate-not-yet-valid",
            leaf.subject,
            f"{name_of(certificate)} is not valid before {_date(certificate.not_valid_before_utc)};"
            " IAM takes valid certificates only.",
            "Deploy it after that; if it was issued just now, compare the clocks.",
        )
    for element in chain:
        certificate = element.certificate
        if not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
            yield Finding.warning(
                "chain-element-not-valid",
                element.subject,
                f"{name_of(certificate)} is valid from {_date(certificate.not_valid_before_utc)}"
                f" to {_date(certificate.not_valid_after_utc)} only; clients may refuse the chain.",
                "Get the present chain from the certificate authority.",
            )


def check_sizes(material: PublicMaterial) -> Iterator[Finding]:
    """Judge the lengths of leaf and chain as they would be uploaded."""
    yield from _size("certificate", material.certificate_pem, MAX_CERTIFICATE_CHARACTERS)
    yield from _size("chain", material.chain_pem or "", MAX_CHAIN_CHARACTERS)


def check_key_size(block: pem.Block) -> Iterator[Finding]:
    """Judge the length of a private key as it would be uploaded."""
    yield from _size("private-key", pem.encode(block.label, block.der), MAX_CERTIFICATE_CHARACTERS)


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
    yield Finding.error(
        "private-key-mismatch",
        "private-key",
        f"it does not belong to the certificate of {name_of(leaf)}: the public keys differ.",
        fix,
    )


def _public_key(certificate: x509.Certificate) -> bytes:
    return certificate.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def _size(subject: str, text: str, limit: int) -> Iterator[Finding]:
    if len(text) > limit:
        message = f"it has {len(text):,} characters in PEM; IAM takes {limit:,}."
        yield Finding.error("too-large", subject, message, "Have a smaller one issued.")


def _date(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")
