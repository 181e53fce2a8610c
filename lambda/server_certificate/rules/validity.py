"""Rules about dates: whether a certificate and its chain are valid at an instant."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from server_certificate.description import timestamp
from server_certificate.findings import Rule, Severity
from server_certificate.subject_names import name_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from server_certificate.certificate import Certificate
    from server_certificate.chain import Signatures
    from server_certificate.findings import Finding
    from server_certificate.located_certificate import LocatedCertificate

_VALID_AT_UPLOAD = (
    "IAM user guide, Manage server certificates in IAM: the certificate must be valid at the time"
    " of upload; RFC 5280, 4.1.2.5"
)
CERTIFICATE_EXPIRED = Rule(
    code="certificate-expired",
    severity=Severity.ERROR,
    why="IAM takes a certificate only while it is valid. A certificate is valid through the second"
    " of its `notAfter`.",
    fix="Renew it.",
    source=_VALID_AT_UPLOAD,
)
CERTIFICATE_NOT_YET_VALID = Rule(
    code="certificate-not-yet-valid",
    severity=Severity.ERROR,
    why="IAM takes a certificate only while it is valid, and says of one that is not yet valid that"
    " it can't parse it.",
    fix="Deploy it after its `notBefore`; if it was issued just now, compare the clocks.",
    source=_VALID_AT_UPLOAD,
)
CHAIN_ELEMENT_NOT_VALID = Rule(
    code="chain-element-not-valid",
    severity=Severity.WARNING,
    why="IAM does not look at the dates of a chain, and clients do: they refuse a chain with an"
    " element that is not valid, unless they know another way to a root.",
    fix="Get the present chain from the certificate authority.",
    source="RFC 5280, 6.1.3 (a)(2)",
    acknowledged="The chain is uploaded as it is.",
)
EXPIRES_SOON = Rule(
    code="expires-soon",
    severity=Severity.WARNING,
    why="IAM does not renew certificates, and tells nobody when one ends.",
    fix="Renew it, and deploy the new one before the old one ends.",
    source="IAM user guide, Manage server certificates in IAM",
    acknowledged="The certificate is uploaded, and serves until it ends.",
)
LIFETIME_TOO_LONG = Rule(
    code="lifetime-too-long",
    severity=Severity.WARNING,
    why="Browsers refuse certificates of public authorities that live longer than the CA/Browser"
    " Forum allows: 825 days if they begin before 2020-09-01, then 398 days, 200 days from"
    " 2026-03-15, 100 days from 2027-03-15, and 47 days from 2029-03-15. A day has 86,400 seconds,"
    " and both ends of a validity belong to it. Apple holds those of private authorities to 825"
    " days, too. Certificates that signed themselves go unjudged.",
    fix="Have the certificate issued for fewer days.",
    source="CA/Browser Forum Baseline Requirements, 6.3.2, with ballot SC-081v3; RFC 5280, 4.1.2.5",
    acknowledged="The certificate is uploaded as it is: right for one of a private authority whose"
    " clients don't mind.",
)
RULES = (
    CERTIFICATE_EXPIRED,
    CERTIFICATE_NOT_YET_VALID,
    CHAIN_ELEMENT_NOT_VALID,
    EXPIRES_SOON,
    LIFETIME_TOO_LONG,
)

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)

# The days that are allowed from each instant of issuance on, the latest first.
_LONGEST_LIFETIMES = (
    (datetime(2029, 3, 15, tzinfo=UTC), 47),
    (datetime(2027, 3, 15, tzinfo=UTC), 100),
    (datetime(2026, 3, 15, tzinfo=UTC), 200),
    (datetime(2020, 9, 1, tzinfo=UTC), 398),
    (datetime(2018, 3, 1, tzinfo=UTC), 825),
)


def check_validity(
    leaf: LocatedCertificate, chain: Sequence[LocatedCertificate], *, at: datetime, expiry_days: int
) -> Iterator[Finding]:
    """
    Judge the dates of a leaf and its chain (RFC 5280, 4.1.2.5: both ends are included).

    Args:
        leaf: The certificate that IAM looks at.
        chain: What certifies it; clients look at that.
        at: The instant to judge at, with a time zone.
        expiry_days: A valid leaf that ends within so many days is reported; 0 for none.
    """
    certificate = leaf.certificate
    if at > certificate.not_valid_after_utc:
        yield CERTIFICATE_EXPIRED.finding(
            leaf.subject,
            f"{name_of(certificate)} expired on {timestamp(certificate.not_valid_after_utc)};"
            " IAM takes valid certificates only.",
        )
    if at < certificate.not_valid_before_utc:
        yield CERTIFICATE_NOT_YET_VALID.finding(
            leaf.subject,
            f"{name_of(certificate)} is not valid before"
            f" {timestamp(certificate.not_valid_before_utc)}; IAM takes valid certificates only.",
        )
    # In floating point, for any number of days: a timedelta holds less than an int.
    days_left = (certificate.not_valid_after_utc - at) / _DAY
    if certificate.not_valid_before_utc <= at and 0 <= days_left < expiry_days:
        yield EXPIRES_SOON.finding(
            leaf.subject,
            f"{name_of(certificate)} ends on {timestamp(certificate.not_valid_after_utc)},"
            f" {_in_days(int(days_left))}.",
        )
    for element in chain:
        certificate = element.certificate
        if not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
            yield CHAIN_ELEMENT_NOT_VALID.finding(
                element.subject,
                f"{name_of(certificate)} is valid from {timestamp(certificate.not_valid_before_utc)}"
                f" to {timestamp(certificate.not_valid_after_utc)} only; clients may refuse the chain.",
            )


def check_lifetime(leaf: LocatedCertificate, signatures: Signatures) -> Iterator[Finding]:
    """
    Judge how long a leaf lives: browsers have a limit.

    Args:
        leaf: The server's own certificate.
        signatures: What is known about who certified whom.
    """
    certificate = leaf.certificate
    limit = _longest_lifetime(certificate)
    lifetime = certificate.not_valid_after_utc - certificate.not_valid_before_utc + _SECOND
    days = -(-lifetime // _DAY)  # A day that has begun is a day.
    if limit is None or days <= limit or signatures.is_self_signed(certificate):
        return
    yield LIFETIME_TOO_LONG.finding(
        leaf.subject,
        f"{name_of(certificate)} lives for {days:,} days; browsers take at most {limit} of one that a"
        f" public authority issued on {certificate.not_valid_before_utc:%Y-%m-%d}.",
        f"Have one issued for at most {limit} days; if the authority is private,"
        f" acknowledge {LIFETIME_TOO_LONG.code}.",
    )


def _longest_lifetime(certificate: Certificate) -> int | None:
    begin = certificate.not_valid_before_utc
    return next((days for since, days in _LONGEST_LIFETIMES if begin >= since), None)


def _in_days(days: int) -> str:
    if days == 0:
        return "in less than a day"
    return "in 1 day" if days == 1 else f"in {days:,} days"
