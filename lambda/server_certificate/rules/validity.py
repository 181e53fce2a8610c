"""Rules about dates: whether a certificate and its chain are valid at an instant."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from server_certificate.certificates.subject_names import name_of
from server_certificate.description import timestamp
from server_certificate.findings import Rule, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from server_certificate.certificates.certificate import Certificate
    from server_certificate.certificates.located_certificate import LocatedCertificate
    from server_certificate.certificates.signatures import Signatures
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
    severity=Severity.ERROR,
    why="Clients refuse a chain with an intermediate that has expired or is not yet valid, unless"
    " they find another way to a root. IAM has not been observed to check the dates of a chain.",
    fix="Get the current chain from the certificate authority.",
    source="RFC 5280, 6.1.3 (a)(2)",
    acknowledged="The chain is uploaded as it is.",
)
ROOT_NOT_VALID = Rule(
    code="root-not-valid",
    severity=Severity.WARNING,
    why="Clients use their own copy of a root, not the one in the chain. Most refuse a root that has"
    " expired, and some, such as older Android, do not check its dates; others know another way to a"
    " root that is valid. That is why this is a warning, and an error for an intermediate.",
    fix="Get the current chain from the certificate authority.",
    source="RFC 5280, 6.1.1 (d) and 6.1.3 (a)(2)",
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
    why="Public authorities may not issue certificates that are valid for longer than the CA/Browser"
    " Forum allows, and browsers may refuse them; those of Apple and Chrome do. The limit depends on"
    " the first day: 825 days from 2018-03-01, 398 days from 2020-09-01, 200 days from 2026-03-15,"
    " 100 days from 2027-03-15, and 47 days from 2029-03-15. A day has 86,400 seconds, and both ends"
    " of a validity belong to it. Apple applies the limit of 825 days to private authorities, too."
    " Self-signed certificates are not checked.",
    fix="Have the certificate issued for fewer days.",
    source="CA/Browser Forum Baseline Requirements, 6.3.2, with ballot SC-081v3; Apple support, HT211025"
    " and HT210176; Chrome Root Program Policy; RFC 5280, 4.1.2.5",
    acknowledged="The certificate is uploaded as it is. That is right for one of a private authority"
    " whose clients have no such limit.",
)
RULES = (
    CERTIFICATE_EXPIRED,
    CERTIFICATE_NOT_YET_VALID,
    CHAIN_ELEMENT_NOT_VALID,
    ROOT_NOT_VALID,
    EXPIRES_SOON,
    LIFETIME_TOO_LONG,
)

BROUGHT_BY_TIME = frozenset(
    rule.code for rule in (CERTIFICATE_EXPIRED, CERTIFICATE_NOT_YET_VALID, CHAIN_ELEMENT_NOT_VALID)
)
"""
Codes of errors that come with time, to a certificate that is deployed already.

They stop an upload, and nothing else: its stack must still be synthesised, renewed and destroyed.
"""

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
    leaf: LocatedCertificate, *, at: datetime, expiry_days: int
) -> Iterator[Finding]:
    """
    Check the dates of a leaf (RFC 5280, 4.1.2.5: both ends are included).

    Args:
        leaf: The certificate that IAM looks at.
        at: The instant to check at, with a time zone.
        expiry_days: A valid leaf that ends within this number of days is reported; 0 for none.
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


def check_chain_validity(
    chain: Sequence[LocatedCertificate], signatures: Signatures, *, at: datetime
) -> Iterator[Finding]:
    """
    Check the dates of a chain.

    Args:
        chain: What certifies a leaf; clients check that.
        signatures: What is known about who certified whom.
        at: The instant to check at, with a time zone.
    """
    for element in chain:
        certificate = element.certificate
        if at > certificate.not_valid_after_utc:
            what = f"expired on {timestamp(certificate.not_valid_after_utc)}"
        elif at < certificate.not_valid_before_utc:
            what = f"is not valid before {timestamp(certificate.not_valid_before_utc)}"
        else:
            continue
        is_root = element is chain[-1] and signatures.is_self_signed(certificate)
        rule = ROOT_NOT_VALID if is_root else CHAIN_ELEMENT_NOT_VALID
        may = "may refuse" if is_root else "refuse"
        yield rule.finding(
            element.subject, f"{name_of(certificate)} {what}; clients {may} the chain."
        )


def check_lifetime(leaf: LocatedCertificate, signatures: Signatures) -> Iterator[Finding]:
    """
    Check how long a leaf is valid: authorities and browsers have a limit.

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
        f"{name_of(certificate)} is valid for {days:,} days; public authorities may issue one that"
        f" begins on {certificate.not_valid_before_utc:%Y-%m-%d} for at most {limit} days, and"
        " browsers may refuse it.",
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
