"""The names in a certificate, for checks and for messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography import x509

if TYPE_CHECKING:
    from server_certificate.certificates.certificate import Certificate

_LONGEST_NAME = 200


def dns_names(certificate: Certificate) -> tuple[str, ...]:
    """Return the DNS names and IP addresses of the subject alternative name (RFC 5280, 4.2.1.6)."""
    alternatives = certificate.extensions.value(x509.SubjectAlternativeName)
    if alternatives is None:
        return ()
    names = alternatives.get_values_for_type(x509.DNSName)
    addresses = alternatives.get_values_for_type(x509.IPAddress)
    return (*names, *(str(address) for address in addresses))


def name_of(certificate: Certificate) -> str:
    """Return a certificate's subject, quoted, or its first alternative name if there is none."""
    if not certificate.subject.rdns:
        return quoted(", ".join(dns_names(certificate)[:1]) or "(no subject)")
    return quoted_name(certificate.subject)


def issuer_of(certificate: Certificate) -> str:
    """Return the name of a certificate's issuer, quoted."""
    return quoted_name(certificate.issuer)


def quoted_name(name: x509.Name) -> str:
    """Return a name in RFC 4514 format, quoted, on one line and truncated."""
    return quoted(name.rfc4514_string())


def quoted(text: str) -> str:
    """Return a text, quoted, on one line and truncated."""
    if len(text) > _LONGEST_NAME:
        text = text[: _LONGEST_NAME - 1] + "…"
    return "'" + "".join(c if c.isprintable() else "�" for c in text) + "'"
