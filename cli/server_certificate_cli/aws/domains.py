"""The domain names of a certificate."""

from __future__ import annotations

from cryptography.x509.oid import NameOID

from server_certificate.certificates.host_coverage import covers
from server_certificate.certificates.subject_names import dns_names
from server_certificate.reading.reader import read_certificates


def domains_of(body: str) -> tuple[str, ...]:
    """
    Return the names that a certificate is valid for: its DNS names and IP addresses.

    Args:
        body: The certificate in PEM.

    Returns:
        The names; the common name of a certificate without a subject alternative name; empty if
        there is none, or if the certificate can't be read.
    """
    certificates, _ = read_certificates(body, subject="certificate")
    if not certificates:
        return ()
    leaf = certificates[0]
    common = leaf.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return dns_names(leaf) or tuple(str(name.value) for name in common[:1])


def share_a_domain(first: tuple[str, ...], second: tuple[str, ...]) -> bool:
    """Return whether two certificates are valid for a common name."""
    return any(covers(one, other) or covers(other, one) for one in first for other in second)
