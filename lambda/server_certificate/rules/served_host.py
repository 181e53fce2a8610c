"""The rule about the host name that clients use to connect to a server."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from cryptography import x509

from server_certificate.certificates.host_coverage import not_covered
from server_certificate.certificates.subject_names import dns_names, name_of, quoted
from server_certificate.findings import Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from server_certificate.certificates.located_certificate import LocatedCertificate
    from server_certificate.findings import Finding

HOST_NOT_COVERED = Rule(
    code="host-not-covered",
    severity=Severity.WARNING,
    why="Clients reject a certificate if none of the names in its subject alternative name is the"
    " host that they connect to. A wildcard such as `*.example.com` covers one label:"
    " `www.example.com`, but neither `example.com` nor `a.b.example.com`. The command checks this"
    " for a server, such as `server-certificate check www.example.com:443`.",
    fix="Request a certificate that covers the host name, or configure the server to send another"
    " one for it.",
    source="RFC 9525, 6",
    acknowledged="Nothing changes, because the finding is a warning.",
)
RULES = (HOST_NOT_COVERED,)

_NAMED = 5


def check_host(leaf: LocatedCertificate, host: str) -> Iterator[Finding]:
    """
    Report a leaf that doesn't cover a host.

    Args:
        leaf: The leaf.
        host: The DNS name in ASCII, or the IP address, that clients connect to.
    """
    alternatives = leaf.certificate.extensions.value(x509.SubjectAlternativeName)
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        names = alternatives.get_values_for_type(x509.DNSName) if alternatives else []
        is_covered = not not_covered([host.removesuffix(".")], names)
    else:
        addresses = alternatives.get_values_for_type(x509.IPAddress) if alternatives else []
        is_covered = address in addresses
    if not is_covered:
        known = dns_names(leaf.certificate)
        more = f" and {len(known) - _NAMED:,} more" if len(known) > _NAMED else ""
        names_text = ", ".join(map(quoted, known[:_NAMED])) + more
        yield HOST_NOT_COVERED.finding(
            leaf.subject,
            f"{name_of(leaf.certificate)} doesn't cover {quoted(host)};"
            f" it is valid for {names_text or 'no host'}.",
        )
