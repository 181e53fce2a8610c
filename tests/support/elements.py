"""Certificates as the rules see them: with the place where they stood."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server_certificate.elements import Element

if TYPE_CHECKING:
    from dev.certificates.authority import Issued


def leaf_of(issued: Issued) -> Element:
    """Return a certificate as the leaf."""
    return Element(issued.certificate, "certificate")


def chain_of(issued: Issued, *, root: bool = True) -> tuple[Element, ...]:
    """Return the certificates above as the chain, in order."""
    return tuple(
        Element(certificate, f"chain[{index}]")
        for index, certificate in enumerate(issued.chain(root=root))
    )
