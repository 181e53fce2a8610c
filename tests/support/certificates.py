"""Certificates as the package sees them: loaded, and with their location in the input."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography import x509

from server_certificate.certificates.certificate import Certificate
from server_certificate.certificates.located_certificate import LocatedCertificate
from server_certificate.material import PublicMaterial

if TYPE_CHECKING:
    from dev.certificates.authority import Issued


def loaded(certificate: Issued | x509.Certificate) -> Certificate:
    """Return a certificate as it is loaded."""
    readable = certificate if isinstance(certificate, x509.Certificate) else certificate.certificate
    return Certificate.of(readable)


def loaded_chain(issued: Issued, *, root: bool = True) -> tuple[Certificate, ...]:
    """Return the certificates above as they are loaded, in order."""
    return tuple(loaded(certificate) for certificate in issued.chain(root=root))


def public_of(issued: Issued, *, root: bool = True) -> PublicMaterial:
    """Return a certificate and those above as IAM takes them."""
    return PublicMaterial(loaded(issued), loaded_chain(issued, root=root))


def leaf_of(issued: Issued | x509.Certificate) -> LocatedCertificate:
    """Return a certificate as the leaf."""
    return LocatedCertificate(loaded(issued), "certificate")


def chain_of(issued: Issued, *, root: bool = True) -> tuple[LocatedCertificate, ...]:
    """Return the certificates above as the chain, in order."""
    return tuple(
        LocatedCertificate(certificate, f"chain[{index}]")
        for index, certificate in enumerate(loaded_chain(issued, root=root))
    )
