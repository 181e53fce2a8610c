"""Rules about dates and sizes, on both sides of every limit."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from server_certificate import checks
from server_certificate.assessment import assess
from server_certificate.elements import Element
from server_certificate.findings import Finding, Severity
from server_certificate.material import PublicMaterial
from support.certificates import DAY, NAME, NOW, SECOND, Authority, Fault, Issued
from support.findings import codes, only

ROOT = Authority.root("Root")


def validity(leaf: Issued, at: datetime) -> tuple[Finding, ...]:
    """Judge the dates of a leaf and its chain."""
    chain = [Element(element, f"chain[{index}]") for index, element in enumerate(leaf.chain())]
    return tuple(checks.check_validity(Element(leaf.certificate, "certificate"), chain, at=at))


@pytest.mark.parametrize(
    ("offset", "found"),
    [
        (-SECOND, []),
        (timedelta(0), []),
        (timedelta(microseconds=1), ["certificate-expired"]),
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
        (timedelta(microseconds=-1), ["certificate-not-yet-valid"]),
        (timedelta(0), []),
        (SECOND, []),
    ],
)
def test_first_second(offset: timedelta, found: list[str]) -> None:
    """A certificate is valid from the second of its notBefore on."""
    leaf = ROOT.leaf(not_before=NOW)
    assert codes(validity(leaf, NOW + offset)) == found


def test_expiry_names_certificate_and_date() -> None:
    """The sentence says which certificate, and since when."""
    assert str(only(validity(ROOT.leaf(not_after=NOW), NOW + DAY))) == (
        "certificate: 'CN=www.example.com' expired on 2030-06-15T12:00:00Z;"
        " IAM takes valid certificates only. Renew it."
    )


@pytest.mark.parametrize("fault", [Fault.EXPIRED, Fault.NOT_YET_VALID])
def test_chain_elements_that_are_not_valid(fault: Fault) -> None:
    """IAM does not look at the dates of a chain, clients do: a warning."""
    leaf = ROOT.intermediate("Issuer", fault=fault).leaf()
    found = only(validity(leaf, NOW))
    assert (found.code, found.subject) == ("chain-element-not-valid", "chain[0]")
    assert found.severity is Severity.WARNING
    assert "'CN=Issuer' is valid from " in found.message
    judged = assess(certificate=leaf.pem, chain=leaf.chain_pem(), at=NOW)
    assert judged.accepted


@pytest.mark.parametrize(
    ("offset", "found"),
    [(timedelta(0), []), (SECOND, ["chain-element-not-valid"])],
)
def test_last_second_of_a_chain_element(offset: timedelta, found: list[str]) -> None:
    """The same limits hold for elements of the chain."""
    leaf = ROOT.intermediate(not_after=NOW).leaf()
    assert codes(validity(leaf, NOW + offset)) == found


def _with_names(count: int) -> Issued:
    return ROOT.leaf(*(f"{number:04}.example.com" for number in range(count)))


def test_size_of_a_leaf() -> None:
    """A leaf is taken up to IAM's limit, and one with more names than fit is refused."""
    fits, too_large = _with_names(600), _with_names(700)
    assert len(fits.pem) <= checks.MAX_CERTIFICATE_CHARACTERS < len(too_large.pem)
    assert tuple(checks.check_sizes(PublicMaterial(fits.certificate, ()))) == ()
    found = only(checks.check_sizes(PublicMaterial(too_large.certificate, ())))
    assert (found.code, found.subject) == ("too-large", "certificate")
    assert found.message == f"it has {len(too_large.pem):,} characters in PEM; IAM takes 16,384."


@pytest.mark.parametrize("excess", [0, 1])
@pytest.mark.parametrize("part", ["certificate", "chain"])
def test_sizes_at_the_limit(monkeypatch: pytest.MonkeyPatch, part: str, excess: int) -> None:
    """A text of exactly as many characters as IAM takes is taken, one more is not."""
    leaf = ROOT.leaf()
    monkeypatch.setattr(checks, "MAX_CERTIFICATE_CHARACTERS", len(leaf.pem))
    monkeypatch.setattr(checks, "MAX_CHAIN_CHARACTERS", len(ROOT.pem))
    limit = "MAX_CERTIFICATE_CHARACTERS" if part == "certificate" else "MAX_CHAIN_CHARACTERS"
    monkeypatch.setattr(checks, limit, getattr(checks, limit) - excess)
    found = checks.check_sizes(PublicMaterial(leaf.certificate, leaf.chain()))
    assert [finding.subject for finding in found] == [part] * excess


def test_limits_are_those_of_the_api() -> None:
    """The lengths are those of the API reference of UploadServerCertificate."""
    assert checks.MAX_CERTIFICATE_CHARACTERS == 16_384
    assert checks.MAX_CHAIN_CHARACTERS == 2_097_152


def test_a_leaf_without_a_subject_is_called_by_its_first_name() -> None:
    """Modern certificates have no subject; a sentence needs a name all the same."""
    found = only(validity(ROOT.leaf(common_name="", not_after=NOW), NOW + DAY))
    assert found.message.startswith(f"'{NAME}' expired")


def test_the_zone_does_not_matter() -> None:
    """An instant is an instant, in whatever zone it is given."""
    zone = timezone(timedelta(hours=-11))
    leaf = ROOT.leaf(not_after=NOW)
    assert validity(leaf, NOW.astimezone(zone)) == ()
    assert codes(validity(leaf, (NOW + SECOND).astimezone(zone))) == ["certificate-expired"]
