"""Rules about unreadable and repeated extensions."""

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

_UNCHECKED = "The certificate is uploaded unchanged, and the extension is not checked."
EXTENSION_UNREADABLE = Rule(
    code="extension-unreadable",
    severity=Severity.WARNING,
    why="If an extension is damaged, the checks that depend on it can't run, and strict clients"
    " reject the certificate.",
    fix="Have the certificate reissued.",
    source="RFC 5280, 4.2",
    acknowledged=_UNCHECKED,
)
NEEDED_EXTENSION_UNREADABLE = Rule(
    code="needed-extension-unreadable",
    severity=Severity.ERROR,
    why="A client must reject a certificate with a critical extension that it can't process."
    " OpenSSL, Go and browsers also reject a certificate if they can't read its basic constraints,"
    " key usage, extended key usage, alternative names or name constraints, critical or not. IAM"
    " has not been observed to check this.",
    fix="Have the certificate reissued.",
    source="RFC 5280, 4.2; OpenSSL, `EXFLAG_INVALID`",
    acknowledged=_UNCHECKED,
)
EXTENSION_REPEATED = Rule(
    code="extension-repeated",
    severity=Severity.ERROR,
    why="A certificate must not contain an extension more than once. Which of the two counts is not"
    " defined, so OpenSSL, Java and Go reject the certificate.",
    fix="Have the certificate reissued.",
    source="RFC 5280, 4.2; observed: OpenSSL 3, Java 17",
    acknowledged="The certificate is uploaded unchanged. The first of the repeated extensions is"
    " checked.",
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
"""The maximum number of extensions named in a message."""


def check_extensions(elements: Iterable[LocatedCertificate]) -> Iterator[Finding]:
    """Report the unreadable and repeated extensions of certificates."""
    for element in elements:
        extensions = element.certificate.extensions
        if not (extensions.problem or extensions.unreadable or extensions.repeated):
            continue
        name = name_of(element.certificate)
        if extensions.problem:
            message = f"the extensions of {name} can't be read: {extensions.problem}."
            yield TOO_LARGE.finding(element.subject, message)
        needed = [
            one for one in extensions.unreadable if one in _NEEDED or one in extensions.critical
        ]
        if needed:
            yield NEEDED_EXTENSION_UNREADABLE.finding(
                element.subject,
                f"{_named(needed)} of {name} can't be read; clients reject the certificate.",
            )
        if others := [one for one in extensions.unreadable if one not in needed]:
            yield EXTENSION_UNREADABLE.finding(
                element.subject, f"{_named(others)} of {name} can't be read."
            )
        if extensions.repeated:
            yield EXTENSION_REPEATED.finding(
                element.subject,
                f"{name} has {_named(extensions.repeated)} more than once; clients reject it.",
            )


def _named(identifiers: Sequence[str]) -> str:
    names = ", ".join(name_of_extension(one) for one in identifiers[:_NAMED])
    if len(identifiers) > _NAMED:
        names += f" and {len(identifiers) - _NAMED:,} more"
    return f"the extension{'s' if len(identifiers) > 1 else ''} {names}"
