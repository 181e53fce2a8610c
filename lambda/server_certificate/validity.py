"""Rules about dates: whether a certificate and its chain are valid at an instant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server_certificate.findings import Rule, Severity
from server_certificate.subject_names import name_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from server_certificate.elements import Element
    from server_certificate.findings import Finding

_VALID_AT_UPLOAD = (
    "IAM user guide, Manage server certificates in IAM: the certificate must be valid at the time"
    " of upload; RFC 5280, 4.1.2.5"
)
CERTIFICATE_EXPIRED = Rule(
    code="certificate-expired",
    severity=Severity.ERROR,
    why="IAM takes a certificate only while it is valid. A certificate is valid through the second"
    " of its `notAfter`.",
    mend="Renew the certificate.",
    source=_VALID_AT_UPLOAD,
)
CERTIFICATE_NOT_YET_VALID = Rule(
    code="certificate-not-yet-valid",
    severity=Severity.ERROR,
    why="IAM takes a certificate only while it is valid, and says of one that is not yet valid that"
    " it can't parse it.",
    mend="Deploy it after its `notBefore`; if it was issued just now, compare the clocks.",
    source=_VALID_AT_UPLOAD,
)
CHAIN_ELEMENT_NOT_VALID = Rule(
    code="chain-element-not-valid",
    severity=Severity.WARNING,
    why="IAM does not look at the dates of a chain, and clients do: they refuse a chain with an"
    " element that is not valid, unless they know another way to a root.",
    mend="Get the present chain from the certificate authority.",
    source="RFC 5280, 6.1.3 (a)(2)",
    acknowledged="The chain is uploaded as it is.",
)
RULES = (CERTIFICATE_EXPIRED, CERTIFICATE_NOT_YET_VALID, CHAIN_ELEMENT_NOT_VALID)


def check_validity(leaf: Element, chain: Sequence[Element], *, at: datetime) -> Iterator[Finding]:
    """
    Judge the dates of a leaf and its chain (RFC 5280, 4.1.2.5: both ends are included).

    Args:
        leaf: The certificate that IAM looks at.
        chain: What certifies it; clients look at that.
        at: The instant to judge at, with a time zone.
    """
    certificate = leaf.certificate
    if at > certificate.not_valid_after_utc:
        yield CERTIFICATE_EXPIRED.found(
            leaf.subject,
            f"{name_of(certificate)} expired on {_date(certificate.not_valid_after_utc)};"
            " IAM takes valid certificates only.",
            "Renew it.",
        )
    if at < certificate.not_valid_before_utc:
        yield CERTIFICATE_NOT_YET_VALID.found(
            leaf.subject,
            f"{name_of(certificate)} is not valid before {_date(certificate.not_valid_before_utc)};"
            " IAM takes valid certificates only.",
            "Deploy it after that; if it was issued just now, compare the clocks.",
        )
    for element in chain:
        certificate = element.certificate
        if not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
            yield CHAIN_ELEMENT_NOT_VALID.found(
                element.subject,
                f"{name_of(certificate)} is valid from {_date(certificate.not_valid_before_utc)}"
                f" to {_date(certificate.not_valid_after_utc)} only; clients may refuse the chain.",
                "Get the present chain from the certificate authority.",
            )


def _date(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")
