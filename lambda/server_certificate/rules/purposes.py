"""Rules about the purposes that certificates name: whether servers are among them."""

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
    why="An extended key usage without `serverAuth` forbids the use by a server: clients refuse"
    " the connection. By RFC 5280, `anyExtendedKeyUsage` includes servers, but OpenSSL does not"
    " accept it, and neither do curl, Python and others that use OpenSSL.",
    fix="Have the certificate issued with the extended key usage `serverAuth`.",
    source="RFC 5280, 4.2.1.12; OpenSSL, purpose `sslserver`",
    acknowledged="The certificate is uploaded as it is.",
)
ISSUER_NOT_FOR_SERVERS = Rule(
    code="issuer-not-for-servers",
    severity=Severity.ERROR,
    why="The extended key usage of an authority limits what the certificates below it are good for."
    " Without `serverAuth` clients refuse those of servers. IAM has not been observed to check that.",
    fix="Have the leaf issued by an authority for servers.",
    source="RFC 5280, 4.2.1.12; CA/Browser Forum Baseline Requirements, 7.1.2.10.6; OpenSSL, purpose"
    " `sslserver`, which also takes the two Server Gated Crypto usages",
    acknowledged="The chain is uploaded as it is; clients that verify chains refuse it.",
)
RULES = (NOT_FOR_SERVERS, ISSUER_NOT_FOR_SERVERS)

_SERVERS, _ANY = ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE
_GATED_CRYPTO = {
    # Server Gated Crypto, Netscape's and Microsoft's: how some old authorities say it.
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
"""At most this many are named in one sentence."""


def check_purposes(
    leaf: LocatedCertificate, chain: Sequence[LocatedCertificate]
) -> Iterator[Finding]:
    """
    Check whether a leaf is for servers, and the authorities above it.

    Args:
        leaf: The server's own certificate.
        chain: What certifies it.
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
                f"{name} does not name servers among its purposes: {what}; clients that use OpenSSL"
                " refuse it.",
            )
        elif is_leaf:
            yield NOT_FOR_SERVERS.finding(element.subject, f"{name} is not for servers: {what}.")
        else:
            yield ISSUER_NOT_FOR_SERVERS.finding(
                element.subject,
                f"{name} is not an authority for servers: {what}; clients refuse the chain.",
            )


def _named(purposes: Iterable[x509.ObjectIdentifier]) -> str:
    """List purposes by name, those without one by number."""
    words = [_NAMES.get(purpose, purpose.dotted_string) for purpose in purposes]
    more = f" and {len(words) - _NAMED:,} more" if len(words) > _NAMED else ""
    return ", ".join(words[:_NAMED]) + more
