"""Certificates as the rules see them: with the place where they stood."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server_certificate.located_certificate import LocatedCertificate

if TYPE_CHECKING:
    from dev.certificates.authority import Issued


def leaf_of(issued: Issued) -> LocatedCertificate:
    """Return a certificate as the leaf."""
    return LocatedCertificate(issued.certificate, "certificate")


def chain_of(issued: Issued, *, root: bool = True) -> tuple[LocatedCertificate, ...]:
    """Return the certificates above as the chain, in order."""
    return tuple(
        LocatedCertificate(certificate, f"chain[{index}]")
        for index, certificate in enumerate(issued.chain(root=root))
    )
