"""The parts of test certificates."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID, NameOID

if TYPE_CHECKING:
    from datetime import datetime

    from cryptography.hazmat.primitives.asymmetric.types import (
        CertificateIssuerPrivateKeyTypes,
        CertificatePublicKeyTypes,
    )

    from dev.certificates.keys import KeyType


def authority_builder(
    name: str,
    public_key: CertificatePublicKeyTypes,
    *,
    path_length: int | None = None,
    ca: bool = True,
    may_sign: bool = True,
) -> x509.CertificateBuilder:
    """Start building an authority's certificate."""
    return (
        x509.CertificateBuilder()
        .subject_name(subject(name))
        .public_key(public_key)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=path_length), critical=True)
        .add_extension(_usage(server=not may_sign, authority=may_sign), critical=True)
    )


def leaf_builder(
    names: tuple[str, ...],
    common_name: str,
    public_key: CertificatePublicKeyTypes,
    *,
    ca: bool = False,
    purpose: x509.ObjectIdentifier = ExtendedKeyUsageOID.SERVER_AUTH,
) -> x509.CertificateBuilder:
    """Start building a server's certificate; without names, the extension is left out."""
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject(common_name))
        .public_key(public_key)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(_usage(server=True, authority=ca), critical=True)
        .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
    )
    if not names:
        return builder
    alternatives = x509.SubjectAlternativeName([_general_name(name) for name in names])
    return builder.add_extension(alternatives, critical=False)


def damaged(builder: x509.CertificateBuilder) -> x509.CertificateBuilder:
    """Add an extension whose content doesn't match its type."""
    name_constraints = x509.UnrecognizedExtension(ExtensionOID.NAME_CONSTRAINTS, b"\x05\x00")
    return builder.add_extension(name_constraints, critical=False)


def sign(
    builder: x509.CertificateBuilder,
    *,
    validity: tuple[datetime, datetime],
    signer: CertificateIssuerPrivateKeyTypes,
    signer_type: KeyType,
) -> x509.Certificate:
    """Finish a certificate."""
    not_before, not_after = validity
    return (
        builder.serial_number(x509.random_serial_number())
        .not_valid_before(not_before)
        .not_valid_after(not_after)
        .sign(signer, signer_type.digest, rsa_padding=signer_type.padding)
    )


def subject(common_name: str) -> x509.Name:
    """Return a name of one part, or of none."""
    if not common_name:
        return x509.Name([])
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def common_name_of(certificate: x509.Certificate) -> str:
    """Return the name of an authority."""
    (attribute,) = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(attribute.value)


def _usage(*, server: bool, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=server,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
