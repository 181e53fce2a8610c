"""The parts that certificates for tests are put together from."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

if TYPE_CHECKING:
    from datetime import datetime

    from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes

    from support.keys import KeyType


def authority_builder(
    name: str, key: CertificateIssuerPrivateKeyTypes, *, path_length: int | None = None
) -> x509.CertificateBuilder:
    """Begin the certificate of an authority."""
    return (
        x509.CertificateBuilder()
        .subject_name(subject(name))
        .public_key(key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True)
        .add_extension(_usage(authority=True), critical=True)
    )


def leaf_builder(
    names: tuple[str, ...], common_name: str | None, key: CertificateIssuerPrivateKeyTypes
) -> x509.CertificateBuilder:
    """Begin the certificate of a server."""
    alternatives = x509.SubjectAlternativeName([_general_name(name) for name in names])
    server = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    return (
        x509.CertificateBuilder()
        .subject_name(subject(names[0] if common_name is None else common_name))
        .public_key(key.public_key())
        .add_extension(alternatives, critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(authority=False), critical=True)
        .add_extension(server, critical=False)
    )


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
    """Return the name that an authority was made with."""
    (attribute,) = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(attribute.value)


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
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
