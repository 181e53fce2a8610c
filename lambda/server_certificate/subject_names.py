"""The names in a certificate: what it is for, and how to call it in a sentence."""

from __future__ import annotations

from cryptography import x509

_LONGEST_NAME = 200


def dns_names(certificate: x509.Certificate) -> tuple[str, ...]:
    """Return the DNS names and IP addresses of the subject alternative name (RFC 5280, 4.2.1.6)."""
    try:
        extension = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except Exception:  # noqa: BLE001 (the library's parsers raise much that is not documented)
        # Damaged extensions are IAM's affair; to us the certificate has no names then.
        return ()
    names = extension.value.get_values_for_type(x509.DNSName)
    addresses = extension.value.get_values_for_type(x509.IPAddress)
    return (*names, *(str(address) for address in addresses))


def name_of(certificate: x509.Certificate) -> str:
    """Return a certificate's subject, quoted, or its first alternative name if there is none."""
    if not certificate.subject.rdns:
        return _quoted(", ".join(dns_names(certificate)[:1]) or "(no subject)")
    return quoted_name(certificate.subject)


def issuer_of(certificate: x509.Certificate) -> str:
    """Return the name of a certificate's issuer, quoted."""
    return quoted_name(certificate.issuer)


def quoted_name(name: x509.Name) -> str:
    """Return a name in the form of RFC 4514, quoted, on one line and of bearable length."""
    return _quoted(name.rfc4514_string())


def _quoted(text: str) -> str:
    if len(text) > _LONGEST_NAME:
        text = text[: _LONGEST_NAME - 1] + "…"
    return "'" + "".join(c if c.isprintable() else "�" for c in text) + "'"
