"""
Throw-away certificates for unit tests of stacks, without files, openssl or an AWS account.

Nothing here can be deployed: the private keys of the certificates don't exist. A function that got
one would fail, because it wouldn't find the secret either.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final, cast

from aws_cdk import aws_secretsmanager as secretsmanager
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from cdk_iam_server_certificate.material import CertificateMaterial
from cdk_iam_server_certificate.sources import CertificateSource, PrivateKeySource

if TYPE_CHECKING:
    from constructs import Construct
    from cryptography.hazmat.primitives.asymmetric.types import CertificatePublicKeyTypes

__all__ = ["ThrowawayCertificate", "ThrowawayKey", "throwaway_certificate", "throwaway_material"]

_DOMAIN_NAME: Final = "www.example.com"
_ORGANIZATION: Final = "Throw-away, not for production"
_SECRET_NAME: Final = "throwaway-private-key-that-does-not-exist"  # noqa: S105 - a name
_SECRET_ID: Final = "ThrowawayPrivateKey"  # noqa: S105 - an id

_NOT_BEFORE: Final = datetime(2017, 1, 1, tzinfo=UTC)
"""Browsers limit the lifetime of certificates that begin on 2018-03-01 or later."""

_NOT_AFTER: Final = datetime(2099, 12, 31, tzinfo=UTC)
_EXPIRED_AT: Final = datetime(2018, 1, 1, tzinfo=UTC)

_P256: Final = """\
-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE7v59LwVtZN/OorixByRHiX23/FXd
5A8jtSL5L/r5sc6xMXHcIXzm73RkG0FiGP7oj0pzYWNK2cGDQAZiLCe8aA==
-----END PUBLIC KEY-----
"""
_RSA_2048: Final = """\
-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAjD0Q7v6RlrccFD3OW1uc
htFixO3MqZJyqPQkxMSB8VJ0M0BhJKYXM0gIGAAXiOiH3Skcawau3JN9C9DtKfqY
5lWjlUoy5cQZJO0GPXbekXPobrpbGRAqO8aoTEeLvoCPPgNqyVFmri1tKD2mu7Q8
uRON4Vnanx0PbG/GJN+HLWTf/ROnqIKpoAeG7IOQ2GNtgxLXeTT7zZZ/kbSta+v+
K+2DZbo6t7DP7QF5/eom80X7JJHCXPoVMReGADinDT+lL+lxQAvmypHMkfoQr9xY
NrztQPa36GeNsYbdI8NFuLcShujQ/0g4wOz/7mE211dE3T3Z6cAbl9meAPbpn073
FQIDAQAB
-----END PUBLIC KEY-----
"""


class ThrowawayKey(Enum):
    """The public keys that a throw-away certificate can have. Nobody has the private keys."""

    P256 = _P256
    """An EC key on the curve P-256."""

    RSA_2048 = _RSA_2048
    """An RSA key of 2,048 bits."""


@dataclass(frozen=True, slots=True)
class ThrowawayCertificate:
    """A certificate and its chain, in PEM."""

    certificate_pem: str
    """The leaf certificate."""

    chain_pem: str
    """The intermediate certificate, without the root."""


def throwaway_certificate(
    *domain_names: str, expired: bool = False, key: ThrowawayKey = ThrowawayKey.P256
) -> ThrowawayCertificate:
    """
    Return a certificate of a throw-away certificate authority. The same arguments always return the same text.

    Args:
        domain_names: The DNS names and IP addresses. Default: ``www.example.com``.
        expired: Whether it expired on 2018-01-01. Default: it is valid from 2017 to 2099.
        key: Its public key. Default: P-256.

    Raises:
        TypeError: A name isn't a string.
        ValueError: A name is empty or not in ASCII, or the key is not a ``ThrowawayKey``.
    """
    names = [_checked(name) for name in domain_names] or [_DOMAIN_NAME]
    issuer, chain_pem = _issuer()
    leaf = _signed(
        _builder(names[0], cast("CertificatePublicKeyTypes", _public_key(key)), expired=expired)
        .issuer_name(_name("Throw-away intermediate"))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.SubjectAlternativeName([_general_name(name) for name in names]), critical=False
        ),
        issuer,
    )
    return ThrowawayCertificate(leaf, chain_pem)


def throwaway_material(
    scope: Construct,
    *domain_names: str,
    expired: bool = False,
    key: ThrowawayKey = ThrowawayKey.P256,
) -> CertificateMaterial:
    """
    Return material for a certificate in a unit test. The template is the same in each run.

    The private key is declared to be in a secret that doesn't exist, so a deployment would fail.

    Args:
        scope: The stack. It gets an imported secret, which isn't part of the template.
        domain_names: The DNS names and IP addresses. Default: ``www.example.com``.
        expired: Whether it expired on 2018-01-01. Default: it is valid from 2017 to 2099.
        key: Its public key. Default: P-256.

    Raises:
        TypeError: A name isn't a string.
        ValueError: A name is empty or not in ASCII, or the key is not a ``ThrowawayKey``.
    """
    certificate = throwaway_certificate(*domain_names, expired=expired, key=key)
    known = scope.node.try_find_child(_SECRET_ID)
    secret = known or secretsmanager.Secret.from_secret_name_v2(scope, _SECRET_ID, _SECRET_NAME)
    return CertificateMaterial.from_parts(
        certificate=CertificateSource.from_text(certificate.certificate_pem),
        chain=CertificateSource.from_text(certificate.chain_pem),
        private_key=PrivateKeySource.from_secret(cast("secretsmanager.ISecret", secret)),
    )


@functools.cache
def _issuer() -> tuple[ec.EllipticCurvePrivateKey, str]:
    """Return the key of the intermediate authority, and its certificate. No one trusts its root."""
    # These keys are worthless, because everybody knows them.
    root, key = (ec.derive_private_key(number, ec.SECP256R1()) for number in (1, 2))
    usage = x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    certificate = _signed(
        _builder("Throw-away intermediate", key.public_key(), expired=False)
        .issuer_name(_name("Throw-away root"))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True),
        root,
    )
    return key, certificate


def _builder(
    common_name: str, public_key: CertificatePublicKeyTypes, *, expired: bool
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(_name(common_name))
        .public_key(public_key)
        .serial_number(1)
        .not_valid_before(_NOT_BEFORE)
        .not_valid_after(_EXPIRED_AT if expired else _NOT_AFTER)
    )


def _signed(builder: x509.CertificateBuilder, key: ec.EllipticCurvePrivateKey) -> str:
    # Deterministic (RFC 6979), so that snapshots of templates don't change from run to run.
    certificate = builder.sign(key, hashes.SHA256(), ecdsa_deterministic=True)
    return certificate.public_bytes(serialization.Encoding.PEM).decode("ascii")


def _public_key(key: ThrowawayKey) -> object:
    return serialization.load_pem_public_key(ThrowawayKey(key).value.encode("ascii"))


def _name(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, _ORGANIZATION),
            # RFC 5280, appendix A.1: at most 64 characters.
            x509.NameAttribute(NameOID.COMMON_NAME, common_name[:64]),
        ]
    )


def _checked(name: object) -> str:
    if not isinstance(name, str):
        raise TypeError(
            f"The domain name {name!r} is of type {type(name).__name__}, not str. Pass each name as an"
            " argument of its own."
        )
    if not name or not name.isascii():
        raise ValueError(
            f"The domain name {name!r} is empty or not in ASCII. Write internationalized names with"
            " xn--, such as xn--mnchen-3ya.example."
        )
    return name


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)
