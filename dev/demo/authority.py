"""Certificates made on the spot: a root, an intermediate, and leaves as a renewal job gets them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

if TYPE_CHECKING:
    from pathlib import Path

_LEAF_LIFETIME = timedelta(days=90)
_AUTHORITY_LIFETIME = timedelta(days=3650)
_CLOCK_SKEW = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """A leaf certificate with its chain and its private key."""

    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]
    private_key: ec.EllipticCurvePrivateKey

    @property
    def certificate_der(self) -> bytes:
        """The leaf."""
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def chain_der(self) -> tuple[bytes, ...]:
        """The certificates above the leaf."""
        return tuple(each.public_bytes(Encoding.DER) for each in self.chain)

    @property
    def certificate_pem(self) -> str:
        """The leaf as text."""
        return self.certificate.public_bytes(Encoding.PEM).decode()

    @property
    def chain_pem(self) -> str:
        """The certificates above the leaf as text, the issuer of the leaf first."""
        return "".join(each.public_bytes(Encoding.PEM).decode() for each in self.chain)

    @property
    def private_key_pem(self) -> str:
        """The key as text, unencrypted."""
        return self.private_key.private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
        ).decode()

    def write(self, directory: Path) -> tuple[Path, Path]:
        """
        Write the public parts into a new directory.

        Returns:
            The files of the certificate and of the chain.

        Raises:
            FileExistsError: The directory is there already.
        """
        directory.mkdir(parents=True)
        certificate, chain = directory / "certificate.pem", directory / "certificate-chain.pem"
        certificate.write_text(self.certificate_pem)
        chain.write_text(self.chain_pem)
        return certificate, chain


class Authority:
    """
    A root and an intermediate that issues leaves, each with a key of its own.

    Args:
        now: The instant at which everything is issued.
    """

    def __init__(self, *, now: datetime) -> None:
        self._now = now
        root_key, self._key = _new_key(), _new_key()
        root_name = _name("Demo Root CA")
        self._root = self._authority(root_name, root_key, root_name, root_key, path_length=1)
        self._intermediate = self._authority(
            _name("Demo Intermediate CA"), self._key, root_name, root_key, path_length=0
        )

    def issue(self, host: str) -> Material:
        """Issue a certificate for a host; each call makes another one, with another key."""
        key = _new_key()
        builder = (
            self._builder(
                _name(host), key, self._intermediate.subject, self._key, lifetime=_LEAF_LIFETIME
            )
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
            .add_extension(_key_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        )
        return Material(
            certificate=builder.sign(self._key, hashes.SHA256()),
            chain=(self._intermediate, self._root),
            private_key=key,
        )

    def _authority(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePrivateKey,
        issuer: x509.Name,
        issuer_key: ec.EllipticCurvePrivateKey,
        *,
        path_length: int,
    ) -> x509.Certificate:
        return (
            self._builder(subject, key, issuer, issuer_key, lifetime=_AUTHORITY_LIFETIME)
            .add_extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True)
            .add_extension(_key_usage(signs_certificates=True), critical=True)
            .sign(issuer_key, hashes.SHA256())
        )

    def _builder(
        self,
        subject: x509.Name,
        key: ec.EllipticCurvePrivateKey,
        issuer: x509.Name,
        issuer_key: ec.EllipticCurvePrivateKey,
        *,
        lifetime: timedelta,
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(self._now - _CLOCK_SKEW)
            .not_valid_after(self._now + lifetime)
            .add_extension(
                x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False
            )
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()),
                critical=False,
            )
        )


def _new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )
