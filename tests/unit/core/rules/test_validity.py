"""Rules about dates, on both sides of every limit."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from dev.certificates.authority import DAY, NAME, NOW, SECOND, Authority, Fault, Issued, self_signed
from server_certificate.certificates.signatures import Signatures
from server_certificate.findings import Finding, Severity
from server_certificate.rules.validity import check_chain_validity, check_lifetime, check_validity
from support.certificates import chain_of, leaf_of
from support.findings import codes, only

ROOT = Authority.root("Root")
OLD_ROOT = Authority.root("Old", not_before=NOW - 900 * DAY)
MICROSECOND = timedelta(microseconds=1)


def validity(leaf: Issued, at: datetime = NOW, expiry_days: int = 0) -> tuple[Finding, ...]:
    """Check the dates of a leaf and its chain."""
    return (
        *check_validity(leaf_of(leaf), at=at, expiry_days=expiry_days),
        *check_chain_validity(chain_of(leaf), Signatures(), at=at),
    )


def lifetime(leaf: Issued) -> tuple[Finding, ...]:
    """Check the lifetime of a leaf."""
    return tuple(check_lifetime(leaf_of(leaf), Signatures()))


@pytest.mark.parametrize(
    ("offset", "found"),
    [
        (-SECOND, []),
        (timedelta(0), []),
        (MICROSECOND, ["certificate-expired"]),
        (SECOND, ["certificate-expired"]),
    ],
)
def test_last_second(offset: timedelta, found: list[str]) -> None:
    """A certificate is valid through the second of its notAfter."""
    leaf = ROOT.leaf(not_after=NOW)
    assert codes(validity(leaf, NOW + offset)) == found


@pytest.mark.parametrize(
    ("offset", "found"),
    [
        (-SECOND, ["certificate-not-yet-valid"]),
        (-MICROSECOND, ["certificate-not-yet-valid"]),
        (timedelta(0), []),
        (SECOND, []),
    ],
)
def test_first_second(offset: timedelta, found: list[str]) -> None:
    """A certificate is valid from the second of its notBefore on."""
    leaf = ROOT.leaf(not_before=NOW)
    assert codes(validity(leaf, NOW + offset, 30)) == found


def test_expiry_names_certificate_and_date() -> None:
    """The sentence says which certificate, and since when."""
    assert str(only(validity(ROOT.leaf(not_after=NOW), NOW + DAY))) == (
        "certificate: 'CN=www.example.com' expired on 2030-06-15T12:00:00Z; IAM only accepts valid"
        " certificates. Renew the certificate."
    )


def test_a_begin_in_the_future_names_certificate_and_date() -> None:
    """The sentence says which certificate, and from when on it will do."""
    assert str(only(validity(ROOT.leaf(not_before=NOW), NOW - DAY))) == (
        "certificate: 'CN=www.example.com' is not valid before 2030-06-15T12:00:00Z; IAM only"
        " accepts valid certificates. Deploy after the notBefore date. If the certificate was"
        " issued just now, check that the clocks agree."
    )


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (Fault.EXPIRED, "expired on 2030-06-15T11:59:59Z"),
        (Fault.NOT_YET_VALID, "is not valid before 2030-06-15T12:00:01Z"),
    ],
)
def test_intermediates_that_are_not_valid(fault: Fault, words: str) -> None:
    """Every client refuses an intermediate that is not valid: an error."""
    leaf = ROOT.intermediate("Issuer", fault=fault).leaf()
    found = only(validity(leaf))
    assert (found.code, found.subject) == ("chain-element-not-valid", "chain[0]")
    assert found.severity is Severity.ERROR
    assert found.message == f"'CN=Issuer' {words}; clients reject the chain."


@pytest.mark.parametrize("fault", [Fault.EXPIRED, Fault.NOT_YET_VALID])
def test_roots_that_are_not_valid(fault: Fault) -> None:
    """Clients use their own copy of a root, or know another way: a warning."""
    found = only(validity(Authority.root("Root", fault=fault).intermediate().leaf()))
    assert (found.code, found.subject) == ("root-not-valid", "chain[1]")
    assert found.severity is Severity.WARNING
    assert found.message.endswith("; clients may reject the chain.")


@pytest.mark.parametrize(
    ("offset", "found"),
    [(timedelta(0), []), (SECOND, ["chain-element-not-valid"])],
)
def test_last_second_of_a_chain_element(offset: timedelta, found: list[str]) -> None:
    """The same limits hold for elements of the chain."""
    leaf = ROOT.intermediate(not_after=NOW).leaf()
    assert codes(validity(leaf, NOW + offset)) == found


@pytest.mark.parametrize(
    ("offset", "found"),
    [(timedelta(0), []), (-SECOND, ["chain-element-not-valid"])],
)
def test_first_second_of_a_chain_element(offset: timedelta, found: list[str]) -> None:
    """A chain element is valid from the second of its notBefore on, too."""
    leaf = ROOT.intermediate(not_before=NOW).leaf(not_before=NOW - DAY)
    assert codes(validity(leaf, NOW + offset)) == found


@pytest.mark.parametrize(
    ("days", "left", "found"),
    [
        (30, 30 * DAY, []),
        (30, 30 * DAY - MICROSECOND, ["expires-soon"]),
        (30, timedelta(0), ["expires-soon"]),
        (30, -SECOND, ["certificate-expired"]),
        (1, DAY, []),
        (1, DAY - SECOND, ["expires-soon"]),
        (0, timedelta(0), []),
        (10**12, 45 * DAY, ["expires-soon"]),
    ],
)
def test_end_within_days(days: int, left: timedelta, found: list[str]) -> None:
    """A valid leaf is reported if fewer days than the limit are left, and never if it is 0."""
    leaf = OLD_ROOT.leaf(not_before=NOW - 90 * DAY, not_after=NOW)
    assert codes(validity(leaf, NOW - left, days)) == found


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (29 * DAY + 23 * timedelta(hours=1), "in 29 days"),
        (2 * DAY, "in 2 days"),
        (2 * DAY - SECOND, "in 1 day"),
        (DAY - SECOND, "in less than a day"),
    ],
)
def test_days_that_are_left(left: timedelta, words: str) -> None:
    """The sentence says when the certificate ends, and how many whole days are left."""
    leaf = OLD_ROOT.leaf(not_before=NOW - 90 * DAY, not_after=NOW)
    found = only(validity(leaf, NOW - left, 30))
    assert found.severity is Severity.WARNING
    assert found.message == f"'CN=www.example.com' expires on 2030-06-15T12:00:00Z, {words}."


def test_a_short_life_ends_soon_from_its_first_second() -> None:
    """A valid leaf that ends soon is reported; one that isn't valid yet has another finding."""
    leaf = ROOT.leaf(not_before=NOW, not_after=NOW + DAY)
    assert codes(validity(leaf, NOW, 30)) == ["expires-soon"]
    assert codes(validity(leaf, NOW - SECOND, 30)) == ["certificate-not-yet-valid"]


def test_a_leaf_without_a_subject_is_called_by_its_first_name() -> None:
    """Modern certificates may have no subject, so the message uses the first DNS name."""
    found = only(validity(ROOT.leaf(common_name="", not_after=NOW), NOW + DAY))
    assert found.message.startswith(f"'{NAME}' expired")


def test_the_zone_does_not_matter() -> None:
    """The time zone of a date doesn't affect the result."""
    zone = timezone(timedelta(hours=-11))
    leaf = ROOT.leaf(not_after=NOW)
    assert validity(leaf, NOW.astimezone(zone)) == ()
    assert codes(validity(leaf, (NOW + SECOND).astimezone(zone))) == ["certificate-expired"]


def _day(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, tzinfo=UTC)


@pytest.mark.parametrize(
    ("begin", "days"),
    [
        (_day(2018, 3, 1), 825),
        (_day(2020, 9, 1) - SECOND, 825),
        (_day(2020, 9, 1), 398),
        (_day(2026, 3, 15) - SECOND, 398),
        (_day(2026, 3, 15), 200),
        (_day(2027, 3, 15) - SECOND, 200),
        (_day(2027, 3, 15), 100),
        (_day(2029, 3, 15) - SECOND, 100),
        (_day(2029, 3, 15), 47),
        (_day(2049, 1, 1), 47),
    ],
)
def test_longest_lifetimes(begin: datetime, days: int) -> None:
    """Later certificates have a shorter maximum lifetime, to the second."""
    longest = ROOT.leaf(not_before=begin, not_after=begin + days * DAY - SECOND)
    assert lifetime(longest) == ()
    found = only(lifetime(ROOT.leaf(not_before=begin, not_after=begin + days * DAY)))
    assert (found.code, found.subject) == ("lifetime-too-long", "certificate")
    assert found.severity is Severity.WARNING
    assert f"is valid for {days + 1} days. For a certificate that begins on" in found.message
    assert f" may not exceed {days} days, and browsers may reject it." in found.message
    assert found.fix.startswith(f"Request a certificate that is valid for at most {days} days.")


def test_a_lifetime_is_reported_in_started_days() -> None:
    """The sentence says the days, the limit, and from when on that holds."""
    leaf = ROOT.leaf(not_before=_day(2027, 1, 1), not_after=_day(2037, 1, 1))
    assert str(only(lifetime(leaf))) == (
        "certificate: 'CN=www.example.com' is valid for 3,654 days. For a certificate that begins"
        " on 2027-01-01, public certificate authorities may not exceed 200 days, and browsers may"
        " reject it. Request a certificate that is valid for at most 200 days. If a private"
        " certificate authority issued it, acknowledge lifetime-too-long."
    )


def test_lifetimes_without_a_limit() -> None:
    """Certificates from before the limit, and self-signed ones, have no maximum lifetime."""
    assert lifetime(ROOT.leaf(not_before=_day(2018, 3, 1) - SECOND)) == ()
    assert lifetime(self_signed(not_after=_day(9999, 12, 31))) == ()
    assert codes(lifetime(ROOT.leaf(not_after=_day(9999, 12, 31)))) == ["lifetime-too-long"]


def test_a_leaf_of_default_has_nothing_to_say() -> None:
    """The default leaf of other tests has no findings about its dates."""
    leaf = ROOT.intermediate().leaf()
    assert validity(leaf, NOW, 30) == lifetime(leaf) == ()
