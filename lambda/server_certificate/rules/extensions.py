"""The rule about extensions that can't be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server_certificate.findings import Rule, Severity
from server_certificate.subject_names import name_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from server_certificate.findings import Finding
    from server_certificate.located_certificate import LocatedCertificate

EXTENSION_UNREADABLE = Rule(
    code="extension-unreadable",
    severity=Severity.WARNING,
    why="Extensions say what a certificate is for. Where one of them is damaged, nothing that"
    " depends on it can be checked, and strict clients refuse the certificate.",
    fix="Have the certificate issued again.",
    source="RFC 5280, 4.2",
    acknowledged="The certificate is uploaded as it is, and its extensions are not checked.",
)
RULES = (EXTENSION_UNREADABLE,)


def check_extensions(elements: Iterable[LocatedCertificate]) -> Iterator[Finding]:
    """Report the extensions of certificates that can't be read."""
    for element in elements:
        if element.certificate.extensions.unreadable:
            yield EXTENSION_UNREADABLE.finding(
                element.subject,
                f"the extensions of {name_of(element.certificate)} can't be read: one of them is"
                " damaged, there twice, or of an unknown form.",
            )
