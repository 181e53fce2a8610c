"""The rule about DNS names in the subject alternative name that clients can't use."""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING

from cryptography import x509

from server_certificate.certificates.subject_names import name_of, quoted
from server_certificate.findings import Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from server_certificate.certificates.located_certificate import LocatedCertificate
    from server_certificate.findings import Finding

DNS_NAME_UNUSABLE = Rule(
    code="dns-name-unusable",
    severity=Severity.WARNING,
    why="Clients compare the host they connect to with the DNS names of the certificate, letter by"
    " letter but for a wildcard as the first label. A URL, a port, a blank, an IP address or a dot at"
    " the end never match, and public authorities must not certify names with an underscore.",
    fix="Have the certificate issued for names such as `www.example.com` or `*.example.com`.",
    source="RFC 5280, 4.2.1.6; RFC 9525, 4 and 6; RFC 1034, 3.5; CA/Browser Forum Baseline"
    " Requirements, 7.1.4.2",
    acknowledged="The certificate is uploaded as it is.",
)
RULES = (DNS_NAME_UNUSABLE,)

_LONGEST_NAME, _LONGEST_LABEL = 253, 63
_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?", re.ASCII)
_WITH_UNDERSCORE = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)
_USUAL = re.compile(
    r"(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)++[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?"
)
_PORT = re.compile(r"(?P<host>[^:/]*):[0-9]{1,5}", re.ASCII)
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,20}://(?P<host>[^/:?#]*)", re.ASCII)


def check_host_names(leaf: LocatedCertificate) -> Iterator[Finding]:
    """Report the DNS names of a leaf that clients can't use, and what clients do with them."""
    alternatives = leaf.certificate.extensions.value(x509.SubjectAlternativeName)
    if alternatives is None:
        return
    for name in alternatives.get_values_for_type(x509.DNSName):
        problem, better = _problem(name)
        if problem:
            yield DNS_NAME_UNUSABLE.finding(
                leaf.subject,
                f"the DNS name {quoted(name)} of {name_of(leaf.certificate)} {problem}.",
                f"Have the certificate issued for {better} instead." if better else None,
            )


def _problem(name: str) -> tuple[str, str]:
    """Return what is wrong with a DNS name, and what to write; empty where there is nothing."""
    if len(name) <= _LONGEST_NAME and _USUAL.fullmatch(name):
        return "", ""
    url, port = _URL.match(name), _PORT.fullmatch(name)
    if _is_address(name):
        problem = "is an IP address, which clients look for among the IP addresses only"
        return problem, f"the IP address {quoted(name)}"
    if url:
        problem, better = "is a URL, and clients compare host names", url["host"]
    elif port:
        problem, better = "has a port, and clients compare host names without it", port["host"]
    elif name.strip() != name:
        problem, better = "has blanks around it, and matches no host", name.strip()
    elif name.endswith("."):
        problem, better = "ends with a dot, which no client expects there", name[:-1]
    else:
        problem, better = _problem_of_labels(name), ""
    return problem, _usable(better)


def _problem_of_labels(name: str) -> str:
    first, *others = name.split(".")
    labels = others if first == "*" else [first, *others]
    problem = ""
    if not name:
        problem = "is empty, and matches no host"
    elif len(name) > _LONGEST_NAME or any(len(label) > _LONGEST_LABEL for label in labels):
        problem = "is longer than DNS allows: 63 characters between dots, 253 in all"
    elif first == "*" and len(others) <= 1:
        problem = "is a wildcard for whole top-level domains, which clients refuse"
    elif "*" in "".join(labels):
        problem = "has a wildcard that is not the whole first label, which browsers refuse"
    elif not all(labels):
        problem = "has an empty label, and matches no host"
    elif not all(_WITH_UNDERSCORE.fullmatch(label) for label in labels):
        problem = "has characters that no host name has, and matches no host"
    elif "_" in name:
        problem = (
            "has an underscore, which no host name has; public authorities must not certify it, and"
            " some clients refuse it"
        )
    elif not all(_LABEL.fullmatch(label) for label in labels):
        problem = "has a label with a hyphen at its end, which some clients refuse"
    return problem


def _usable(name: str) -> str:
    """Return a name, quoted, if there is nothing wrong with it; or nothing."""
    if _is_address(name):
        return f"the IP address {quoted(name)}"
    return "" if not name or name.endswith(".") or _problem_of_labels(name) else quoted(name)


def _is_address(name: str) -> bool:
    if ":" not in name and not name.replace(".", "").isdigit():
        # Nearly every name; asking the library what it is takes longer.
        return False
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
