"""What the key of a certificate may be used for, and the identifiers of the key and its issuer's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography import x509

if TYPE_CHECKING:
    from server_certificate.certificates.certificate import Certificate

_KEY_USAGES = {
    "digital_signature": "digitalSignature",
    "content_commitment": "nonRepudiation",
    "key_encipherment": "keyEncipherment",
    "data_encipherment": "dataEncipherment",
    "key_agreement": "keyAgreement",
    "key_cert_sign": "keyCertSign",
    "crl_sign": "cRLSign",
}
"""The attributes of the library, with the names of RFC 5280, 4.2.1.3."""

_PURPOSES = {
    "1.3.6.1.5.5.7.3.1": "serverAuth",
    "1.3.6.1.5.5.7.3.2": "clientAuth",
    "1.3.6.1.5.5.7.3.3": "codeSigning",
    "1.3.6.1.5.5.7.3.4": "emailProtection",
    "1.3.6.1.5.5.7.3.8": "timeStamping",
    "1.3.6.1.5.5.7.3.9": "OCSPSigning",
    "2.5.29.37.0": "anyExtendedKeyUsage",
}
"""The names of RFC 5280, 4.2.1.12."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usages:
    """The usages and identifiers of a certificate's key. None: it has no such extension."""

    key_usage: tuple[str, ...] | None
    """What the key may do, such as ``digitalSignature``."""

    extended_key_usage: tuple[str, ...] | None
    """What the certificate is for, such as ``serverAuth``; an object identifier if it is unknown."""

    subject_key_identifier: str | None
    """The identifier of its key, in upper-case hexadecimal pairs joined by colons."""

    authority_key_identifier: str | None
    """The identifier of its issuer's key, in the same form."""

    def as_json(self) -> dict[str, object]:
        """Return the fields for JSON."""
        return {
            "key_usage": None if self.key_usage is None else list(self.key_usage),
            "extended_key_usage": (
                None if self.extended_key_usage is None else list(self.extended_key_usage)
            ),
            "subject_key_identifier": self.subject_key_identifier,
            "authority_key_identifier": self.authority_key_identifier,
        }


def usages_of(certificate: Certificate) -> Usages:
    """Return the usages of a certificate. An extension that can't be read counts as missing."""
    extensions = certificate.extensions
    usage = extensions.value(x509.KeyUsage)
    purposes = extensions.value(x509.ExtendedKeyUsage)
    subject = extensions.value(x509.SubjectKeyIdentifier)
    authority = extensions.value(x509.AuthorityKeyIdentifier)
    return Usages(
        key_usage=(
            None
            if usage is None
            else tuple(name for field, name in _KEY_USAGES.items() if getattr(usage, field))
        ),
        extended_key_usage=(
            None
            if purposes is None
            else tuple(_PURPOSES.get(each.dotted_string, each.dotted_string) for each in purposes)
        ),
        subject_key_identifier=_in_pairs(subject.digest) if subject else None,
        authority_key_identifier=_in_pairs(authority.key_identifier) if authority else None,
    )


def _in_pairs(octets: bytes | None) -> str | None:
    return octets.hex(":").upper() if octets else None
