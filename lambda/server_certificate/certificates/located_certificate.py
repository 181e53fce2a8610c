"""Certificates with their place in the input."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from server_certificate.certificates.certificate import Certificate


class LocatedCertificate(NamedTuple):
    """A certificate and its place in the input."""

    certificate: Certificate

    subject: str
    """Its place, as findings name it: ``chain[1]`` is the second certificate of the chain."""
