"""Authorities and servers with any extensions, for the rules about paths."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography import x509

from dev.certificates.authority import DAY, NAME, NOW, Authority, Issued
from dev.certificates.issuing import sign, subject
from dev.certificates.keys import KeyType

if TYPE_CHECKING:
    from datetime import datetime

    from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes

Extension = tuple[x509.ExtensionType, bool]
"""An extension, and whether it is critical."""

_CA = (x509.BasicConstraints(ca=True, path_length=None), True)


def authority(
    name: str | x509.Name,
    *extensions: Extension,
    issuer: Authority | None = None,
    key: CertificateIssuerPrivateKeyTypes | None = None,
    not_before: datetime = NOW - DAY,
    not_after: datetime = NOW + 365 * DAY,
) -> Authority:
    """
    Issue an authority.

    Args:
        name: Its common name, or its whole name.
        extensions: Extensions in addition to its basic constraints.
        issuer: Who issues it. Default: it signs itself.
        key: Its key, on P-256. Default: a new one.
        not_before: Start of its validity; a day before the instant of tests by default.
        not_after: Last second of its validity; a year after that instant by default.
    """
    key = key or KeyType.P256.generate()
    certificate = _issue(
        name,
        (_CA, *extensions),
        key=key,
        issuer=issuer,
        not_before=not_before,
        not_after=not_after,
    )
    return Authority(certificate, key, KeyType.P256, NOW, _above(issuer))


def server(
    issuer: Authority | None,
    *extensions: Extension,
    name: str | x509.Name = NAME,
    names: tuple[x509.GeneralName, ...] = (x509.DNSName(NAME),),
    key: CertificateIssuerPrivateKeyTypes | None = None,
    not_before: datetime = NOW - DAY,
    not_after: datetime = NOW + 40 * DAY,
) -> Issued:
    """
    Issue a certificate for a server.

    Args:
        issuer: Who issues it; None if it signs itself.
        extensions: Extensions in addition to its subject alternative name.
        name: Its common name, or its whole name.
        names: Its alternative names; without any, the extension is left out.
        key: Its key, on P-256. Default: a new one.
        not_before: Start of its validity; a day before the instant of tests by default.
        not_after: Last second of its validity; 40 days after that instant by default.
    """
    key = key or KeyType.P256.generate()
    own: tuple[Extension, ...] = ((x509.SubjectAlternativeName(names), False),) if names else ()
    certificate = _issue(
        name,
        (*own, *extensions),
        key=key,
        issuer=issuer,
        not_before=not_before,
        not_after=not_after,
    )
    return Issued(certificate, key, KeyType.P256, NOW, _above(issuer))


def _issue(
    name: str | x509.Name,
    extensions: tuple[Extension, ...],
    *,
    key: CertificateIssuerPrivateKeyTypes,
    issuer: Authority | None,
    not_before: datetime,
    not_after: datetime,
) -> x509.Certificate:
    full = subject(name) if isinstance(name, str) else name
    builder = x509.CertificateBuilder(
        issuer_name=issuer.certificate.subject if issuer else full,
        subject_name=full,
        public_key=key.public_key(),
    )
    for value, critical in extensions:
        builder = builder.add_extension(value, critical=critical)
    return sign(
        builder,
        validity=(not_before, not_after),
        signer=issuer.private_key if issuer else key,
        signer_type=issuer.key_type if issuer else KeyType.P256,
    )


def _above(issuer: Authority | None) -> tuple[x509.Certificate, ...]:
    return () if issuer is None else (issuer.certificate, *issuer.issuers)
