"""The TLS certificate of the local cloud, from an authority that exists only during the call."""

from __future__ import annotations

import ipaddress
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

if TYPE_CHECKING:
    from collections.abc import Iterable

# Apple's platforms refuse server certificates with a longer lifetime.
_LIFETIME = timedelta(days=397)


def write_tls_files(tls_directory: Path, ca_bundle: Path, *, other_bundles: Iterable[Path]) -> None:
    """
    Write ``server.crt``, ``server.key`` and the bundle that trusts them.

    The certificate comes from its own authority, whose key is never written. Some clients refuse a
    server certificate that is self-signed, others one that is an authority.

    Args:
        tls_directory: Where the server's files go; it must exist.
        ca_bundle: The bundle's file.
        other_bundles: More bundles to trust. The variables that name a bundle replace what a
            client trusts by default, so these are kept, and the machine's own store is added.
    """
    authority_key = ec.generate_private_key(ec.SECP256R1())
    key = ec.generate_private_key(ec.SECP256R1())
    authority = _authority(authority_key)
    certificate = _server_certificate(key, authority, authority_key)
    (tls_directory / "server.crt").write_bytes(
        certificate.public_bytes(Encoding.PEM) + authority.public_bytes(Encoding.PEM)
    )
    key_file = tls_directory / "server.key"
    key_file.touch(mode=0o600)
    key_file.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    trusted = [authority.public_bytes(Encoding.PEM)]
    bundles = dict.fromkeys([*other_bundles, *_default_store()])
    trusted += [path.read_bytes() for path in bundles if path.is_file()]
    ca_bundle.write_bytes(b"\n".join(trusted))


def _authority(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    name = _name("local-cloud authority")
    return (
        _builder(name, name, key.public_key(), key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(certificate_signing=True), critical=True)
        .sign(key, hashes.SHA256())
    )


def _server_certificate(
    key: ec.EllipticCurvePrivateKey,
    authority: x509.Certificate,
    authority_key: ec.EllipticCurvePrivateKey,
) -> x509.Certificate:
    names = [
        x509.DNSName("localhost"),
        x509.IPAddress(ipaddress.IPv4Address("127.0.0.1")),
    ]
    return (
        _builder(
            _name("localhost"), authority.subject, key.public_key(), authority_key.public_key()
        )
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(certificate_signing=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(authority_key, hashes.SHA256())
    )


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    public_key: ec.EllipticCurvePublicKey,
    issuer_key: ec.EllipticCurvePublicKey,
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        # The clocks of virtual machines may be behind.
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now - timedelta(hours=1) + _LIFETIME)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key), critical=False
        )
    )


def _key_usage(*, certificate_signing: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not certificate_signing,
        key_cert_sign=certificate_signing,
        crl_sign=certificate_signing,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _default_store() -> list[Path]:
    paths = ssl.get_default_verify_paths()
    return [Path(name) for name in (paths.cafile or paths.openssl_cafile,) if name]
