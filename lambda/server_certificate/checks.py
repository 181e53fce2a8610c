"""
The rules: what IAM, its documentation and RFC 5280 ask of material.

Each rule is a small function of the material alone; time comes in as an argument.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography.hazmat.primitives import serialization

from server_certificate.chain import is_self_signed
from server_certificate.findings import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from cryptography import x509

    from server_certificate.material import PrivateKey, PublicMaterial

MAX_CERTIFICATE_CHARACTERS = 16_384
"""CertificateBody and PrivateKey (API reference, UploadServerCertificate)."""

MAX_CHAIN_CHARACTERS = 2_097_152
"""CertificateChain (API reference, UploadServerCertificate)."""


def check_public_material(material: PublicMaterial, *, at: datetime) -> Iterator[Finding]:
    """
    Judge a leaf and its chain.

    Args:
        material: What would be uploaded.
        at: The instant to judge validity at, with a time zone.
    """
    yield from _validity(material, at=at)
    yield from _chain_given(material)
    yield from _sizes(material)


def check_private_key(key: PrivateKey, *, leaf: x509.Certificate) -> Iterator[Finding]:
    """Judge a private key against the leaf that it should belong to."""
    leaf_key = leaf.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    if key.public_key_der != leaf_key:
        yield Finding(
            code="private-key-mismatch",
            severity=Severity.ERROR,
            subject="private-key",
            message=f"it does not belong to the certificate of {name_of(leaf)}: the public keys differ.",
            fix="Use the key that the certificate was requested with, or the certificate that belongs to this key.",
        )
    if len(key.pem) > MAX_CERTIFICATE_CHARACTERS:
        yield _too_large("private-key", len(key.pem), MAX_CERTIFICATE_CHARACTERS)


def name_of(certificate: x509.Certificate) -> str:
    """Return a certificate's subject for a sentence, in the form of RFC 4514."""
    return f"'{certificate.subject.rfc4514_string()}'"


def _validity(material: PublicMaterial, *, at: datetime) -> Iterator[Finding]:
    leaf = material.certificate
    if at > leaf.not_valid_after_utc:
        yield Finding(
            code="certificate-expired",
            severity=Severity.ERROR,
            subject="certificate",
            message=f"{name_of(leaf)} expired on {_date(leaf.not_valid_after_utc)}, and IAM takes valid certificates only.",
            fix="Renew it.",
        )
    if at < leaf.not_valid_before_utc:
        yield Finding(
            code="certificate-not-yet-valid",
            severity=Severity.ERROR,
            subject="certificate",
            message=f"{name_of(leaf)} is not valid before {_date(leaf.not_valid_before_utc)}, and IAM takes valid certificates only.",
            fix="Deploy it after that date; check the clock of the machine that issued it.",
        )
    for index, element in enumerate(material.chain):
        if not element.not_valid_before_utc <= at <= element.not_valid_after_utc:
            yield Finding(
                code="chain-element-not-valid",
                severity=Severity.WARNING,
                subject=f"chain[{index}]",
                message=(
                    f"{name_of(element)} is valid from {_date(element.not_valid_before_utc)} to"
                    f" {_date(element.not_valid_after_utc)} only; clients will refuse the chain."
                ),
                fix="Get the present chain from the certificate authority.",
            )


def _chain_given(material: PublicMaterial) -> Iterator[Finding]:
    if not material.chain and not is_self_signed(material.certificate):
        yield Finding(
            code="chain-missing",
            severity=Severity.ERROR,
            subject="chain",
            message=(
                f"there is none that certifies {name_of(material.certificate)}; only a self-signed"
                " certificate may come without one."
            ),
            fix=(
                "Add the certificate of its issuer,"
                f" '{material.certificate.issuer.rfc4514_string()}', and those above it."
            ),
        )


def _sizes(material: PublicMaterial) -> Iterator[Finding]:
    if (size := len(material.certificate_pem)) > MAX_CERTIFICATE_CHARACTERS:
        yield _too_large("certificate", size, MAX_CERTIFICATE_CHARACTERS)
    if (size := len(material.chain_pem or "")) > MAX_CHAIN_CHARACTERS:
        yield _too_large("chain", size, MAX_CHAIN_CHARACTERS)


def _too_large(subject: str, size: int, limit: int) -> Finding:
    return Finding(
        code="too-large",
        severity=Severity.ERROR,
        subject=subject,
        message=f"it has {size:,} characters in PEM; IAM takes {limit:,}.",
        fix="Use a smaller one.",
    )


def _date(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")
