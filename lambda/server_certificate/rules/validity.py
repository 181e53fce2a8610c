"""Rules about dates: whether a certificate and its chain are valid at a given time."""

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
    why="IAM accepts a certificate only while it is valid. A certificate is valid up to and"
    " including the second of its `notAfter`.",
    fix="Renew the certificate.",
    source=_VALID_AT_UPLOAD,
)
CERTIFICATE_NOT_YET_VALID = Rule(
    code="certificate-not-yet-valid",
    severity=Severity.ERROR,
    why="IAM accepts a certificate only while it is valid. For one that is not valid yet, it"
    " reports that it can't parse the certificate.",
    fix="Deploy after the `notBefore` date. If the certificate was issued just now, check that the"
    " clocks agree.",
    source=_VALID_AT_UPLOAD,
)
CHAIN_ELEMENT_NOT_VALID = Rule(
    code="chain-element-not-valid",
    severity=Severity.ERROR,
    why="Clients reject a chain whose intermediate certificate has expired or is not valid yet,"
    " unless they know another path to a root. IAM has not been observed to check the dates of a"
    " chain.",
    fix="Download the current chain from the certificate authority.",
    source="RFC 5280, 6.1.3 (a)(2)",
    acknowledged="The chain is uploaded unchanged.",
)
ROOT_NOT_VALID = Rule(
    code="root-not-valid",
    severity=Severity.WARNING,
    why="Clients use their own copy of a root, not the one in the chain. Most of them reject an"
    " expired root. Some, such as older Android versions, don't check its dates, and others know"
    " another path to a valid root. This is why an expired root is a warning, and an expired"
    " intermediate an error.",
    fix="Download the current chain from the certificate authority.",
    source="RFC 5280, 6.1.1 (d) and 6.1.3 (a)(2)",
    acknowledged="The chain is uploaded unchanged.",
)
EXPIRES_SOON = Rule(
    code="expires-soon",
    severity=Severity.WARNING,
    why="IAM doesn't renew certificates, and doesn't notify you before they expire.",
    fix="Renew the certificate, and deploy the new one before the old one expires.",
    source="IAM user guide, Manage server certificates in IAM",
    acknowledged="The certificate is uploaded, and is served until it expires.",
)
LIFETIME_TOO_LONG = Rule(
    code="lifetime-too-long",
    severity=Severity.WARNING,
    why="The CA/Browser Forum limits how long certificates of public certificate authorities can be"
    " valid. Browsers can reject longer lifetimes, and those of Apple and Chrome do. The limit"
    " depends on the first day of validity: 825 days from 2018-03-01, 398 days from 2020-09-01, 200"
    " days from 2026-03-15, 100 days from 2027-03-15, and 47 days from 2029-03-15. A day has 86,400"
    " seconds, and both ends of the validity period count. Apple applies the limit of 825 days to"
    " private certificate authorities, too. Self-signed certificates are not checked.",
    fix="Request a certificate with a shorter lifetime.",
    source="CA/Browser Forum Baseline Requirements, 6.3.2, with ballot SC-081v3; Apple support, HT211025"
    " and HT210176; Chrome Root Program Policy; RFC 5280, 4.1.2.5",
    acknowledged="The certificate is uploaded unchanged. Acknowledge the finding if a private"
    " certificate authority issued it and your clients have no such limit.",
)
RULES = (
    CERTIFICATE_EXPIRED,
    CERTIFICATE_NOT_YET_VALID,
    CHAIN_ELEMENT_NOT_VALID,
    ROOT_NOT_VALID,
    EXPIRES_SOON,
    LIFETIME_TOO_LONG,
)

TIME_DEPENDENT_CODES = frozenset(
    rule.code for rule in (CERTIFICATE_EXPIRED, CERTIFICATE_NOT_YET_VALID, CHAIN_ELEMENT_NOT_VALID)
)
"""
Codes of errors that a deployed certificate can develop over time.

They stop an upload and nothing else. It must still be possible to synthesize, renew and destroy the
stack.
"""

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)

# The number of days allowed from each date of issuance, latest first.
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
    Check the validity period of a leaf (RFC 5280, 4.1.2.5: both ends are included).

    Args:
        leaf: The certificate that IAM checks.
        at: The time to check at, with a time zone.
        expiry_days: Report a valid leaf that expires within this number of days; 0 to report none.
    """
    certificate = leaf.certificate
    if at > certificate.not_valid_after_utc:
        yield CERTIFICATE_EXPIRED.finding(
            leaf.subject,
            f"{name_of(certificate)} expired on {timestamp(certificate.not_valid_after_utc)}; IAM"
            " only accepts valid certificates.",
        )
    if at < certificate.not_valid_before_utc:
        yield CERTIFICATE_NOT_YET_VALID.finding(
            leaf.subject,
            f"{name_of(certificate)} is not valid before"
            f" {timestamp(certificate.not_valid_before_utc)}; IAM only accepts valid certificates.",
        )
    # A float, because a timedelta can't hold every number of days that an int can.
    days_left = (certificate.not_valid_after_utc - at) / _DAY
    if certificate.not_valid_before_utc <= at and 0 <= days_left < expiry_days:
        yield EXPIRES_SOON.finding(
            leaf.subject,
            f"{name_of(certificate)} expires on {timestamp(certificate.not_valid_after_utc)},"
            f" {_in_days(int(days_left))}.",
        )


def check_chain_validity(
    chain: Sequence[LocatedCertificate], signatures: Signatures, *, at: datetime
) -> Iterator[Finding]:
    """
    Check the validity periods of a chain.

    Args:
        chain: The chain of the leaf, which clients check.
        signatures: Verifies who signed which certificate.
        at: The time to check at, with a time zone.
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
        may = "may reject" if is_root else "reject"
        yield rule.finding(
            element.subject, f"{name_of(certificate)} {what}; clients {may} the chain."
        )


def check_lifetime(leaf: LocatedCertificate, signatures: Signatures) -> Iterator[Finding]:
    """
    Check the lifetime of a leaf, which certificate authorities and browsers limit.

    Args:
        leaf: The server's own certificate.
        signatures: Verifies who signed which certificate.
    """
    certificate = leaf.certificate
    limit = _longest_lifetime(certificate)
    lifetime = certificate.not_valid_after_utc - certificate.not_valid_before_utc + _SECOND
    days = -(-lifetime // _DAY)  # Round up: a partial day counts as a day.
    if limit is None or days <= limit or signatures.is_self_signed(certificate):
        return
    yield LIFETIME_TOO_LONG.finding(
        leaf.subject,
        f"{name_of(certificate)} is valid for {days:,} days. For a certificate that begins on"
        f" {certificate.not_valid_before_utc:%Y-%m-%d}, public certificate authorities may not"
        f" exceed {limit} days, and browsers may reject it.",
        f"Request a certificate that is valid for at most {limit} days. If a private certificate"
        f" authority issued it, acknowledge {LIFETIME_TOO_LONG.code}.",
    )


def _longest_lifetime(certificate: Certificate) -> int | None:
    begin = certificate.not_valid_before_utc
    return next((days for since, days in _LONGEST_LIFETIMES if begin >= since), None)


def _in_days(days: int) -> str:
    if days == 0:
        return "in less than a day"
    return "in 1 day" if days == 1 else f"in {days:,} days"
