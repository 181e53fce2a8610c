"""Rules about the extended key usage: whether it includes servers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from server_certificate.certificates.subject_names import name_of
from server_certificate.findings import Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from server_certificate.certificates.located_certificate import LocatedCertificate
    from server_certificate.findings import Finding

NOT_FOR_SERVERS = Rule(
    code="not-for-servers",
    severity=Severity.WARNING,
    why="Clients reject a server's certificate whose extended key usage doesn't include"
    " `serverAuth`. RFC 5280 says that `anyExtendedKeyUsage` includes servers, but OpenSSL doesn't"
    " accept it, and neither do curl, Python and others that use OpenSSL.",
    fix="Request a certificate with the extended key usage `serverAuth`.",
    source="RFC 5280, 4.2.1.12; OpenSSL, purpose `sslserver`",
    acknowledged="The certificate is uploaded unchanged.",
)
ISSUER_NOT_FOR_SERVERS = Rule(
    code="issuer-not-for-servers",
    severity=Severity.ERROR,
    why="The extended key usage of a CA limits the purposes of the certificates below it. Without"
    " `serverAuth`, clients reject its server certificates. IAM has not been observed to check"
    " this.",
    fix="Request a certificate from a CA for servers.",
    source="RFC 5280, 4.2.1.12; CA/Browser Forum Baseline Requirements, 7.1.2.10.6; OpenSSL, purpose"
    " `sslserver`, which also takes the two Server Gated Crypto usages",
    acknowledged="The chain is uploaded unchanged, and clients that verify chains reject it.",
)
RULES = (NOT_FOR_SERVERS, ISSUER_NOT_FOR_SERVERS)

_SERVERS, _ANY = ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE
_GATED_CRYPTO = {
    # Server Gated Crypto (Netscape and Microsoft), which some old CAs use instead of serverAuth.
    x509.ObjectIdentifier("2.16.840.1.113730.4.1"),
    x509.ObjectIdentifier("1.3.6.1.4.1.311.10.3.3"),
}
_NAMES = {
    ExtendedKeyUsageOID.CLIENT_AUTH: "clientAuth",
    ExtendedKeyUsageOID.CODE_SIGNING: "codeSigning",
    ExtendedKeyUsageOID.EMAIL_PROTECTION: "emailProtection",
    ExtendedKeyUsageOID.TIME_STAMPING: "timeStamping",
    ExtendedKeyUsageOID.OCSP_SIGNING: "OCSPSigning",
    _ANY: "anyExtendedKeyUsage",
}
_NAMED = 10
"""The maximum number of purposes named in a message."""


def check_purposes(
    leaf: LocatedCertificate, chain: Sequence[LocatedCertificate]
) -> Iterator[Finding]:
    """
    Check whether a leaf and the CAs above it are for servers.

    Args:
        leaf: The server's own certificate.
        chain: Its chain.
    """
    for element in (leaf, *chain):
        usage = element.certificate.extensions.value(x509.ExtendedKeyUsage)
        if usage is None or _SERVERS in usage:
            continue
        is_leaf = element is leaf
        if not is_leaf and not _GATED_CRYPTO.isdisjoint(usage):
            continue
        what = f"its extended key usage is {_named(usage)}"
        name = name_of(element.certificate)
        if _ANY in usage:
            yield NOT_FOR_SERVERS.finding(
                element.subject,
                f"{name} doesn't list servers among its purposes: {what}; clients that use OpenSSL"
                " reject it.",
            )
        elif is_leaf:
            yield NOT_FOR_SERVERS.finding(element.subject, f"{name} is not for servers: {what}.")
        else:
            yield ISSUER_NOT_FOR_SERVERS.finding(
                element.subject,
                f"{name} is not a CA for servers: {what}; clients reject the chain.",
            )


def _named(purposes: Iterable[x509.ObjectIdentifier]) -> str:
    """List purposes by name, or by object identifier if they have no name."""
    words = [_NAMES.get(purpose, purpose.dotted_string) for purpose in purposes]
    more = f" and {len(words) - _NAMED:,} more" if len(words) > _NAMED else ""
    return ", ".join(words[:_NAMED]) + more
