"""The material of a certificate: leaf, chain and private key, in the format that IAM accepts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives import serialization

from server_certificate import pem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

    from server_certificate.certificates.certificate import Certificate


@dataclass(frozen=True, slots=True)
class PublicMaterial:
    """A leaf certificate and its chain: the parts that aren't secret."""

    certificate: Certificate
    """The leaf."""

    chain: tuple[Certificate, ...]
    """The chain: the issuer of the leaf first, the root last if it is included."""

    @property
    def certificate_pem(self) -> str:
        """The CertificateBody for IAM."""
        return pem.encode("CERTIFICATE", self.certificate.der)

    @property
    def chain_pem(self) -> str | None:
        """The CertificateChain for IAM; None if there is no chain."""
        return to_pem(self.chain) or None

    @property
    def der(self) -> tuple[bytes, ...]:
        """Leaf and chain in DER, for comparing content."""
        return (self.certificate.der, *(element.der for element in self.chain))


@dataclass(frozen=True, slots=True)
class PrivateKey:
    """An unencrypted private key. Its representation doesn't show the key."""

    key: PrivateKeyTypes = field(repr=False)
    """The key itself."""

    block: pem.Block = field(repr=False)
    """
    The re-encoded key, without attributes and with a named curve, in its original format: PKCS#8,
    PKCS#1 or SEC 1. IAM accepts all three.
    """

    was_encrypted: bool = False
    """Whether it was decrypted with a passphrase."""

    @property
    def pem(self) -> str:
        """The PrivateKey for IAM."""
        return pem.encode(self.block.label, self.block.der)

    @property
    def public_key_der(self) -> bytes:
        """The SubjectPublicKeyInfo of the public key."""
        return self.key.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    def belongs_to(self, certificate: Certificate) -> bool:
        """Return whether it is the private key of a certificate."""
        return self.key.public_key() == certificate.public_key


def to_pem(certificates: Iterable[Certificate]) -> str:
    """Return certificates in PEM, one after the other."""
    return "".join(pem.encode("CERTIFICATE", certificate.der) for certificate in certificates)
