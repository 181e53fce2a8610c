"""Rules about the purpose of a leaf: its names and key usage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography import x509

from server_certificate.certificates.subject_names import name_of
from server_certificate.csr_command import request_command
from server_certificate.description import describe_certified_key
from server_certificate.findings import Rule, Severity
from server_certificate.rules.extensions import check_extensions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from server_certificate.certificates.extensions import Extensions
    from server_certificate.certificates.located_certificate import LocatedCertificate
    from server_certificate.certificates.signatures import Signatures
    from server_certificate.findings import Finding

_AS_IT_IS = "The certificate is uploaded unchanged."
NO_SUBJECT_ALTERNATIVE_NAME = Rule(
    code="no-subject-alternative-name",
    severity=Severity.WARNING,
    why="Clients look for the host name only in the subject alternative name, and ignore the common"
    " name. CloudFront also requires the domain names of a distribution there.",
    fix="Request a certificate with its domain names in the `subjectAltName` extension.",
    source="RFC 9525, 2; RFC 6125, 6.4.4; CloudFront developer guide, Requirements for using SSL/TLS"
    " certificates with CloudFront",
    acknowledged=_AS_IT_IS,
)
KEY_USAGE = Rule(
    code="key-usage",
    severity=Severity.WARNING,
    why="A server proves with a signature that it holds the key. A key usage without"
    " `digitalSignature` forbids this. With `keyEncipherment` alone, only old clients can connect:"
    " TLS 1.3 doesn't support that key exchange. A certificate without a key usage is fine.",
    fix="Request a certificate with the key usage `digitalSignature`, or without a key usage.",
    source="RFC 5280, 4.2.1.3; RFC 8446, 4.4.2.2",
    acknowledged=_AS_IT_IS,
)
CERTIFICATE_IS_CA = Rule(
    code="certificate-is-ca",
    severity=Severity.WARNING,
    why="A server should not use the certificate of a certificate authority (CA): anyone who"
    " obtains its key can issue certificates for any name. Some clients reject it.",
    fix="Provide the certificate that was issued for the server. If this CA certificate issued it,"
    " add it to the chain.",
    source="RFC 5280, 4.2.1.9; CA/Browser Forum Baseline Requirements, 7.1.2.7",
    acknowledged=_AS_IT_IS,
)
RULES = (
    NO_SUBJECT_ALTERNATIVE_NAME,
    KEY_USAGE,
    CERTIFICATE_IS_CA,
)


def check_leaf(leaf: LocatedCertificate, signatures: Signatures) -> Iterator[Finding]:
    """
    Check the names, the key usage and the basic constraints of a leaf.

    Args:
        leaf: The server's own certificate.
        signatures: Verifies who signed which certificate.
    """
    yield from check_extensions([leaf])
    extensions = leaf.certificate.extensions
    self_signed = signatures.is_self_signed(leaf.certificate)
    yield from _check_names(leaf, extensions, self_signed=self_signed)
    yield from _check_key_usage(leaf, extensions, self_signed=self_signed)
    yield from _check_authority(leaf, extensions, self_signed=self_signed)


def _check_names(
    leaf: LocatedCertificate, extensions: Extensions, *, self_signed: bool
) -> Iterator[Finding]:
    alternatives = extensions.value(x509.SubjectAlternativeName)
    if alternatives is not None and any(
        isinstance(name, x509.DNSName | x509.IPAddress) for name in alternatives
    ):
        return
    if extensions.is_unreadable(x509.SubjectAlternativeName):
        return
    yield NO_SUBJECT_ALTERNATIVE_NAME.finding(
        leaf.subject,
        f"{name_of(leaf.certificate)} has no DNS name or IP address in its subject alternative"
        " name; clients ignore the common name.",
        f"{'Create' if self_signed else 'Request'} a certificate with its names:"
        f" {request_command(leaf.certificate, self_signed=self_signed)}",
    )


def _check_key_usage(
    leaf: LocatedCertificate, extensions: Extensions, *, self_signed: bool
) -> Iterator[Finding]:
    usage = extensions.value(x509.KeyUsage)
    if usage is None or usage.digital_signature:
        return
    name = name_of(leaf.certificate)
    if usage.key_encipherment and describe_certified_key(leaf.certificate).is_rsa:
        what = "allows keyEncipherment but not digitalSignature, so only old clients can connect"
    else:
        what = "doesn't allow digitalSignature, so clients reject it"
    fix: str | None = None
    if self_signed:
        request = request_command(leaf.certificate, self_signed=True)
        fix = f"Create one that does: {request} -addext keyUsage=critical,digitalSignature"
    yield KEY_USAGE.finding(leaf.subject, f"the key usage of {name} {what}.", fix)


def _check_authority(
    leaf: LocatedCertificate, extensions: Extensions, *, self_signed: bool
) -> Iterator[Finding]:
    constraints = extensions.value(x509.BasicConstraints)
    if constraints is None or not constraints.ca:
        return
    if self_signed:
        yield CERTIFICATE_IS_CA.finding(
            leaf.subject,
            f"{name_of(leaf.certificate)} is a self-signed CA certificate: anyone who obtains its"
            " key can issue certificates that its clients trust.",
            f"Create one that isn't a CA: {request_command(leaf.certificate, self_signed=True)}",
        )
    else:
        yield CERTIFICATE_IS_CA.finding(
            leaf.subject,
            f"{name_of(leaf.certificate)} is the certificate of a CA, not of a server.",
        )
