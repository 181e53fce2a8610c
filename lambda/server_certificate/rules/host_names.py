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
    why="Clients compare the host name that they connect to with the DNS names of the certificate,"
    " letter by letter except for a wildcard as the first label. A URL, a port, white space, an IP"
    " address or a trailing dot never matches, and public certificate authorities must not issue"
    " certificates for names with an underscore.",
    fix="Request a certificate for names such as `www.example.com` or `*.example.com`.",
    source="RFC 5280, 4.2.1.6; RFC 9525, 4 and 6; RFC 1034, 3.5; CA/Browser Forum Baseline"
    " Requirements, 7.1.4.2",
    acknowledged="The certificate is uploaded unchanged.",
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
    """Report the DNS names of a leaf that clients reject or can't match."""
    alternatives = leaf.certificate.extensions.value(x509.SubjectAlternativeName)
    if alternatives is None:
        return
    for name in alternatives.get_values_for_type(x509.DNSName):
        problem, better = _problem(name)
        if problem:
            yield DNS_NAME_UNUSABLE.finding(
                leaf.subject,
                f"the DNS name {quoted(name)} of {name_of(leaf.certificate)} {problem}.",
                f"Request a certificate for {better} instead." if better else None,
            )


def _problem(name: str) -> tuple[str, str]:
    """Return what is wrong with a DNS name and what to use instead, or two empty strings."""
    if len(name) <= _LONGEST_NAME and _USUAL.fullmatch(name):
        return "", ""
    url, port = _URL.match(name), _PORT.fullmatch(name)
    if _is_address(name):
        problem = "is an IP address, which clients only look for among the IP addresses"
        return problem, f"the IP address {quoted(name)}"
    if url:
        problem, better = "is a URL, but clients compare host names", url["host"]
    elif port:
        problem, better = "has a port, but clients compare host names without a port", port["host"]
    elif name.strip() != name:
        problem, better = "has white space around it, so it matches no host", name.strip()
    elif name.endswith("."):
        problem, better = "ends with a dot, which no client expects", name[:-1]
    else:
        problem, better = _problem_of_labels(name), ""
    return problem, _usable(better)


def _problem_of_labels(name: str) -> str:
    first, *others = name.split(".")
    labels = others if first == "*" else [first, *others]
    problem = ""
    if not name:
        problem = "is empty, so it matches no host"
    elif len(name) > _LONGEST_NAME or any(len(label) > _LONGEST_LABEL for label in labels):
        problem = "is longer than DNS allows: 63 characters between dots, 253 in total"
    elif first == "*" and len(others) <= 1:
        problem = "is a wildcard for a whole top-level domain, which clients reject"
    elif "*" in "".join(labels):
        problem = "has a wildcard that is not the whole first label, which browsers reject"
    elif not all(labels):
        problem = "has an empty label, so it matches no host"
    elif not all(_WITH_UNDERSCORE.fullmatch(label) for label in labels):
        problem = "has characters that host names can't have, so it matches no host"
    elif "_" in name:
        problem = (
            "has an underscore, which host names can't have; public certificate authorities must"
            " not accept it, and some clients reject it"
        )
    elif not all(_LABEL.fullmatch(label) for label in labels):
        problem = "has a label that begins or ends with a hyphen, which some clients reject"
    return problem


def _usable(name: str) -> str:
    """Return a name, quoted, if there is nothing wrong with it; an empty string otherwise."""
    if _is_address(name):
        return f"the IP address {quoted(name)}"
    return "" if not name or name.endswith(".") or _problem_of_labels(name) else quoted(name)


def _is_address(name: str) -> bool:
    if ":" not in name and not name.replace(".", "").isdigit():
        # The quick answer for nearly every name: the library takes longer.
        return False
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
