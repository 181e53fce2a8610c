"""Reading the extensions of certificates, damaged ones included."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from cryptography import x509

from server_certificate.findings import Rule, Severity
from server_certificate.subject_names import name_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from server_certificate.findings import Finding
    from server_certificate.located_certificate import LocatedCertificate

_Value = TypeVar("_Value", bound=x509.ExtensionType)

EXTENSION_UNREADABLE = Rule(
    code="extension-unreadable",
    severity=Severity.WARNING,
    why="Extensions say what a certificate is for. Where one of them is damaged, nothing that"
    " depends on them can be judged, and strict clients refuse the certificate.",
    fix="Have the certificate issued again.",
    source="RFC 5280, 4.2",
    acknowledged="The certificate is uploaded as it is, and its extensions are not judged.",
)
RULES = (EXTENSION_UNREADABLE,)


def check_extensions(elements: Iterable[LocatedCertificate]) -> Iterator[Finding]:
    """Judge whether the extensions of certificates can be read at all."""
    for element in elements:
        if readable_extensions(element.certificate) is None:
            yield EXTENSION_UNREADABLE.finding(
                element.subject,
                f"the extensions of {name_of(element.certificate)} can't be read: one of them is"
                " damaged, there twice, or of an unknown form.",
            )


def readable_extensions(certificate: x509.Certificate) -> x509.Extensions | None:
    """Return a certificate's extensions, none if it has none; None if any can't be read."""
    try:
        return certificate.extensions
    except Exception:  # noqa: BLE001 (the library's parsers raise much that is not documented)
        return None


def value_of(extensions: x509.Extensions, kind: type[_Value]) -> _Value | None:
    """Return the extension of a kind; None if there is none."""
    try:
        return extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None
