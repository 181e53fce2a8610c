"""Rules about critical extensions: a client that doesn't process one must reject the certificate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server_certificate.certificates.subject_names import name_of
from server_certificate.findings import Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from server_certificate.certificates.located_certificate import LocatedCertificate
    from server_certificate.findings import Finding

_AS_IT_IS = "The certificate is uploaded unchanged."
_SOURCES = (
    "RFC 5280, 4.2; OpenSSL, `X509_supported_extension`; mozilla::pkix, `BackCert`; Go,"
    " `crypto/x509`; BoringSSL, `VerifyNoUnconsumedCriticalExtensions`"
)
CRITICAL_EXTENSION_UNKNOWN = Rule(
    code="critical-extension-unknown",
    severity=Severity.ERROR,
    why="A client must reject a certificate with a critical extension that it doesn't know. No TLS"
    " client knows this one. IAM has not been observed to check this.",
    fix="Request a certificate without the extension, or with the extension marked as not critical.",
    source=_SOURCES,
    acknowledged=_AS_IT_IS,
)
CRITICAL_EXTENSION_UNUSUAL = Rule(
    code="critical-extension-unusual",
    severity=Severity.WARNING,
    why="A client must reject a certificate with a critical extension that it doesn't know. Some"
    " clients know this one, and others don't.",
    fix="Request a certificate with the extension marked as not critical.",
    source=_SOURCES,
    acknowledged=_AS_IT_IS,
)
PRECERTIFICATE = Rule(
    code="precertificate",
    severity=Severity.ERROR,
    why="A CA submits a precertificate to Certificate Transparency logs before it issues the"
    " certificate. The critical poison extension makes every client reject it.",
    fix="Use the certificate that the CA issued for the precertificate.",
    source="RFC 6962, 3.1",
    acknowledged=_AS_IT_IS,
)
RULES = (CRITICAL_EXTENSION_UNKNOWN, CRITICAL_EXTENSION_UNUSUAL, PRECERTIFICATE)

_POISON = "1.3.6.1.4.1.11129.2.4.3"

_PROCESSED = frozenset(
    {
        "2.5.29.15",  # keyUsage
        "2.5.29.17",  # subjectAltName
        "2.5.29.19",  # basicConstraints
        "2.5.29.30",  # nameConstraints
        "2.5.29.32",  # certificatePolicies
        "2.5.29.36",  # policyConstraints
        "2.5.29.37",  # extKeyUsage
        "2.5.29.54",  # inhibitAnyPolicy
    }
)
"""
Extensions that OpenSSL, Go, BoringSSL (Chrome, Android) and mozilla::pkix (Firefox) all process.
"""

_PROCESSED_BY_SOME = {
    "2.5.29.31": ("cRLDistributionPoints", "OpenSSL and Go"),
    "2.5.29.33": ("policyMappings", "OpenSSL, Go and Chrome"),
    "1.3.6.1.5.5.7.1.1": ("authorityInfoAccess", "Firefox"),
    "1.3.6.1.5.5.7.1.3": ("qcStatements", "Firefox"),
    "1.3.6.1.5.5.7.1.7": ("ipAddrBlocks", "OpenSSL"),
    "1.3.6.1.5.5.7.1.8": ("autonomousSysIds", "OpenSSL"),
    "1.3.6.1.5.5.7.1.24": ("tlsfeature", "Firefox"),
    "1.3.6.1.5.5.7.48.1.5": ("OCSP no check", "OpenSSL and Firefox"),
    "1.3.6.1.4.1.11129.2.4.2": ("signed certificate timestamps", "Firefox"),
    "2.16.840.1.113730.1.1": ("Netscape certificate type", "OpenSSL and Firefox"),
}


def check_critical_extensions(elements: Iterable[LocatedCertificate]) -> Iterator[Finding]:
    """Report the critical extensions of a leaf or its chain that make clients reject it."""
    for element in elements:
        for identifier in element.certificate.extensions.critical:
            if identifier not in _PROCESSED:
                yield _finding(element, identifier)


def _finding(element: LocatedCertificate, identifier: str) -> Finding:
    name = name_of(element.certificate)
    if identifier == _POISON:
        return PRECERTIFICATE.finding(
            element.subject,
            f"{name} is a precertificate for Certificate Transparency, not a certificate; clients"
            " reject it.",
        )
    if identifier in _PROCESSED_BY_SOME:
        extension, clients = _PROCESSED_BY_SOME[identifier]
        return CRITICAL_EXTENSION_UNUSUAL.finding(
            element.subject,
            f"{name} has the critical extension {extension} ({identifier}), which only {clients}"
            " are known to process; other clients reject the certificate.",
        )
    return CRITICAL_EXTENSION_UNKNOWN.finding(
        element.subject,
        f"{name} has the critical extension {identifier}, which no client is known to process;"
        " clients reject the certificate.",
    )
