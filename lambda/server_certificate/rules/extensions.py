"""Rules about extensions that can't be read, or that are there more than once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography import x509

from server_certificate.certificates.subject_names import name_of
from server_certificate.extension_names import name_of_extension
from server_certificate.findings import Rule, Severity
from server_certificate.reading.sizes import TOO_LARGE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from server_certificate.certificates.located_certificate import LocatedCertificate
    from server_certificate.findings import Finding

_UNCHECKED = "The certificate is uploaded as it is, and that extension is not checked."
EXTENSION_UNREADABLE = Rule(
    code="extension-unreadable",
    severity=Severity.WARNING,
    why="Where an extension is damaged, nothing that depends on it can be checked, and strict"
    " clients refuse the certificate.",
    fix="Have the certificate issued again.",
    source="RFC 5280, 4.2",
    acknowledged=_UNCHECKED,
)
NEEDED_EXTENSION_UNREADABLE = Rule(
    code="needed-extension-unreadable",
    severity=Severity.ERROR,
    why="A client must refuse a certificate with a critical extension that it can't process. OpenSSL,"
    " Go and browsers do so with whatever says what the certificate is for, critical or not: its"
    " basic constraints, key usage, extended key usage, alternative names and name constraints. IAM"
    " has not been observed to check that.",
    fix="Have the certificate issued again.",
    source="RFC 5280, 4.2; OpenSSL, `EXFLAG_INVALID`",
    acknowledged=_UNCHECKED,
)
EXTENSION_REPEATED = Rule(
    code="extension-repeated",
    severity=Severity.ERROR,
    why="A certificate has each extension once at most. Which of two counts is not defined, so"
    " OpenSSL, Java and Go refuse such a certificate.",
    fix="Have the certificate issued again.",
    source="RFC 5280, 4.2; observed: OpenSSL 3, Java 17",
    acknowledged="The certificate is uploaded as it is; the first of each is checked.",
)
RULES = (NEEDED_EXTENSION_UNREADABLE, EXTENSION_UNREADABLE, EXTENSION_REPEATED)

_NEEDED = frozenset(
    kind.oid.dotted_string
    for kind in (
        x509.BasicConstraints,
        x509.KeyUsage,
        x509.ExtendedKeyUsage,
        x509.SubjectAlternativeName,
        x509.NameConstraints,
    )
)

_NAMED = 5
"""Extensions that are named in one sentence."""


def check_extensions(elements: Iterable[LocatedCertificate]) -> Iterator[Finding]:
    """Report the extensions of certificates that can't be read, and those that are repeated."""
    for element in elements:
        extensions = element.certificate.extensions
        if not (extensions.problem or extensions.unreadable or extensions.repeated):
            continue
        name = name_of(element.certificate)
        if extensions.problem:
            message = f"the extensions of {name} are not read: {extensions.problem}."
            yield TOO_LARGE.finding(element.subject, message)
        needed = [
            one for one in extensions.unreadable if one in _NEEDED or one in extensions.critical
        ]
        if needed:
            yield NEEDED_EXTENSION_UNREADABLE.finding(
                element.subject, f"{_named(needed)} of {name} can't be read; clients refuse it."
            )
        if others := [one for one in extensions.unreadable if one not in needed]:
            yield EXTENSION_UNREADABLE.finding(
                element.subject, f"{_named(others)} of {name} can't be read."
            )
        if extensions.repeated:
            yield EXTENSION_REPEATED.finding(
                element.subject,
                f"{name} has {_named(extensions.repeated)} more than once; clients refuse it.",
            )


def _named(identifiers: Sequence[str]) -> str:
    names = ", ".join(name_of_extension(one) for one in identifiers[:_NAMED])
    if len(identifiers) > _NAMED:
        names += f" and {len(identifiers) - _NAMED:,} more"
    return f"the extension{'s' if len(identifiers) > 1 else ''} {names}"
