"""Certificates together with the place where the user finds them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from server_certificate.certificates.certificate import Certificate


class LocatedCertificate(NamedTuple):
    """A certificate, and where it stood."""

    certificate: Certificate

    subject: str
    """Where, as findings say it: ``chain[1]`` is the second block of the chain's text."""
